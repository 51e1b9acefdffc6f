// The pane beside the editor that shows a submission being graded, its result, or what has changed in the files. It takes them
// from the page that shows the same without scripts, so they are made in one place.

import { server } from "./connection.js";
import { button, paragraph } from "./elements.js";
import { Notice } from "./notice.js";
import { isSignedOut } from "./outcome.js";
import { Progress } from "./progress.js";
import { SIGN_IN } from "./server.js";
import { sessionEnded } from "./status.js";
import { localTimes } from "./times.js";
import { problemsIn } from "./workbench-problems.js";

/** The pane of results. */
export class Results {
  #place = document.querySelector("#results");
  #said = document.querySelector("#results-status");
  #workbench = document.querySelector("#workbench");
  #problem = new Notice(this.#place, "alert");
  #graded;
  #id = null; // the submission that is shown, or waited for
  #last = null; // the one that was shown before the changes
  #progress = null;

  /** Calls `graded(problems, texts)` when a result is shown: both by path, as `Files.mark` takes them. */
  constructor(graded) {
    this.#graded = graded;
  }

  /** Shows a submission, and follows it until there is a result. */
  async show(id) {
    const isNew = this.#id !== id;
    this.#begin(id);
    this.#last = id;
    if (isNew) this.#put(paragraph("Loading…"));
    const answer = await server.ask("/submissions/" + id, { cache: "no-store" });
    if (this.#id !== id) return; // something else is shown by now
    const page = answer?.status === 200 ? parsed(answer.text) : null;
    const result = page?.querySelector("#result");
    if (!result) return this.#failed(answer, id);
    this.#put(whatIs(page), ...result.childNodes, this.#more(id));
    const panel = this.#place.querySelector("#progress");
    if (panel) {
      this.#said.textContent = wordsOf(panel.querySelector("#progress-title"));
      this.#progress = new Progress(panel, id, () => this.show(id));
      return this.#progress.start();
    }
    this.#said.textContent = wordsOf(this.#place.querySelector("#outcome"));
    this.#graded(problemsIn(this.#place), textsIn(page));
  }

  /** Shows what has changed, from the page that the server sent. Returns whether it has that. */
  showChanges(html) {
    const changes = parsed(html).querySelector("#changes");
    if (!changes) return false;
    const result = this.#last;
    this.#begin(null);
    this.#put(changes);
    if (result) changes.append(paragraph(button("Back to the result", () => this.show(result))));
    this.#said.textContent = wordsOf(changes.querySelector("h2"));
    return true;
  }

  /** Says that a file is not in the editor; `place` is the part of the submission's page that shows it. */
  lacks(file, place) {
    const there = { label: "Show it as it was submitted", href: "/submissions/" + this.#id + place };
    this.#problem.show(file + " is not in the editor.", this.#id ? [there] : []);
  }

  /** Shows nothing. */
  clear() {
    this.#begin(null);
    this.#last = null;
    this.#put(paragraph("Nothing has been run yet."));
    this.#workbench.classList.remove("with-results");
  }

  #begin(id) {
    this.#progress?.stop();
    this.#progress = null;
    this.#problem.hide();
    this.#id = id;
    this.#workbench.classList.add("with-results");
  }

  #put(...nodes) {
    this.#place.replaceChildren(...nodes);
    this.#place.parentElement.scrollTop = 0;
    localTimes(this.#place);
  }

  #more(id) {
    const link = document.createElement("a");
    link.href = "/submissions/" + id;
    link.textContent = "More about this submission";
    return paragraph(link);
  }

  #failed(answer, id) {
    this.#put();
    this.#id = null;
    const again = { label: "Show the result", act: () => this.show(id) };
    if (isSignedOut(answer)) {
      const text = sessionEnded(" to see the result.");
      return this.#problem.show(text, [SIGN_IN, again]);
    }
    const why = answer ? "the server didn't send it" : "there is no connection to the server";
    this.#problem.show("The result can't be shown: " + why + ".", [again]);
  }
}

const parsed = html => new DOMParser().parseFromString(html, "text/html");

// Which submission it is, in a line.
function whatIs(page) {
  const line = paragraph(page.querySelector("h1").textContent + ", handed in ", page.querySelector(".head time"), ".");
  line.className = "muted what";
  return line;
}

const wordsOf = element => element?.textContent.replace(/\s+/g, " ").trim() ?? "";

/** The files of a submission by path, as its page shows them. */
function textsIn(page) {
  const files = [...page.querySelectorAll("[data-path]")];
  return new Map(files.map(file => [file.dataset.path, file.querySelector("pre").textContent]));
}
