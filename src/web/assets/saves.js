// The saves of one item, one at a time. It knows what has been typed and what the server has, and it never takes the first for
// the second before the server has said so. It knows nothing of pages: what it sends, when, and who looks on is given to it.

import { wait } from "./backoff.js";

const QUIET_MS = 700; // without typing, then it is saved
const AT_LATEST_MS = 1_500; // since the first change that has not been saved
const STUBBORN = 5; // sends in a row of one `flush`, for somebody who types on meanwhile

/**
 * Where a queue stands:
 * - "saved": the server has all that was typed.
 * - "typing": something was typed and is going to be sent.
 * - "saving": it is on its way.
 * - "waiting": it was not taken, and is sent again in a while.
 * - "signed_out": as waiting, and somebody has to sign in.
 * - "conflict": another device or tab saved this item; a person has to choose.
 * - "refused": the server can't take what was typed; it is sent again when it has been changed.
 * - "over": the attempt has ended; nothing more is sent.
 */
export class Saves {
  #revision;
  #effects;
  #state = "saved";
  #detail = "";
  #typed = 0; // counts changes
  #stored = 0; // the change up to which the server has everything
  #firstUnsaved = 0; // when the first change after that was made
  #failures = 0;
  #uncertain = null; // a save of which nobody knows whether the server has it: { body, revision, upTo }
  #running = null; // the promise of the save that is on its way
  #sending = null; // what that save sends
  #cancel = () => {};

  /**
   * `revision` is that of the next save. The effects are
   * - `body()`: the form as it is now, in whatever shape `send` takes,
   * - `send({ body, revision })`: a promise of an outcome (see outcome.js); it never rejects,
   * - `later(milliseconds, act)`: a timer; gives back what cancels it,
   * - `now()`: this machine's time in milliseconds, `random()`: from 0 to 1,
   * - `show(queue, outcome)`: called after every change of state.
   */
  constructor(revision, effects) {
    this.#revision = revision;
    this.#effects = effects;
  }

  get state() { return this.#state; }

  /** Why the last save was not taken. */
  get detail() { return this.#detail; }

  /** The revision of the next save. */
  get revision() { return this.#revision; }

  /** Whether something was typed that the server may not have, and that it could still take. */
  get unsaved() { return this.#state !== "over" && this.#typed !== this.#stored; }

  /** Whether the attempt ended before everything that was typed had been saved. */
  get lost() { return this.#state === "over" && this.#typed !== this.#stored; }

  /** Whether anything was typed at all since the page was opened. */
  get touched() { return this.#typed > 0; }

  /** The body of the save that is on its way or of unknown fate; null where there is none. */
  get pending() { return (this.#sending ?? this.#uncertain)?.body ?? null; }

  /** Something was typed. */
  changed() {
    if (this.#state === "over") return;
    const now = this.#effects.now();
    if (!this.unsaved) this.#firstUnsaved = now;
    this.#typed += 1;
    // A conflict waits for a person; the server's wish for a pause and the backoff hold for new text, too.
    if (["conflict", "waiting", "signed_out"].includes(this.#state)) return this.#effects.show(this);
    if (this.#running) return this.#effects.show(this);
    this.#become("typing");
    this.#schedule(Math.max(0, Math.min(QUIET_MS, this.#firstUnsaved + AT_LATEST_MS - now)));
  }

  /** Tries again now, where it was waiting: the connection is back, or somebody signed in. */
  resume() {
    if (["typing", "waiting", "signed_out"].includes(this.#state)) this.#save();
  }

  /** Saves what is typed up to now, at once. A promise of whether the server has all of it. */
  async flush() {
    for (let sends = 0; sends < STUBBORN && this.unsaved; sends += 1) {
      await this.#running;
      if (!this.unsaved) break;
      if (this.#state === "conflict" || this.#state === "refused") return false;
      const before = this.#stored;
      await this.#save();
      if (this.#stored === before) return false;
    }
    return !this.unsaved && !this.lost;
  }

  /** A person decided that what is typed here counts, not what is stored. */
  overwrite() {
    if (this.#state !== "conflict") return;
    this.#become("typing");
    this.#save();
  }

  /** A person decided that what is stored counts, not what is typed here. */
  discard() {
    this.#cancel();
    this.#stored = this.#typed;
    this.#become("saved");
  }

  /**
   * What to send when the page goes away: the newest text, under a revision that no other save has. Null where there is
   * nothing to send, or where a person would have to choose first.
   */
  farewell() {
    if (!this.unsaved || this.#state === "conflict" || this.#state === "refused") return null;
    const ahead = this.#sending ?? this.#uncertain;
    return { body: this.#effects.body(), revision: ahead ? ahead.revision + 1 : this.#revision };
  }

  /** The attempt has ended: nothing more is sent, whatever becomes of the form. */
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

  // One save at a time, so that revisions go up in order.
  #save() {
    this.#cancel();
    this.#running ??= this.#send().finally(() => { this.#running = null; });
    return this.#running;
  }

  async #send() {
    if (!this.unsaved) return;
    // What may have arrived is sent again word for word: the server takes it as the same save, and no change comes between.
    const sent = this.#uncertain ?? { body: this.#effects.body(), revision: this.#revision, upTo: this.#typed };
    this.#sending = sent;
    this.#become("saving");
    const outcome = await this.#effects.send(sent);
    this.#sending = null;
    if (this.#state === "over") {
      // The attempt ended meanwhile, but this came in time.
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
        return this.#schedule(QUIET_MS);
      case "conflict":
        this.#revision = outcome.revision + 1;
        return this.#become("conflict", outcome);
      case "over":
        return this.#become("over", outcome);
      case "refused":
        // What was typed since may be right.
        if (this.#typed !== sent.upTo) {
          this.#become("typing", outcome);
          return this.#schedule(QUIET_MS);
        }
        return this.#become("refused", outcome);
      default:
        this.#become(outcome.kind === "signed_out" ? "signed_out" : "waiting", outcome);
        return this.#schedule(again());
    }
  }
}
