// Drafts: text that is kept in this browser's storage until the server has it, so that it survives a crash, a closed tab, a
// broken connection and an ended session.

const PREFIX = "draft ";
const ERASED = "erased "; // with an owner: that account was deleted, at the time that is stored
const KEPT_MS = 30 * 24 * 3_600_000; // 30 days without a change

/** One draft. Its key says whose it is and what it belongs to. */
export class Draft {
  #storage;
  #parts;
  #key;
  #seen = null; // the stored text as this page last read or wrote it; another tab may have changed it since

  /** `storage` is the browser's localStorage, or null if it is turned off. `parts` make up the key. */
  constructor(storage, ...parts) {
    this.#storage = storage;
    this.#parts = parts;
    this.#key = PREFIX + parts.join(" ");
  }

  /** The stored draft; null if there is none or it can't be parsed. */
  read() {
    try {
      this.#seen = this.#storage?.getItem(this.#key) ?? null;
      return JSON.parse(this.#seen);
    } catch {
      return null;
    }
  }

  /**
   * Stores a draft in place of the one before. A draft that another tab has stored meanwhile is kept inside it, as `older`.
   * Returns whether the browser stored it. Nothing is stored for an account that was deleted in another tab.
   */
  keep(draft) {
    try {
      if (isErased(this.#storage, this.#parts)) return false;
      const there = this.#storage.getItem(this.#key);
      const other = there === null || there === this.#seen ? null : JSON.parse(there);
      const older = draft.older ?? null;
      const text = JSON.stringify(other ? { ...draft, older: { ...other, older } } : draft);
      this.#storage.setItem(this.#key, text);
      this.#seen = text;
      return true;
    } catch {
      return false;
    }
  }

  /** Drops the stored draft. */
  drop() {
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // If nothing can be removed, nothing was stored.
    }
    this.#seen = null;
  }

  /** Drops the stored draft unless another tab has replaced it. */
  dropOwn() {
    try {
      if (this.#seen !== null && this.#storage.getItem(this.#key) === this.#seen) this.drop();
    } catch {
      // See above.
    }
  }
}

/**
 * Drops all drafts of an owner whose account was deleted at `now` (in milliseconds), and leaves a mark, so that a page of that
 * account in another tab stores no more of them.
 */
export function erase(storage, owner, now) {
  for (const key of keys(storage, PREFIX).filter(key => key.split(" ").includes(owner))) storage.removeItem(key);
  try {
    storage?.setItem(ERASED + owner, JSON.stringify({ at: new Date(now).toISOString() }));
  } catch {
    // If nothing can be stored, drafts can't either.
  }
}

/** Whether one of the `parts` of a key names an owner whose account was deleted. */
export const isErased = (storage, parts) => parts.some(part => part && storage.getItem(ERASED + part) !== null);

/** Drops the drafts that were last changed more than 30 days before `now` (in milliseconds), and marks that are as old. */
export function dropOld(storage, now) {
  for (const key of [...keys(storage, PREFIX), ...keys(storage, ERASED)]) {
    try {
      if (!(now - Date.parse(JSON.parse(storage.getItem(key)).at) < KEPT_MS)) storage.removeItem(key);
    } catch {
      storage.removeItem(key);
    }
  }
}

// The keys that begin with `prefix`.
function keys(storage, prefix) {
  const all = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage.key(index));
  return all.filter(key => key?.startsWith(prefix));
}

/** The browser's storage; null if it is turned off. */
export function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * What to do with the draft of an answer when its page is opened. `served` are the fields as the server filled them in, `now` the
 * fields as they are (see fields.js), and `revision` is that of the next save.
 * - "none": there is no draft, or it equals what the page shows.
 * - "restore": nothing has been saved since the draft was begun, except its own text. It is newer.
 * - "choose": something else has been saved or typed since. The candidate has to decide.
 */
export function fateOf(draft, { served, now, revision }) {
  if (!Array.isArray(draft?.fields) || sameFields(draft.fields, now)) return "none";
  if (!sameFields(now, served)) return "choose";
  const own = draft.revision === revision || (Array.isArray(draft.sent) && sameFields(draft.sent, served));
  return own ? "restore" : "choose";
}

/** Whether two lists of [name, value] pairs are equal. */
export const sameFields = (one, other) => sorted(one) === sorted(other);

// By name, because an ordering question sends its fields in the order in which the items stand.
const sorted = fields => JSON.stringify([...fields].sort(([one], [other]) => (one < other ? -1 : Number(one > other))));
