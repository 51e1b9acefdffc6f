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
  #blank; // a copy of the empty "Add a file"
  #fields = new Map(); // from textarea to code field
  #storage = browserStorage();

  constructor(form) {
    this.#form = form;
    this.#blank = form.querySelector("#new-file").cloneNode(true);
    dropOldHistories(this.#storage);
    for (const area of form.querySelectorAll("textarea.code")) this.#addField(area);
  }

  /** The form's current content. */
  read() {
    const files = this.#paths().map(path => ({ path: path.value, text: textOf(path).value }));
    const chosen = this.#choices().filter(field => field.checked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** The content that the server put into the form; see `served` in fields.js. */
  served() {
    const files = this.#paths().map(path => ({ path: path.defaultValue, text: textOf(path).defaultValue }));
    const chosen = this.#choices().filter(field => field.defaultChecked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** Fills the form with a draft. Files that the draft does not have stay as they are. */
  put(draft) {
    const { files, chosen } = complete(draft);
    for (const { path, text } of files) {
      if (!path.trim() && !text) continue;
      const field = this.#named(path) ?? this.free().querySelector("[name=path]");
      field.value = path;
      textOf(field).value = text;
      if (field.type === "hidden") continue;
      field.closest("details").open = true;
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
    for (const field of this.#choices()) field.checked = chosen.includes(field.name + "=" + field.value);
    this.#fields.forEach(field => field.draw());
  }

  /** The `<details>` of a new file that is still empty; makes one if there is none. */
  free() {
    const free = this.#paths().find(path => !path.value.trim() && !textOf(path).value);
    if (free) return free.closest("details");
    const more = this.#blank.cloneNode(true);
    more.removeAttribute("id");
    this.#paths().at(-1).closest("details").after(more);
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
    return field && textOf(field).value;
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
    this.#fields.set(area, codeField(area, {
      path: () => area.closest("details").querySelector("[name=path]").value.trim(),
      kept: path => keptHistory(this.#storage, owner, exercise, attempt, encodeURIComponent(path)),
    }));
  }
}

const textOf = path => path.closest("details").querySelector("[name=text]");
