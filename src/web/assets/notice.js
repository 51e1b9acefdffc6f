// Messages that scripts add to a page, such as why an answer was not saved and what to do about it.

import { button, paragraph } from "./elements.js";

/** A message at one place of a page. Screen readers read it out when it appears. */
export class Notice {
  #element;

  /** Puts the message before the element `place`. `kind` is "alert" or "note". */
  constructor(place, kind) {
    this.#element = document.createElement("div");
    this.#element.className = kind;
    this.#element.setAttribute("role", kind === "alert" ? "alert" : "status");
    this.#element.hidden = true;
    place.before(this.#element);
  }

  /** Shows a text with buttons ({ label, act }) and links ({ label, href }), which open a new tab. */
  show(text, actions = []) {
    if (!this.#element.hidden && this.#element.dataset.text === text) return;
    this.#element.dataset.text = text;
    this.#element.replaceChildren(paragraph(text));
    if (actions.length > 0) {
      const row = paragraph(...actions.map(made));
      row.className = "actions";
      this.#element.append(row);
    }
    this.#element.hidden = false;
  }

  hide() {
    this.#element.hidden = true;
  }
}

function made({ label, act, href }) {
  if (!href) return button(label, act);
  const link = document.createElement("a");
  link.textContent = label;
  link.href = href;
  link.target = "_blank";
  link.className = "button";
  return link;
}
