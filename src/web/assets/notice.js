// Messages that scripts add to a page, such as why an answer was not saved and what to do about it.

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
    const line = document.createElement("p");
    line.textContent = text;
    this.#element.replaceChildren(line);
    if (actions.length > 0) {
      const row = document.createElement("p");
      row.className = "actions";
      row.append(...actions.map(made));
      this.#element.append(row);
    }
    this.#element.hidden = false;
  }

  hide() {
    this.#element.hidden = true;
  }
}

function made({ label, act, href }) {
  const element = document.createElement(href ? "a" : "button");
  element.textContent = label;
  if (href) {
    element.href = href;
    element.target = "_blank";
    element.className = "button";
  } else {
    element.type = "button";
    element.addEventListener("click", act);
  }
  return element;
}
