// The server's time, as this machine can tell it, and how much of an attempt is left.

/** The server's clock, kept as a difference to this machine's. Times are milliseconds since 1970. */
export class ServerClock {
  #ahead; // of this machine's clock
  #machine; // { wall(), steady() }: this machine's time, and one that nobody sets but that may stand still during sleep
  #before; // both at the last look, to see jumps

  /** `served` is the server's time when it sent the page, which arrived at `arrived` by this machine's clock. */
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
   * Takes over what a response said: the server's clock was at `served` while the request was under way, which took from
   * `asked` to `answered` by this machine's clock. `grain` is the unit in which it was told: a `Date` header tells whole seconds.
   * A clock that agrees with it is left alone, so that the seconds don't jump about.
   */
  sync(served, asked, answered, grain = 1) {
    if (!Number.isFinite(served) || answered < asked) return;
    const earliest = served;
    const latest = served + grain + (answered - asked);
    const told = answered + this.#ahead;
    this.#ahead += Math.min(Math.max(told, earliest), latest) - told;
  }

  /**
   * Whether this machine has slept or its clock was set since the last look: then the server has to be asked. The clock goes on
   * by this machine's time meanwhile, which is right after sleep.
   */
  jumped() {
    const now = { wall: this.#machine.wall(), steady: this.#machine.steady() };
    const apart = now.wall - this.#before.wall - (now.steady - this.#before.steady);
    this.#before = now;
    return Math.abs(apart) > 2_000;
  }
}

/** The time that is left, for people: `1:05:09`, `5:09`, `0:09`. */
export function written(milliseconds) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const two = number => String(number).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  return (hours ? hours + ":" + two(minutes) : String(minutes)) + ":" + two(seconds % 60);
}

const WARNINGS = [60, 300, 600]; // seconds before the end, the last first

/** What to announce when the rest went from `before` to `rest` milliseconds; empty for nothing. Of several it is the last. */
export function warning(before, rest) {
  const due = WARNINGS.find(seconds => rest > 0 && rest <= seconds * 1000 && before > seconds * 1000);
  if (!due) return "";
  return due === 60 ? "1 minute left" : due / 60 + " minutes left";
}
