// The panel to find, to replace and to go to a line, beside a code field.

import {
  MOST_FOUND, findAll, firstEndingAfter, nextMatch, previousMatch, readQuery, replaced, replacedAll,
} from "./code-find.js";
import { button } from "./elements.js";

/** The panel of one field. It is made when it is first opened. */
export class FindPanel {
  #field;
  #place;
  #name;
  #element = null;
  #inputs = {};
  #state = document.createElement("p");
  #query = {};
  #found = [];
  #current = -1; // the match that was gone to, or -1

  /**
   * `field` is what the panel works on: `value`, `selection` [start, end], `select(from, to)`, `replace(edit)`, `goTo(line,
   * column)`, `focus()` and `redraw()`. The panel is put before the element `place`; `name` says of which field it is.
   */
  constructor(field, place, name) {
    this.#field = field;
    this.#place = place;
    this.#name = name;
  }

  get #isOpen() { return this.#element !== null && !this.#element.hidden; }

  /** The matches between two offsets, as [from, to, whether it is the current one]. */
  matchesIn(from, to) {
    if (!this.#isOpen) return [];
    const shown = [];
    for (let index = firstEndingAfter(this.#found, from); this.#found[index]?.[0] < to; index += 1) {
      shown.push([...this.#found[index], index === this.#current]);
    }
    return shown;
  }

  /** Opens the panel, and takes what is selected in one line for what is looked for. `which` is the input to begin in. */
  open(which = "wanted") {
    this.#element ??= this.#build();
    const [start, end] = this.#field.selection;
    const selected = this.#field.value.slice(start, end);
    if (which === "wanted" && selected && !selected.includes("\n")) this.#inputs.wanted.value = selected;
    this.#element.hidden = false;
    this.look();
    this.#inputs[which].focus();
    this.#inputs[which].select();
  }

  /** Looks again, since the text or the query has changed. */
  look() {
    if (!this.#isOpen) return;
    const { wanted, matchCase, wholeWord, isPattern } = this.#inputs;
    this.#query = readQuery({
      wanted: wanted.value, matchCase: matchCase.checked, wholeWord: wholeWord.checked, isPattern: isPattern.checked,
    });
    this.#found = this.#query.pattern ? findAll(this.#field.value, this.#query.pattern) : [];
    const [start, end] = this.#field.selection;
    this.#current = this.#found.findIndex(([from, to]) => from === start && to === end);
    wanted.setAttribute("aria-invalid", String(Boolean(this.#query.problem)));
    this.#say(this.#query.problem ?? this.#count());
    this.#field.redraw();
  }

  /** Goes to the next match (1) or the one before (-1). Opens the panel if nothing is looked for yet. */
  go(by) {
    if (!this.#isOpen) this.open();
    if (this.#found.length === 0) return;
    const [start, end] = this.#field.selection;
    const isHere = this.#current >= 0;
    this.#show(by > 0 ? nextMatch(this.#found, isHere ? Math.max(end, start + 1) : start) : previousMatch(this.#found, start));
  }

  // As somebody types what is looked for, the first match from the cursor on is shown.
  #search() {
    this.look();
    if (this.#found.length > 0) this.#show(nextMatch(this.#found, this.#field.selection[0]));
  }

  close() {
    this.#element.hidden = true;
    this.#field.focus();
    this.#field.redraw();
  }

  #show(index) {
    const focused = document.activeElement;
    this.#current = index;
    this.#field.select(...this.#found[index]);
    if (document.activeElement !== focused) focused.focus(); // Safari moves the focus to what is selected
    this.#say(this.#count());
    this.#field.redraw();
  }

  #count() {
    const { length } = this.#found;
    if (!this.#query.pattern) return "";
    if (length === 0) return "Nothing found";
    const all = length === MOST_FOUND ? length + " or more" : length;
    return this.#current < 0 ? all + " found" : `${this.#current + 1} of ${all}`;
  }

  #replace() {
    if (this.#current < 0) return this.go(1);
    const [from, to] = this.#found[this.#current];
    const { by, isPattern } = this.#inputs;
    const text = replaced(this.#field.value, this.#query.pattern, [from, to], by.value, isPattern.checked);
    this.#field.replace({ from, to, text, select: [from + text.length, from + text.length] });
    if (this.#found.length > 0) this.#show(nextMatch(this.#found, from + text.length));
  }

  #replaceAll() {
    if (this.#found.length === 0) return;
    const { by, isPattern } = this.#inputs;
    const { value, selection } = this.#field;
    const changed = part => replacedAll(part, this.#query.pattern, by.value, isPattern.checked);
    const select = selection.map(at => changed(value.slice(0, at)).length); // about where it was
    this.#field.replace({ from: 0, to: value.length, text: changed(value), select });
    this.#say(value.match(this.#query.pattern).length + " replaced");
  }

  #goToLine() {
    const [line, column] = this.#inputs.line.value.split(/[:,]/).map(Number);
    if (!Number.isInteger(line) || line < 1) return this.#say("Type a line's number, or line:column.");
    this.close();
    this.#field.goTo(line, column || 1);
  }

  #say(text) { this.#state.textContent = text; }

  #pressed(event) {
    const { target, key, shiftKey } = event;
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (key === "Escape") this.close();
    else if (key === "F3" || (key === "Enter" && target === this.#inputs.wanted)) this.go(shiftKey ? -1 : 1);
    else if (key === "Enter" && target === this.#inputs.by) this.#replace();
    else if (key === "Enter" && target === this.#inputs.line) this.#goToLine();
    else if (key !== "Enter" || target.type === "button") return;
    // Enter in a text field would send the form around it.
    event.preventDefault();
    event.stopPropagation();
  }

  #build() {
    const element = made("div", { className: "code-find" });
    element.setAttribute("role", "search");
    element.setAttribute("aria-label", "Find and replace in " + this.#name);
    this.#state.setAttribute("role", "status");
    element.append(...this.#rows());
    element.addEventListener("keydown", event => this.#pressed(event));
    // What is typed here is no part of the files, of which the form keeps a draft.
    for (const type of ["input", "change"]) element.addEventListener(type, event => event.stopPropagation());
    this.#place.before(element);
    return element;
  }

  #rows() {
    const find = row(
      this.#input("wanted", "Find"), this.#box("matchCase", "Match case"), this.#box("wholeWord", "Whole word"),
      this.#box("isPattern", "Regular expression"),
      button("Previous", () => this.go(-1)), button("Next", () => this.go(1)), this.#state,
    );
    const replace = row(
      this.#input("by", "Replace by"), button("Replace", () => this.#replace()), button("Replace all", () => this.#replaceAll()),
    );
    const line = row(
      this.#input("line", "Go to line"), button("Go", () => this.#goToLine()), button("Close", () => this.close()),
    );
    return [find, replace, line];
  }

  // None of these has a name, so the form around them doesn't send them.
  #input(key, label) {
    const input = made("input", { type: "text", autocomplete: "off", spellcheck: false });
    if (key === "line") input.inputMode = "numeric";
    if (key === "wanted") input.addEventListener("input", () => this.#search());
    this.#inputs[key] = input;
    return labelled(label, input);
  }

  #box(key, label) {
    const box = made("input", { type: "checkbox" });
    box.addEventListener("change", () => this.#search());
    this.#inputs[key] = box;
    return labelled(box, label);
  }
}

const made = (tag, properties) => Object.assign(document.createElement(tag), properties);

const row = (...parts) => {
  const element = made("div", { className: "code-find-row" });
  element.append(...parts);
  return element;
};

const labelled = (...parts) => {
  const element = document.createElement("label");
  element.append(...parts);
  return element;
};
