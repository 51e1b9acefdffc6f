// Text that is kept in this browser until the server has it. Whatever happens to the page, the connection or the session, it
// is there when the page is opened again.

const PREFIX = "draft ";
const KEPT_MS = 30 * 24 * 3_600_000; // a draft that nobody has come back to is dropped after this

/** One draft, under a key that names whose it is and of what. */
export class Draft {
  #storage;
  #key;
  #seen = null; // as this page last read or wrote it; another tab may have written over it since

  /** `storage` is the browser's localStorage, or null where there is none. `parts` make the key. */
  constructor(storage, ...parts) {
    this.#storage = storage;
    this.#key = PREFIX + parts.join(" ");
  }

  /** The draft that is kept; null where there is none, or none that can be read. */
  read() {
    try {
      this.#seen = this.#storage?.getItem(this.#key) ?? null;
      return JSON.parse(this.#seen);
    } catch {
      return null;
    }
  }

  /** Keeps a draft in place of the one before. Gives back whether this browser did. */
  keep(draft) {
    try {
      const text = JSON.stringify(draft);
      this.#storage.setItem(this.#key, text);
      this.#seen = text;
      return true;
    } catch {
      return false;
    }
  }

  /** Takes over a draft that was written before signing in, where there is none yet. */
  adopt(unsigned) {
    const found = this.read() ? null : unsigned.read();
    if (found && this.keep(found)) unsigned.drop();
  }

  /** Drops the draft, whoever wrote it. */
  drop() {
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // Where nothing can be removed nothing was kept.
    }
    this.#seen = null;
  }

  /** Drops the draft that this page knows; one that another tab has put in its place stays. */
  dropOwn() {
    try {
      if (this.#seen !== null && this.#storage.getItem(this.#key) === this.#seen) this.drop();
    } catch {
      // As above.
    }
  }
}

/** Drops the drafts that were last changed more than 30 days before `now` (in milliseconds). */
export function dropOld(storage, now) {
  if (!storage) return;
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  for (const key of keys.filter(key => key?.startsWith(PREFIX))) {
    try {
      if (!(now - Date.parse(JSON.parse(storage.getItem(key)).at) < KEPT_MS)) storage.removeItem(key);
    } catch {
      storage.removeItem(key);
    }
  }
}

/** The browser's storage; null where it is turned off. */
export function browserStorage() {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}

/**
 * What to do with the draft of an answer when its page is opened. `served` are the fields as the server filled them in, `now` as
 * they are (see fields.js); `revision` is the one that the next save has.
 * - "none": there is no draft, or it says what the page shows.
 * - "restore": nothing but this draft's own text was saved since it was begun: it is newer.
 * - "choose": something else was saved or typed since, so a person has to say which one counts.
 */
export function fateOf(draft, { served, now, revision }) {
  if (!Array.isArray(draft?.fields) || sameFields(draft.fields, now)) return "none";
  if (!sameFields(now, served)) return "choose";
  const own = draft.revision === revision || (Array.isArray(draft.sent) && sameFields(draft.sent, served));
  return own ? "restore" : "choose";
}

/** Whether two lists of [name, value] pairs say the same. */
export const sameFields = (one, other) => sorted(one) === sorted(other);

// By names: a list that is to be ordered sends its fields in the order in which they stand.
const sorted = fields => JSON.stringify([...fields].sort(([one], [other]) => (one < other ? -1 : Number(one > other))));
