// The server's time as this machine knows it, and the time that is left of an attempt.

/** The server's clock, as an offset from this machine's clock. All times are milliseconds since 1970. */
export class ServerClock {
  #ahead; // how far the server's clock is ahead of this machine's
  #machine; // { wall(), steady() }: the clock on the wall, and one that can't be set but may stop while the machine sleeps
  #before; // both at the last look

  /** `served` is the server's time when it sent the page; `arrived` is when the page came, by this machine's clock. */
  constructor(served, arrived, machine) {
    this.#ahead = served - arrived;
    this.#machine = machine;
    this.#before = { wall: machine.wall(), steady: machine.steady() };
  }

  /** The server's time now. */
  now() {
    return this.#machine.wall() + this.#ahead;
  }

  /**
   * Corrects the clock by a response. The server's time was `served` while the request was under way, from `asked` to
   * `answered` by this machine's clock. An estimate that agrees with the response is left alone, so that the countdown doesn't
   * jitter.
   */
  sync(served, asked, answered) {
    if (!Number.isFinite(served) || answered < asked) return;
    const earliest = served;
    const latest = served + 1 + (answered - asked);
    const estimate = answered + this.#ahead;
    this.#ahead += Math.min(Math.max(estimate, earliest), latest) - estimate;
  }

  /**
   * Whether the machine has slept, or its clock has been set, since the last call. Ask the server for its time then. Until it
   * responds, the clock follows this machine's wall clock, which is right after sleep.
   */
  jumped() {
    const now = { wall: this.#machine.wall(), steady: this.#machine.steady() };
    const apart = now.wall - this.#before.wall - (now.steady - this.#before.steady);
    this.#before = now;
    return Math.abs(apart) > 2_000;
  }
}

/** A time span as a countdown shows it: `1:05:09`, `5:09`, `0:09`. */
export function written(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = number => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return (hours ? hours + ":" + two(minutes) : String(minutes)) + ":" + two(seconds % 60);
}

const WARNINGS = [60, 300, 600]; // seconds before the end

/**
 * What to announce when the time left went from `before` to `rest` milliseconds; empty for nothing. If several are due, the
 * last.
 */
export function warning(before, rest) {
  const due = WARNINGS.find(seconds => rest > 0 && rest <= seconds * 1000 && before > seconds * 1000);
  if (!due) return "";
  return due === 60 ? "1 minute left" : due / 60 + " minutes left";
}
