// The time that is left of an attempt, on its page.

import { warning, written } from "./clock.js";

const TICK_MS = 250;
const NEARLY_MS = 3_000; // before the end: the last save leaves in time
const PATIENCE_MS = 3_000; // for the server, where it is asked whether the time is really up

/** Resolves when `promise` does, but no later than after `milliseconds`. */
export const within = (promise, milliseconds) =>
  Promise.race([promise, new Promise(resolve => { setTimeout(resolve, milliseconds); })]);

export class Countdown {
  #deadline;
  #clock;
  #effects;
  #before = NaN; // what was left at the last tick
  #timer = 0;
  #stopped = false;
  #timed = document.querySelector("#timer");
  #announced = document.querySelector("#announce");

  /**
   * Counts down to `deadline` by `clock` (a `ServerClock`). The effects are
   * - `ask()`: asks the server for its time; a promise,
   * - `nearlyOver()`: called once, three seconds before the end,
   * - `over()`: called once, at the end.
   */
  constructor(deadline, clock, effects) {
    this.#deadline = deadline;
    this.#clock = clock;
    this.#effects = effects;
  }

  start() {
    this.#tick();
  }

  stop() {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #tick() {
    if (this.#clock.jumped()) this.#effects.ask();
    this.#draw(this.#left());
    if (this.#left() <= 0) {
      // This machine's clock may have been set: the server's word counts, where it can be had.
      await within(this.#effects.ask(), PATIENCE_MS);
      if (this.#stopped) return;
      if (this.#left() <= 0) return this.#effects.over();
    }
    if (!this.#stopped) this.#timer = setTimeout(() => this.#tick(), TICK_MS);
  }

  #left() { return this.#deadline - this.#clock.now(); }

  #draw(left) {
    this.#timed.firstElementChild.textContent = written(left) + " left";
    this.#timed.classList.toggle("soon", left < 120_000);
    const said = warning(this.#before, left);
    if (said) this.#announced.textContent = said;
    if (left <= NEARLY_MS && !(this.#before <= NEARLY_MS)) this.#effects.nearlyOver();
    this.#before = left;
  }
}
