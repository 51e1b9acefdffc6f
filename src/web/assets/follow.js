// How a submission is followed: by its stream of events while somebody looks, and by asking where no events come through.

const SILENT_MS = 5_000; // a stream that has said nothing by then is held back on its way: the server says something at once
const ASK_MS = 3_000; // between two questions while there is no stream
const CHECK_MS = 30_000; // between two questions while there is one, in case it has died unnoticed
const STREAM = "stream";
const ASKING = "asking";
const RESTING = "resting";

/** Follows one submission. A browser has few connections to a host, so a page that nobody looks at keeps none. */
export class Follow {
  #effects;
  #mode = RESTING;
  #heard = false;
  #done = false;
  #cancel = () => {};

  /**
   * The effects are
   * - `open()` and `close()`: the stream of events,
   * - `ask()`: a promise of the submission, "signed_out", or null where nothing came back,
   * - `show(submission)`: what was found by asking, `finished()`: there is a result, `signedOut()`: somebody has to sign in,
   * - `later(milliseconds, act)`: a timer; gives back what cancels it.
   */
  constructor(effects) {
    this.#effects = effects;
  }

  /** Somebody looks at the page. */
  begin() {
    if (this.#done || this.#mode === STREAM) return;
    this.#mode = STREAM;
    this.#heard = false;
    this.#effects.open();
    this.#after(SILENT_MS);
  }

  /** Nobody looks any more. */
  rest() {
    this.#leave(RESTING);
  }

  /** An event came. */
  heard() {
    if (this.#heard || this.#mode !== STREAM) return;
    this.#heard = true;
    this.#after(CHECK_MS);
  }

  /** The stream has ended for good. */
  ended() {
    if (this.#mode !== STREAM) return;
    this.#leave(ASKING);
    return this.#look();
  }

  /** An event said that there is a result. */
  finish() {
    if (this.#done) return;
    this.#leave(RESTING);
    this.#done = true;
    this.#effects.finished();
  }

  #after(milliseconds) {
    this.#cancel();
    this.#cancel = this.#effects.later(milliseconds, () => this.#look());
  }

  #leave(mode) {
    this.#cancel();
    if (this.#mode === STREAM) this.#effects.close();
    this.#mode = mode;
  }

  async #look() {
    if (this.#mode === STREAM && !this.#heard) this.#leave(ASKING);
    const found = await this.#effects.ask();
    if (this.#done || this.#mode === RESTING) return;
    if (found === "signed_out") {
      this.#leave(RESTING);
      return this.#effects.signedOut();
    }
    if (found?.state === "finished") return this.finish();
    if (found && this.#mode === ASKING) this.#effects.show(found);
    this.#after(this.#mode === STREAM ? CHECK_MS : ASK_MS);
  }
}
