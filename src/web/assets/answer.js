// The answer to one item of an attempt. It is saved while the candidate types, and kept in this browser until the server has it.

import { Departure } from "./departure.js";
import { Draft, browserStorage, dropOld, fateOf, sameFields } from "./drafts.js";
import { arrange, fill, isEmpty, read, served } from "./fields.js";
import { Notice } from "./notice.js";
import { outcomeOf } from "./outcome.js";
import { clearProblem, showProblem } from "./problem.js";
import { Saves } from "./saves.js";
import { SIGN_IN } from "./server.js";
import { isFailure, signInText, statusText, stayText } from "./status.js";

export class Answer {
  #form;
  #server;
  #over;
  #queue;
  #draft;
  #older = null; // another draft, until the candidate decides which one counts
  #seen = "";
  #frozen = null; // the fields as they were when the attempt ended
  #state = document.querySelector("#save-state");
  #conflict = document.querySelector("#conflict");
  #problem;
  #back;

  /** `over(code)` is called when the server says that the attempt has ended. */
  constructor(form, server, over) {
    this.#form = form;
    this.#server = server;
    this.#over = over;
    this.#problem = new Notice(this.#state, "alert");
    this.#back = new Notice(form, "note");
    this.#queue = new Saves(Number(form.elements.revision.value), {
      body: () => this.#fields(),
      send: save => this.#send(save),
      later: (milliseconds, act) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
      now: Date.now,
      random: Math.random,
      show: (_, outcome) => this.#show(outcome),
    });
    const storage = browserStorage();
    dropOld(storage, Date.now());
    this.#draft = new Draft(storage, "answer", form.dataset.owner ?? "", new URL(form.action).pathname);
    this.#look();
    this.#restore();
    this.#watch();
  }

  /** Whether the server may lack something that was typed. */
  get unsaved() { return this.#queue.unsaved; }

  /** Saves at once. Resolves to whether the server has everything. */
  flush() { return this.#queue.flush(); }

  /** Sends at once what would be sent in a moment. */
  hurry() { this.#queue.hurry(); }

  /** Saves at once, and from now on as soon as something is typed. */
  hasten() { this.#queue.hasten(); }

  /** Tries again where the last save was not taken. */
  resume() { this.#queue.resume(); }

  /** Closes the fields. Their content is still saved where possible. */
  lock() {
    // A disabled field is missing from its form and may fire a change event. Neither is an answer, so the fields are read first.
    this.#frozen ??= read(this.#form);
    for (const field of this.#form.elements) {
      if (field.matches("textarea, input:not([type=radio], [type=checkbox], [type=hidden])")) field.readOnly = true;
      else if (field.matches("input, select, button")) field.disabled = true;
    }
  }

  /** The attempt has ended. */
  end() {
    this.lock();
    this.#queue.end();
    this.#back.hide();
  }

  // Whether the fields have changed since the last look.
  #look() {
    const now = JSON.stringify(read(this.#form));
    const before = this.#seen;
    this.#seen = now;
    return now !== before;
  }

  #fields() { return this.#frozen ?? read(this.#form); }

  async #send({ body, revision }) {
    const fields = [["revision", String(revision)], ["do", "autosave"], ...body];
    return outcomeOf(await this.#server.post(this.#form.action, fields));
  }

  #watch() {
    const changed = () => {
      // A text field fires a second event when it loses the focus, and another when it is disabled. Neither is a change.
      if (this.#frozen || !this.#look()) return;
      clearProblem(this.#form);
      this.#queue.changed();
    };
    this.#form.addEventListener("input", changed);
    this.#form.addEventListener("change", changed);
    document.querySelector("#keep-mine")?.addEventListener("click", () => this.#queue.overwrite());
    // Taking over the stored answer means giving up this one.
    this.#conflict?.querySelector("a")?.addEventListener("click", () => this.#queue.discard());
    const departure = new Departure(this.#queue, () => this.#problem.show(stayText(this.#queue), this.#signIn()));
    departure.watch(document, "#conflict a");
    addEventListener("pagehide", () => this.#leave());
  }

  // The page is being closed: send the rest if it is small enough. The draft has it in any case.
  #leave() {
    const last = this.#queue.farewell();
    if (!last) return;
    const fields = [["revision", String(last.revision)], ["do", "autosave"], ...last.body];
    navigator.sendBeacon(this.#form.action, this.#server.encode(fields));
  }

  #show(outcome) {
    const queue = this.#queue;
    this.#keep();
    if (queue.touched) this.#state.textContent = statusText(queue);
    this.#state.dataset.state = queue.lost ? "lost" : queue.state;
    this.#state.classList.toggle("failed", isFailure(queue));
    this.#conflict.hidden = queue.state !== "conflict";
    if (queue.state === "signed_out") this.#problem.show(signInText(this.#server.session), this.#signIn());
    else if (queue.state === "saved" || queue.state === "over") this.#problem.hide();
    if (outcome?.kind === "saved") this.#saved(outcome.body);
    if (queue.state === "refused") showProblem(this.#form, queue.detail, outcome.errors);
    if (outcome?.kind === "over") this.#over(outcome.code);
  }

  #signIn() {
    return this.#queue.state === "signed_out" ? [SIGN_IN] : [];
  }

  #saved(body) {
    this.#form.elements.revision.value = String(this.#queue.revision);
    mark(body.answered ?? !isEmpty(this.#fields()));
  }

  // ---- the draft ----

  #record() {
    return { at: new Date().toISOString(), fields: this.#fields(), sent: this.#queue.pending, revision: this.#queue.revision };
  }

  #keep() {
    if (this.#queue.unsaved || this.#queue.lost) this.#draft.keep({ ...this.#record(), older: this.#older });
    else if (this.#older) this.#draft.keep(this.#older);
    else this.#draft.dropOwn();
  }

  #restore() {
    const draft = this.#draft.read();
    const page = { served: served(this.#form), now: read(this.#form), revision: this.#queue.revision };
    const fate = fateOf(draft, page);
    this.#older = fate === "choose" ? draft : draft?.older ?? null;
    // The candidate typed something before this script had loaded.
    if (!sameFields(page.now, page.served)) this.#queue.changed();
    else if (fate === "restore") {
      this.#fill(draft.fields);
      this.#back.show("What you typed " + when(draft.at) + " had not been saved. This browser kept it, and here it is again.");
    } else if (fate === "none" && !this.#older) this.#draft.drop();
    if (this.#older) this.#offer();
  }

  // Both answers are kept until the candidate chooses.
  #offer() {
    const text = "This browser kept another answer to this item, typed " + when(this.#older.at) + ".";
    this.#back.show(text, [
      { label: "Use that one", act: () => this.#exchange() },
      { label: "Drop it", act: () => this.#dropOlder() },
    ]);
  }

  #exchange() {
    const chosen = this.#older;
    this.#older = { ...this.#record(), older: chosen.older };
    this.#fill(chosen.fields);
    this.#offer();
  }

  #dropOlder() {
    this.#draft.forget(this.#older);
    this.#older = this.#older.older ?? null;
    if (this.#older) this.#offer();
    else this.#back.hide();
    this.#keep();
  }

  #fill(fields) {
    fill(this.#form, fields);
    this.#form.querySelectorAll("[data-places]").forEach(arrange);
    this.#look();
    this.#queue.changed();
  }
}

const when = at => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

// Marks the item in the list of items, and counts it.
function mark(answered) {
  const place = document.querySelector(".items [aria-current]");
  const item = place?.parentElement;
  if (!item || item.classList.contains("done") === answered) return;
  item.classList.toggle("done", answered);
  const count = document.querySelector("#answered");
  count.textContent = String(Number(count.textContent) + (answered ? 1 : -1));
  const spoken = place.querySelector(".visually-hidden");
  if (spoken) spoken.textContent = "Item " + place.dataset.position + (answered ? ", answered" : "");
}
