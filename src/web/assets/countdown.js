// The countdown on the page of a timed attempt.

import { warning, written } from "./clock.js";

const TICK_MS = 250;
const NEARLY_MS = 3_000; // so long before the end the last save is sent
const PATIENCE_MS = 3_000; // how long to wait for the server's time before ending the attempt

/** Resolves when `promise` does, but no later than after `milliseconds`. */
export const within = (promise, milliseconds) =>
  Promise.race([promise, new Promise(resolve => { setTimeout(resolve, milliseconds); })]);

export class Countdown {
  #deadline;
  #clock;
  #effects;
  #before = NaN; // the time left at the last tick
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
      // This machine's clock may have been set, so ask the server before closing the fields.
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
