// The saves of one item, one at a time, as a state machine. It never takes an answer for saved before the server has confirmed
// it. It does not touch the page: everything it needs of the browser is passed in, so that it can be tested without one.

import { wait } from "./backoff.js";

const QUIET_MS = 700; // how long the candidate must stop typing before a save
const HASTE_MS = 100; // the same shortly before the deadline
const AT_LATEST_MS = 1_500; // after the first unsaved change there is a save in any case
const FLUSH_SENDS_MAX = 5; // saves of one `flush`, if the candidate keeps typing meanwhile

/**
 * The states:
 * - "saved": the server has everything that was typed.
 * - "typing": there is a change, and it will be sent in a moment.
 * - "saving": a save is on its way.
 * - "waiting": the last save failed and will be repeated.
 * - "signed_out": as "waiting", but it can only succeed after signing in.
 * - "conflict": another device or tab has saved this item. The candidate has to choose.
 * - "refused": the server can't accept the answer. It will be sent again after the next change.
 * - "over": the attempt has ended. Nothing more will be sent.
 */
export class Saves {
  #revision;
  #effects;
  #state = "saved";
  #detail = "";
  #quiet = QUIET_MS;
  #typed = 0; // the number of changes
  #stored = 0; // the number of changes that the server has
  #firstUnsaved = 0; // when the first of the others was made
  #failures = 0;
  #uncertain = null; // a failed save that the server may have stored: { body, revision, upTo }
  #running = null; // the promise of the save on its way
  #sending = null; // the content of the save on its way, in the same shape
  #cancel = () => {};

  /**
   * `revision` is the revision of the next save. The effects are
   * - `body()`: returns the form's current content, in whatever shape `send` takes,
   * - `send({ body, revision })`: resolves to an outcome (see outcome.js) and never rejects,
   * - `later(milliseconds, act)`: starts a timer and returns a function that cancels it,
   * - `now()`: this machine's time in milliseconds; `random()`: a number from 0 to 1,
   * - `show(queue, outcome)`: called after each change of state.
   */
  constructor(revision, effects) {
    this.#revision = revision;
    this.#effects = effects;
  }

  get state() { return this.#state; }

  /** Why the last save failed. */
  get detail() { return this.#detail; }

  /** The revision of the next save. */
  get revision() { return this.#revision; }

  /** Whether the server may lack something that was typed, and could still accept it. */
  get unsaved() { return this.#state !== "over" && this.#typed !== this.#stored; }

  /** Whether the attempt ended before everything had been saved. */
  get lost() { return this.#state === "over" && this.#typed !== this.#stored; }

  /** Whether anything has been typed since the page was opened. */
  get touched() { return this.#typed > 0; }

  /** The body of a save that the server may or may not have stored; null if there is none. */
  get pending() { return (this.#sending ?? this.#uncertain)?.body ?? null; }

  /** Notes that something was typed. */
  changed() {
    if (this.#state === "over") return;
    const now = this.#effects.now();
    if (!this.unsaved) this.#firstUnsaved = now;
    this.#typed += 1;
    // More typing neither resolves a conflict nor shortens a wait.
    if (["conflict", "waiting", "signed_out"].includes(this.#state)) return this.#effects.show(this);
    if (this.#running) return this.#effects.show(this);
    this.#become("typing");
    this.#schedule(Math.max(0, Math.min(this.#quiet, this.#firstUnsaved + AT_LATEST_MS - now)));
  }

  /** Tries again now: the connection may be back, or the candidate may have signed in. */
  resume() {
    if (["typing", "waiting", "signed_out"].includes(this.#state)) this.#save();
  }

  /** Sends at once what would be sent in a moment, because the page is being hidden. */
  hurry() {
    if (this.#state === "typing") this.#save();
  }

  /** The deadline is near: saves now, and hardly waits for pauses from now on. Resolves as `flush` does. */
  hasten() {
    this.#quiet = HASTE_MS;
    return this.flush();
  }

  /** Saves everything at once. Resolves to whether the server has all of it. */
  async flush() {
    for (let sends = 0; sends < FLUSH_SENDS_MAX && this.unsaved; sends += 1) {
      await this.#running;
      if (!this.unsaved) break;
      if (this.#state === "conflict" || this.#state === "refused") return false;
      const before = this.#stored;
      await this.#save();
      if (this.#stored === before) return false;
    }
    return !this.unsaved && !this.lost;
  }

  /** Resolves a conflict: this answer replaces the stored one. */
  overwrite() {
    if (this.#state !== "conflict") return;
    this.#become("typing");
    this.#save();
  }

  /** Resolves a conflict: the stored answer stays, and this one is given up. */
  discard() {
    this.#cancel();
    this.#stored = this.#typed;
    this.#become("saved");
  }

  /**
   * What to send when the page is closed: the newest content, with a revision that no other save has. Null if there is nothing
   * to send, or if the candidate would have to choose first.
   */
  farewell() {
    if (!this.unsaved || this.#state === "conflict" || this.#state === "refused") return null;
    const ahead = this.#sending ?? this.#uncertain;
    return { body: this.#effects.body(), revision: ahead ? ahead.revision + 1 : this.#revision };
  }

  /** Ends the queue with the attempt: nothing more will be sent, whatever happens to the form. */
  end() {
    this.#cancel();
    this.#become("over");
  }

  #become(state, outcome) {
    this.#state = state;
    this.#detail = outcome?.detail ?? "";
    this.#effects.show(this, outcome);
  }

  #schedule(milliseconds) {
    this.#cancel();
    this.#cancel = this.#effects.later(milliseconds, () => this.#save());
  }

  // One save at a time, so that revisions arrive in order.
  #save() {
    this.#cancel();
    this.#running ??= this.#send().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #send() {
    if (!this.unsaved) return;
    // A save that may have been stored is repeated word for word. The server takes it for the same save, not for a conflict.
    const sent = this.#uncertain ?? { body: this.#effects.body(), revision: this.#revision, upTo: this.#typed };
    this.#sending = sent;
    this.#become("saving");
    const outcome = await this.#effects.send(sent);
    this.#sending = null;
    if (this.#state === "over") {
      // The attempt has ended meanwhile, but this save was in time.
      if (outcome.kind === "saved") this.#stored = sent.upTo;
      return this.#effects.show(this, outcome);
    }
    this.#uncertain = outcome.kind === "later" && !outcome.certain ? sent : null;
    this.#settle(sent, outcome);
  }

  #settle(sent, outcome) {
    this.#failures = outcome.kind === "saved" ? 0 : this.#failures + 1;
    const again = () => wait(this.#failures, this.#effects.random(), outcome.after);
    switch (outcome.kind) {
      case "saved":
        this.#revision = Math.max(sent.revision, outcome.body.revision) + 1;
        this.#stored = sent.upTo;
        if (!this.unsaved) return this.#become("saved", outcome);
        this.#firstUnsaved = this.#effects.now();
        this.#become("typing", outcome);
        return this.#schedule(this.#quiet);
      case "conflict":
        this.#revision = outcome.revision + 1;
        return this.#become("conflict", outcome);
      case "over":
        return this.#become("over", outcome);
      case "refused":
        // The refusal does not concern what has been typed since.
        if (this.#typed !== sent.upTo) {
          this.#become("typing", outcome);
          return this.#schedule(this.#quiet);
        }
        return this.#become("refused", outcome);
      default:
        this.#become(outcome.kind === "signed_out" ? "signed_out" : "waiting", outcome);
        return this.#schedule(again());
    }
  }
}
