// Following a submission: by its stream of events while the page is visible, or by polling where no events come through.

const SILENT_MS = 5_000; // the server sends an event at once, so a stream that is silent for so long is buffered by a proxy
const ASK_MS = 3_000; // between two polls without a stream
const CHECK_MS = 30_000; // between two polls beside a stream, in case it has died unnoticed
const STREAM = "stream";
const ASKING = "asking";
const RESTING = "resting";

/** Follows one submission. A browser opens six connections to a host at most, so a hidden page holds none. */
export class Follow {
  #effects;
  #mode = RESTING;
  #heard = false;
  #done = false;
  #cancel = () => {};

  /**
   * The effects are
   * - `open()` and `close()`: the stream of events,
   * - `ask()`: resolves to the submission, to "signed_out", or to null if there was no response,
   * - `show(submission)`: shows what a poll found; `finished()`: there is a result; `signedOut()`: the session has ended,
   * - `later(milliseconds, act)`: starts a timer and returns a function that cancels it.
   */
  constructor(effects) {
    this.#effects = effects;
  }

  /** The page is visible. */
  begin() {
    if (this.#done || this.#mode === STREAM) return;
    this.#mode = STREAM;
    this.#heard = false;
    this.#effects.open();
    this.#after(SILENT_MS);
  }

  /** The page is hidden. */
  rest() {
    this.#leave(RESTING);
  }

  /** An event has arrived. */
  heard() {
    if (this.#heard || this.#mode !== STREAM) return;
    this.#heard = true;
    this.#after(CHECK_MS);
  }

  /** The stream has ended and will not reconnect. */
  ended() {
    if (this.#mode !== STREAM) return;
    this.#leave(ASKING);
    return this.#look();
  }

  /** An event has announced the result. */
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
