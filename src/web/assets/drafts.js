// Drafts: text that is kept in this browser's storage until the server has it, so that it survives a crash, a closed tab, a
// broken connection and an ended session.

const PREFIX = "draft ";
const ERASED = "erased "; // with an owner: that account was deleted, at the time that is stored
const KEPT_MS = 30 * 24 * 3_600_000; // 30 days without a change
const MOST_OLDER = 8; // texts of other tabs that a draft carries
const MOST_OLDER_CHARACTERS = 2_000_000; // of all these texts together; browsers store some 5 million for a site
const MOST_OWN = 10_000; // fingerprints that a page has of its own drafts

/**
 * One draft. Its key says whose it is and what it belongs to. A page that finds a text of another tab in the storage keeps it
 * beside its own: as `older`, in which the next one may be as `older`, and so on.
 */
export class Draft {
  #storage;
  #parts;
  #key;
  #seen = null; // the stored text as this page last read or wrote it; another tab may have changed it since
  #others = []; // drafts of other tabs that this page has found since it read the draft
  #own = new Set(); // fingerprints of what this page has stored or dropped: another tab may carry it, and give it back

  /** `storage` is the browser's localStorage, or null if it is turned off. `parts` make up the key. */
  constructor(storage, ...parts) {
    this.#storage = storage;
    this.#parts = parts;
    this.#key = PREFIX + parts.join(" ");
  }

  /** The stored draft, with all that it carries; null if there is none or it can't be parsed. */
  read() {
    this.#others = [];
    try {
      this.#seen = this.#storage?.getItem(this.#key) ?? null;
    } catch {
      return null;
    }
    return parsed(this.#seen);
  }

  /**
   * Stores a draft in place of the one before. What other tabs have stored meanwhile is kept inside it, as `older`, before what
   * it has there itself. Returns whether the browser stored it. Nothing is stored for an account that was deleted in another tab.
   */
  keep(draft) {
    try {
      if (isErased(this.#storage, this.#parts)) return false;
      this.#look();
      const older = carried(draft, [...this.#others, ...chain(draft.older)]);
      this.#store(older || draft.older ? { ...draft, older } : draft);
      this.forget(draft);
      return true;
    } catch {
      return false;
    }
  }

  // Finds what other tabs have stored since this page last looked.
  #look() {
    const there = this.#storage.getItem(this.#key);
    if (there === this.#seen) return;
    this.#others = chain(parsed(there)).filter(other => !this.#own.has(fingerprint(contentOf(other))));
  }

  #store(draft) {
    const text = JSON.stringify(draft);
    this.#storage.setItem(this.#key, text);
    this.#seen = text;
  }

  /** From now on, takes this draft back from no other tab: it's this page's own, or its author has dropped it here. */
  forget(draft) {
    this.#own.add(fingerprint(contentOf(draft)));
    if (this.#own.size > MOST_OWN) this.#own.delete(this.#own.values().next().value);
  }

  /** Drops the stored draft. */
  drop() {
    try {
      this.#storage?.removeItem(this.#key);
    } catch {
      // If nothing can be removed, nothing was stored.
    }
    this.#seen = null;
    this.#others = [];
  }

  /** Drops this page's draft. What another tab has stored stays, also what this page has found beside its own. */
  dropOwn() {
    try {
      if (this.#seen === null || this.#storage.getItem(this.#key) !== this.#seen) return;
      if (this.#others.length === 0) this.drop();
      else this.#store(carried(null, this.#others));
    } catch {
      // See above.
    }
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// A draft and all that it carries.
function chain(draft) {
  const all = [];
  for (let one = draft; one && all.length < 2 * MOST_OLDER; one = one.older) all.push(one);
  return all;
}

// What a draft says, whenever it was kept and whatever it carries.
const contentOf = draft => JSON.stringify(draft, (key, value) => (key === "at" || key === "older" ? undefined : value));

// The drafts that are kept beside `draft`, each once, one inside the other; null if there is none. The first ones come first, as
// far as there is room.
function carried(draft, drafts) {
  const texts = new Set([contentOf(draft)]);
  let room = MOST_OLDER_CHARACTERS;
  const kept = drafts.filter(one => {
    const text = contentOf(one);
    if (texts.has(text) || texts.size > MOST_OLDER || text.length > room) return false;
    texts.add(text);
    room -= text.length;
    return true;
  });
  return kept.reduceRight((older, one) => ({ ...one, older }), null);
}

/** A short text by which a long one is known again. */
export function fingerprint(text) {
  let hash = 0x811c9dc5; // FNV-1a, 32 bits
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return text.length + " " + (hash >>> 0).toString(16);
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
