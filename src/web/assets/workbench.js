// The page of an exercise as a workbench: statement, files and results side by side, without leaving the page.

import { FileTabs } from "./workbench-files.js";
import { Panes } from "./workbench-panes.js";
import { linesNow, placeOf, problemsNow } from "./workbench-problems.js";
import { Results } from "./workbench-results.js";
import { addSplitters } from "./workbench-splitters.js";

/** The workbench around the editor's form. */
export class Workbench {
  #form;
  #files;
  #panes;
  #tabs;
  #results = new Results((problems, texts) => this.#mark(problems, texts));
  #shown; // the id of the submission whose result is shown
  #texts = new Map(); // the files of that submission

  /** `files` is the form's `Files`, and `storage` is where this browser keeps the sizes of the panes. */
  constructor(form, files, storage) {
    this.#form = form;
    this.#files = files;
    const workbench = document.querySelector("#workbench");
    addSplitters(workbench, storage);
    this.#panes = new Panes(workbench);
    this.#tabs = new FileTabs(form, files);
    this.#shown = form.dataset.submission;
    if (this.#shown && !document.querySelector("#changes")) this.#results.show(this.#shown);
    if (new URLSearchParams(location.search).has("submission") || document.querySelector("#changes")) {
      this.#panes.show("results-pane");
    }
    // Why the server has refused what was sent stands above the files.
    if (document.querySelector("#wrong")) this.#panes.show("code-pane");
    addEventListener("popstate", () => this.#returned());
    form.querySelector("#keys")?.removeAttribute("hidden");
    form.addEventListener("keydown", event => this.#key(event));
    document.querySelector("#results").addEventListener("click", event => this.#clicked(event));
  }

  /** Shows the file in this `<details>`. */
  open(file) {
    this.#panes.show("code-pane");
    this.#tabs.open(file);
  }

  /** Shows a submission that was just taken, and says so in the address. */
  show(id) {
    const isFirst = !new URLSearchParams(location.search).has("submission");
    history[isFirst ? "pushState" : "replaceState"](null, "", this.#addressOf(id));
    this.#shown = id;
    for (const element of document.querySelectorAll("[data-once-submitted]")) element.hidden = false;
    this.#files.mark(new Map());
    this.#results.show(id);
    this.#panes.show("results-pane");
  }

  /** Shows what has changed, from the page that the server sent. Returns whether it has that. */
  showChanges(html) {
    const found = this.#results.showChanges(html);
    if (found) this.#panes.show("results-pane");
    return found;
  }

  #addressOf(id) {
    const { exercise, attempt, position } = this.#form.dataset;
    const query = new URLSearchParams(attempt ? { attempt, position } : {});
    query.set("submission", id);
    return "/exercises/" + exercise + "?" + query;
  }

  // The back or forward button was pressed.
  #returned() {
    const id = new URLSearchParams(location.search).get("submission") ?? this.#form.dataset.submission;
    if (id === this.#shown) return;
    this.#shown = id;
    this.#files.mark(new Map());
    if (id) this.#results.show(id);
    else this.#results.clear();
  }

  #mark(problems, texts) {
    this.#texts = texts;
    const now = new Map();
    for (const [path, found] of problems) {
      const text = this.#files.text(path);
      if (text !== null) now.set(path, problemsNow(found, texts.get(path) ?? "", text));
    }
    this.#files.mark(now);
  }

  #clicked(event) {
    const place = event.target.closest("a.place");
    if (!place) return;
    // Where the link leads without scripts is a file of the submission's page. Here that number is another file's.
    event.preventDefault();
    const { file } = place.dataset;
    const text = this.#files.text(file);
    if (text === null) return this.#results.lacks(file, place.getAttribute("href"));
    const [line, column] = placeOf(place.dataset);
    this.#panes.show("code-pane");
    this.#files.goTo(file, linesNow(this.#texts.get(file) ?? "", text)(line) ?? line, column);
  }

  #key(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || event.altKey) return;
    event.preventDefault();
    if (event.repeat) return; // a key that is held down submits once
    this.#form.querySelector(event.shiftKey ? "#submit" : "#run-public")?.click();
  }
}
