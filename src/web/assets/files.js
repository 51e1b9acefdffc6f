// The files in the editor and the choices of a diagnosis, as one value that can be compared, kept and put back.

import { codeField } from "./code.js";

/** What two states of the editor are compared by. Files stand in the order of their paths; one without a path is none. */
export function written({ files, chosen }) {
  const named = files.filter(file => file.path.trim()).map(file => [file.path.trim(), file.text]);
  named.sort(([one], [other]) => (one < other ? -1 : Number(one > other)));
  return JSON.stringify([named, [...chosen].sort()]);
}

/**
 * What to do with a draft when the editor is opened. `served` is what the server put into it and `now` what it holds, both as
 * `written` gives them.
 * - "none": there is no draft, or it says what is shown.
 * - "restore": it was begun from what is shown.
 * - "choose": what is shown is something else, such as a newer submission: a person has to say which one counts.
 */
export function fateOfFiles(draft, served, now = served) {
  if (!Array.isArray(draft?.files) || written(complete(draft)) === now) return "none";
  return draft.begun === served && now === served ? "restore" : "choose";
}

const complete = draft => ({ files: draft.files, chosen: draft.chosen ?? [] });

/** The files of the editor's form. */
export class Files {
  #form;
  #blank; // an empty "add a file", to make more of
  #draw = [];

  constructor(form) {
    this.#form = form;
    this.#blank = form.querySelector("#new-file").cloneNode(true);
    for (const area of form.querySelectorAll("textarea.code")) this.#draw.push(codeField(area));
  }

  /** What is in the form now. */
  read() {
    const files = this.#paths().map(path => ({ path: path.value, text: textOf(path).value }));
    const chosen = this.#choices().filter(field => field.checked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** What the server put into the form; see `served` in fields.js. */
  served() {
    const files = this.#paths().map(path => ({ path: path.defaultValue, text: textOf(path).defaultValue }));
    const chosen = this.#choices().filter(field => field.defaultChecked).map(field => field.name + "=" + field.value);
    return { files, chosen };
  }

  /** Fills the form with a draft. Files that it does not have stay as they are. */
  put(draft) {
    const { files, chosen } = complete(draft);
    for (const { path, text } of files) {
      if (!path.trim() && !text) continue;
      const field = this.#paths().find(field => field.value.trim() === path.trim()) ?? this.#free();
      field.value = path;
      textOf(field).value = text;
      if (field.type !== "hidden") field.closest("details").open = true;
    }
    for (const field of this.#choices()) field.checked = chosen.includes(field.name + "=" + field.value);
    this.#draw.forEach(draw => draw());
  }

  #paths() { return [...this.#form.querySelectorAll("[name=path]")]; }

  #choices() { return [...this.#form.querySelectorAll("#diagnosis input")]; }

  // The path of a file that nothing was written into yet.
  #free() {
    const free = this.#paths().find(path => !path.value.trim() && !textOf(path).value);
    if (free) return free;
    const more = this.#blank.cloneNode(true);
    more.removeAttribute("id");
    this.#paths().at(-1).closest("details").after(more);
    this.#draw.push(codeField(more.querySelector("textarea.code")));
    return more.querySelector("[name=path]");
  }
}

const textOf = path => path.closest("details").querySelector("[name=text]");
