// The files of the editor as tabs: one is shown at a time. Without this script they stand below each other.

import { Tabs } from "./workbench-tabs.js";

/** The tabs over the files of a form. */
export class FileTabs {
  #list;
  #files;
  #tabs = new Tabs("Files", (panel, on) => { panel.closest("details").open = on; });
  #buttons = new Map(); // from <details> to the button of its tab
  #count = 0; // tabs that were made

  /** `files` is the form's `Files`. */
  constructor(form, files) {
    this.#files = files;
    this.#list = form.querySelector("#files");
    const all = [...this.#list.querySelectorAll(":scope > details")];
    for (const file of all) if (file.id !== "new-file") this.#add(file);
    this.#list.classList.add("tabbed");
    this.#list.before(this.#row());
    form.addEventListener("input", event => this.#renamed(event.target));
    form.addEventListener("change", event => this.#renamed(event.target));
    this.#list.addEventListener("file-left", ({ target }) => this.#drop(target));
    // Whatever opens a file, such as a place in a message, shows it.
    const shown = ({ target }) => { if (target.open && panelOf(target)) this.open(target); };
    this.#list.addEventListener("toggle", shown, { capture: true });
    this.open(all[0]);
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
    const more = document.createElement("button");
    more.type = "button";
    more.className = "quiet";
    more.textContent = "Add a file";
    more.addEventListener("click", () => {
      const file = this.#files.free();
      this.open(file);
      file.querySelector("[name=path]").focus();
    });
    row.append(this.#tabs.element, document.querySelector(".files-origin"), more);
    return row;
  }

  #add(file) {
    const panel = panelOf(file);
    panel.id ||= "file-panel-" + this.#count++;
    this.#buttons.set(file, this.#tabs.add(labelOf(file), panel));
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", panel.id + "-tab");
  }

  // A file has left the form.
  #drop(file) {
    if (!this.#buttons.delete(file)) return;
    this.#tabs.remove(panelOf(file));
  }

  // The tab of a file that was added has the path that was typed.
  #renamed(field) {
    if (field.name !== "path" || field.type === "hidden") return;
    const file = field.closest("details");
    if (!this.#buttons.has(file)) this.#add(file);
    this.#buttons.get(file).textContent = labelOf(file);
  }
}

// The path of a file that was added may change.
function labelOf(file) {
  const path = file.querySelector("[name=path]:not([type=hidden])");
  return path ? path.value.trim() || "New file" : file.querySelector("summary").textContent.trim();
}

const panelOf = file => file.querySelector(".file-body");
