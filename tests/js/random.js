// Random choices that are the same in every run.

/** Numbers from a seed (a linear congruential generator with the constants of Numerical Recipes). */
export class Random {
  #state;

  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit) {
    this.#state = (Math.imul(this.#state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.#state / 2 ** 32) * limit);
  }

  /** One of these. */
  of(choices) { return choices[this.below(choices.length)]; }
}
