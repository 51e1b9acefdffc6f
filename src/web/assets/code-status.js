// The line below a code field: what was found or is wrong, which is read out, and buttons for those who have no keys.

import { button } from "./elements.js";

/** The status line of one field. */
export class StatusBar {
  #text = document.createElement("p");
  #problem;

  /** Puts the line after the element `place`. `find` and `problem` are called by its buttons. */
  constructor(place, { find, problem }) {
    this.#text.setAttribute("role", "status");
    this.#problem = keyed("Next problem", "F8", problem);
    this.#problem.hidden = true;
    const bar = document.createElement("div");
    bar.className = "code-bar";
    bar.append(this.#text, this.#problem, keyed("Find", "Control+F", find));
    place.after(bar);
  }

  /** Shows a text. Screen readers read it out. */
  say(text) { this.#text.textContent = text; }

  /** Says how many problems are marked. */
  count(problems) {
    this.#problem.hidden = problems === 0;
    this.#problem.textContent = problems > 1 ? `Next of ${problems} problems` : "Show the problem";
    this.say("");
  }
}

function keyed(label, keys, act) {
  const element = button(label, act);
  element.title = keys.replace("Control", "Ctrl");
  element.setAttribute("aria-keyshortcuts", keys);
  return element;
}
