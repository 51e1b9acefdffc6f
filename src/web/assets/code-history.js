// What was changed in a text field, so that it can be undone and done again, also after the page was loaded anew. The browser's
// own undo forgets everything when a script sets the text, and when the page goes.

import { Draft, fingerprint } from "./drafts.js";

const HISTORY = "history"; // the first part of a history's key
const MOST_STEPS = 500;
const MOST_CHARACTERS = 4_000_000; // of all steps together
const MOST_STORED = 100_000; // characters of the steps that are kept in the browser's storage
const MOST_KEPT = 12; // histories in this browser
const TYPING = new Set(["insertText", "insertCompositionText", "deleteContentBackward", "deleteContentForward"]);

/** The changes of one text. Each was made after the ones before it. */
export class History {
  #steps = []; // { from, removed, inserted, kind, before: [start, end] }
  #done = 0; // how many of them are not undone
  #open = false; // whether typing goes on in the last step

  /** Whether there is nothing to undo or to do again. */
  get isEmpty() { return this.#steps.length === 0; }

  /**
   * Records that at `from`, `removed` was replaced by `inserted`. `before` is the selection [start, end] until then. `kind` is an
   * InputEvent's inputType: what is typed in one go becomes one step, word by word.
   */
  record({ from, removed, inserted }, kind, before) {
    this.#steps.length = this.#done;
    const step = { from, removed, inserted, kind, before };
    const joined = this.#open && this.#done > 0 ? join(this.#steps.at(-1), step) : null;
    if (joined) this.#steps[this.#done - 1] = joined;
    else this.#steps.push(step);
    this.#open = TYPING.has(kind);
    this.#steps = newest(this.#steps, MOST_CHARACTERS);
    this.#done = this.#steps.length;
  }

  /** Ends what is typed in one go, as a click elsewhere does. */
  pause() { this.#open = false; }

  /** The edit (see indent.js) that undoes the last step in this text; null if there is none. */
  undo(value) {
    const step = this.#steps[this.#done - 1];
    if (!step || !this.#fits(value, step.from, step.inserted)) return null;
    this.#done -= 1;
    const { from, removed, inserted, before } = step;
    return { from, to: from + inserted.length, text: removed, select: before };
  }

  /** The edit that does the last undone step again; null if there is none. */
  redo(value) {
    const step = this.#steps[this.#done];
    if (!step || !this.#fits(value, step.from, step.removed)) return null;
    this.#done += 1;
    const end = step.from + step.inserted.length;
    return { from: step.from, to: step.from + step.removed.length, text: step.inserted, select: [end, end] };
  }

  // A step that doesn't fit belongs to another text, and so does the whole history.
  #fits(value, from, there) {
    this.#open = false;
    if (value.startsWith(there, from)) return true;
    this.#steps = [];
    this.#done = 0;
    return false;
  }

  /** Keeps this history of the text `value` in a `Draft` (drafts.js). */
  keep(draft, value) {
    draft.read(); // what another tab has kept is replaced
    const steps = newest(this.#steps, MOST_STORED);
    const done = this.#done - (this.#steps.length - steps.length);
    if (done < 0) return draft.drop(); // the step that would be done again next is not among them
    const kept = { at: new Date().toISOString(), text: fingerprint(value), done, steps };
    // Where there is no room, an old history must not stay: it would be of another text.
    if (!draft.keep(kept)) draft.drop();
  }

  /** Takes over the history that was kept of the text `value`. Returns whether there was one. */
  takeOver(draft, value) {
    const kept = draft.read();
    if (kept?.text !== fingerprint(value) || !Array.isArray(kept.steps) || !kept.steps.every(isStep)) return false;
    this.#steps = kept.steps;
    this.#done = Math.min(Math.max(Number(kept.done) || 0, 0), kept.steps.length);
    return true;
  }
}

// The last steps, as many as have so many characters together.
function newest(steps, characters) {
  let left = characters;
  const fits = ({ removed, inserted }) => (left -= removed.length + inserted.length) >= 0;
  return steps.slice(steps.findLastIndex((step, index) => steps.length - index > MOST_STEPS || !fits(step)) + 1);
}

const isStep = step => Number.isInteger(step?.from) && typeof step.removed === "string" && typeof step.inserted === "string" &&
  Array.isArray(step.before);

// Two steps of typing as one, if the second goes on where the first ended. Null if it's a step of its own.
function join(one, next) {
  if (one.kind !== next.kind) return null;
  if (next.kind === "insertCompositionText") return joinComposed(one, next);
  if (next.kind === "insertText") {
    const follows = next.from === one.from + one.inserted.length && next.removed === "";
    const newWord = /\s$/.test(one.inserted) && /^\S/.test(next.inserted);
    return follows && !newWord ? { ...one, inserted: one.inserted + next.inserted } : null;
  }
  if (one.inserted !== "" || next.inserted !== "" || next.removed.length > 2) return null;
  if (next.from === one.from) return { ...one, removed: one.removed + next.removed };
  if (next.from + next.removed.length !== one.from) return null;
  return { ...one, from: next.from, removed: next.removed + one.removed };
}

// While a word is composed, each change replaces a part of what was composed so far.
function joinComposed(one, next) {
  const at = next.from - one.from;
  if (at < 0 || at + next.removed.length > one.inserted.length) return null;
  return { ...one, inserted: one.inserted.slice(0, at) + next.inserted + one.inserted.slice(at + next.removed.length) };
}

/** Where the history of a file is kept. `parts` say whose it is and what it belongs to. */
export const keptHistory = (storage, ...parts) => new Draft(storage, HISTORY, ...parts);

/** Drops all but the newest histories, so that they leave room for drafts. */
export function dropOldHistories(storage) {
  const keys = Array.from({ length: storage?.length ?? 0 }, (_, index) => storage.key(index));
  const dated = keys.filter(key => key.startsWith(`draft ${HISTORY} `)).map(key => [atOf(storage.getItem(key)), key]);
  for (const [, key] of dated.sort().slice(0, -MOST_KEPT)) storage.removeItem(key);
}

const atOf = kept => /"at":"([^"]*)"/.exec(kept)?.[1] ?? "";
