// The files in the editor and the choices of a diagnosis, as one value that can be compared, stored and restored.

import { codeField } from "./code.js";
import { dropOldHistories, keptHistory } from "./code-history.js";
import { browserStorage } from "./drafts.js";

/** Whether somebody has typed into a file: a new one that has neither a path nor a text is none. */
const isTyped = file => Boolean(file.path.trim() || file.text);

/** A text by which two states of the editor are compared. The order of the files makes no difference. */
export function written({ files, chosen }) {
  const typed = files.filter(isTyped).map(file => [file.path.trim(), file.text]);
  const key = ([path, text]) => path + "\n" + text; // no path has a line break
  typed.sort((one, other) => (key(one) < key(other) ? -1 : Number(key(one) > key(other))));
  return JSON.stringify([typed, [...chosen].sort()]);
}

/**
 * What to do with a draft when the editor is opened. `served` is what the server put into it and `now` is what it holds, both as
 * texts of `written`.
 * - "none": there is no draft, or it equals what is shown.
 * - "restore": the draft was begun from what is shown.
 * - "choose": something else is shown, such as a newer submission. The author has to decide.
 */
export function fateOfFiles(draft, served, now = served) {
  if (!Array.isArray(draft?.files) || written(complete(draft)) === now) return "none";
  return draft.begun === served && now === served ? "restore" : "choose";
}

const complete = draft => ({ files: draft.files, chosen: draft.chosen ?? [] });

/** The files of the editor's form. */
export class Files {
  #form;
  #list;
  #blank; // a copy of the empty "Add a file"
  #fields = new Map(); // from textarea to code field
  #ids = new Map(); // from path field to the id of its file, which stays when the path is changed
  #storage = browserStorage();

  constructor(form) {
    this.#form = form;
    this.#list = form.querySelector("#files");
    this.#blank = form.querySelector("#new-file").cloneNode(true);
    dropOldHistories(this.#storage);
    for (const area of form.querySelectorAll("textarea.code")) this.#addField(area);
  }

  /** The form's current content. */
  read() {
    const files = this.#paths().map(path => ({ id: this.#ids.get(path), ...fileIn(path) }));
    const chosen = this.#choices().filter(field => field.checked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** The content that the server put into the form; see `served` in fields.js. */
  served() {
    const files = this.#paths().map(path => ({ path: path.defaultValue, text: textOf(path).defaultValue }));
    const chosen = this.#choices().filter(field => field.defaultChecked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** Fills the form with a draft. A file that the draft does not have is left out if it was added, and stays as it is if not. */
  put(draft) {
    const { files, chosen } = complete(draft);
    const filled = new Set();
    for (const file of files.filter(isTyped)) {
      const path = this.#placeOf(file, filled) ?? this.free().querySelector("[name=path]");
      this.#fill(path, file);
      filled.add(path);
    }
    const left = this.#paths().filter(path => isAdded(path) && !filled.has(path) && isTyped(fileIn(path)));
    for (const path of left) this.takeOut(path.closest("details"));
    for (const field of this.#choices()) field.checked = chosen.includes(field.name + "=" + field.value);
    this.#fields.forEach(field => field.draw());
  }

  // Where a file of a draft goes. Drafts that were made before files had ids know them by their paths.
  #placeOf({ id, path }, filled) {
    const isIt = field => (id ? this.#ids.get(field) === id : path.trim() !== "" && field.value.trim() === path.trim());
    return this.#paths().find(field => !filled.has(field) && isIt(field)) ?? null;
  }

  #fill(field, { id, path, text }) {
    if (isAdded(field)) {
      field.value = path;
      this.#ids.set(field, id ?? newId());
      field.closest("details").open = true;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    textOf(field).value = text;
  }

  /** Takes the file in this `<details>` out of the form, with "file-out" fired there. */
  takeOut(file) {
    file.dispatchEvent(new CustomEvent("file-out", { bubbles: true }));
    file.remove();
  }

  /** Puts a file into the form again, as it was when it was taken out. */
  putBack(file) { this.#list.append(file); }

  /** The `<details>` of a new file that is still empty; makes one if there is none. */
  free() {
    const free = this.#paths().find(path => isAdded(path) && !isTyped(fileIn(path)));
    if (free) return free.closest("details");
    const more = this.#blank.cloneNode(true);
    more.removeAttribute("id");
    this.#list.append(more);
    this.#addField(more.querySelector("textarea.code"));
    return more;
  }

  /** The path field of the first file that has text but no path; null if there is none. */
  nameless() { return this.#paths().find(path => !path.value.trim() && textOf(path).value) ?? null; }

  /** Marks problems, a Map from path to problems, and takes away all earlier marks. */
  mark(problems) {
    for (const path of this.#paths()) this.#field(path).mark(problems.get(path.value.trim()) ?? []);
  }

  /** The text of the file at this path; null if there is no such file. */
  text(path) {
    const field = this.#named(path);
    return field ? textOf(field).value : null;
  }

  /** Moves the cursor to a place in a file, whose `<details>` is opened. */
  goTo(path, line, column) {
    const field = this.#named(path);
    if (field) this.#field(field).goTo(line, column);
  }

  #named(path) { return this.#paths().find(field => field.value.trim() === path.trim()); }

  #field(path) { return this.#fields.get(textOf(path)); }

  #paths() { return [...this.#form.querySelectorAll("[name=path]")]; }

  #choices() { return [...this.#form.querySelectorAll("#diagnosis input")]; }

  #addField(area) {
    const { owner, exercise, attempt = "" } = this.#form.dataset;
    const path = area.closest("details").querySelector("[name=path]");
    this.#ids.set(path, this.#idOf(path.defaultValue.trim()));
    this.#fields.set(area, codeField(area, {
      path: () => path.value.trim(),
      kept: () => keptHistory(this.#storage, owner, exercise, attempt, encodeURIComponent(this.#ids.get(path))),
    }));
  }

  // What the server has put into the form is known by its path, and any other file by an id of its own.
  #idOf(path) { return path === "" || [...this.#ids.values()].includes(path) ? newId() : path; }
}

const fileIn = path => ({ path: path.value, text: textOf(path).value });

// The path of a file that somebody added can be changed.
const isAdded = path => path.type !== "hidden";

const textOf = path => path.closest("details").querySelector("[name=text]");

// No path begins so.
const newId = () => "/new/" + crypto.getRandomValues(new Uint32Array(2)).join("-");
