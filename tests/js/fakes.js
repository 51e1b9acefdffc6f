// Fakes of what a browser gives to scripts: timers, storage, responses.

/** A clock and timers that a test moves. */
export class Time {
  #timers = [];
  ms = 1_000_000;

  now = () => this.ms;

  later = (milliseconds, act) => {
    const timer = { at: this.ms + milliseconds, act };
    this.#timers.push(timer);
    return () => { this.#timers = this.#timers.filter(other => other !== timer); };
  };

  /** Milliseconds until the next timer; null where there is none. */
  get next() {
    return this.#timers.length === 0 ? null : Math.min(...this.#timers.map(timer => timer.at)) - this.ms;
  }

  /** Moves the clock on and runs the timers that are due, in order. */
  async pass(milliseconds) {
    const end = this.ms + milliseconds;
    for (;;) {
      const due = this.#timers.filter(timer => timer.at <= end).sort((one, other) => one.at - other.at)[0];
      if (!due) break;
      this.#timers = this.#timers.filter(timer => timer !== due);
      this.ms = Math.max(this.ms, due.at);
      due.act();
      await settled();
    }
    this.ms = end;
  }
}

/** Resolves after all promises that can settle have settled. */
export const settled = () => new Promise(resolve => { setImmediate(resolve); });

/** A browser's storage. `room` is the longest value that it takes, in characters. */
export class Storage {
  #values = new Map();

  constructor(room = Infinity) {
    this.room = room;
  }

  get length() { return this.#values.size; }

  key(index) { return [...this.#values.keys()][index] ?? null; }

  getItem(key) { return this.#values.get(key) ?? null; }

  setItem(key, value) {
    if (value.length > this.room) throw new Error("QuotaExceededError");
    this.#values.set(key, value);
  }

  removeItem(key) { this.#values.delete(key); }
}

/** A response as `fetch` gives it. */
export function response(status, body, { headers = {}, url = "", redirected = false } = {}) {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const named = new Map(Object.entries(headers));
  return { status, url, redirected, headers: { get: name => named.get(name) ?? null }, text: async () => text };
}

/** What `Server.ask` gives back. */
export const answer = (status, body, after = 0) => ({ status, body, after, text: "", url: "", redirected: false });
