// The files of the editor as tabs: one is shown at a time. Without this script they stand below each other. A file that was added
// can be removed; without this script, by emptying its path and its text.

import { button } from "./elements.js";
import { Notice } from "./notice.js";
import { Tabs } from "./workbench-tabs.js";

/** The tabs over the files of a form. */
export class FileTabs {
  #list;
  #files;
  #tabs = new Tabs("Files", (panel, on) => this.#show(panel.closest("details"), on));
  #buttons = new Map(); // from <details> to the button of its tab
  #count = 0; // tabs that were made
  #form;
  #remover = button("Remove this file", () => this.#remove());
  #removed = []; // the <details> that were removed and can be put back
  #said;

  /** `files` is the form's `Files`. */
  constructor(form, files) {
    this.#form = form;
    this.#files = files;
    this.#list = form.querySelector("#files");
    const all = [...this.#list.querySelectorAll(":scope > details")];
    for (const file of all) if (file.id !== "new-file") this.#add(file);
    this.#list.classList.add("tabbed");
    this.#list.before(this.#row());
    this.#said = new Notice(this.#list, "note");
    form.addEventListener("input", event => this.#renamed(event.target));
    form.addEventListener("change", event => this.#renamed(event.target));
    this.#list.addEventListener("file-out", ({ target }) => this.#drop(target));
    // Whatever opens a file, such as a place in a message, shows it.
    const shown = ({ target }) => { if (target.open && panelOf(target)) this.open(target); };
    this.#list.addEventListener("toggle", shown, { capture: true });
    // What the server has refused is shown first.
    this.open(this.#list.querySelector("[name=path][aria-invalid=true]")?.closest("details") ?? all[0]);
  }

  /** Shows the file in this `<details>`. */
  open(file) {
    const panel = panelOf(file);
    if (!this.#buttons.has(file)) this.#add(file);
    if (this.#tabs.selected !== panel) this.#tabs.select(panel);
  }

  #row() {
    const row = document.createElement("div");
    row.className = "file-tabs";
    const more = button("Add a file", () => {
      const file = this.#files.free();
      this.open(file);
      pathOf(file).focus();
    });
    for (const one of [this.#remover, more]) one.className = "quiet";
    row.append(this.#tabs.element, document.querySelector(".files-origin"), this.#remover, more);
    return row;
  }

  #show(file, on) {
    file.open = on;
    if (on) this.#remover.hidden = !pathOf(file);
  }

  #add(file) {
    const panel = panelOf(file);
    panel.id ||= "file-panel-" + this.#count++;
    this.#buttons.set(file, this.#tabs.add(labelOf(file), panel));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", panel.id + "-tab");
  }

  #remove() {
    const file = this.#tabs.selected.closest("details");
    const isEmpty = !pathOf(file).value.trim() && !file.querySelector("[name=text]").value;
    this.#files.takeOut(file);
    this.#tabs.focus();
    if (isEmpty) return;
    this.#removed.push(file);
    this.#tell();
  }

  #undo() {
    const file = this.#removed.pop();
    this.#files.putBack(file);
    this.open(file);
    pathOf(file).focus();
    this.#tell();
  }

  // Offers to put back what was removed last, and keeps the draft.
  #tell() {
    const last = this.#removed.at(-1);
    const name = last && (pathOf(last).value.trim() || "a file without a path");
    if (last) this.#said.show("Removed " + name + ".", [{ label: "Undo", act: () => this.#undo() }]);
    else this.#said.hide();
    this.#form.dispatchEvent(new Event("input", { bubbles: true }));
  }

  // A file was taken out of the form.
  #drop(file) {
    if (this.#buttons.delete(file)) this.#tabs.remove(panelOf(file));
  }

  // The tab of a file that was added has the path that was typed.
  #renamed(field) {
    if (!field.matches("[name=path]:not([type=hidden])")) return;
    const file = field.closest("details");
    if (!this.#buttons.has(file)) this.#add(file);
    this.#buttons.get(file).textContent = labelOf(file);
  }
}

// The field of a path that can be changed: that of a file that was added.
const pathOf = file => file.querySelector("[name=path]:not([type=hidden])");

function labelOf(file) {
  const path = pathOf(file);
  return path ? path.value.trim() || "New file" : file.querySelector("summary").textContent.trim();
}

const panelOf = file => file.querySelector(".file-body");
