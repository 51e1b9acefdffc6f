// Brackets and quotes that belong together: what typing one does, and where the other one is.

import { closeLine } from "./indent.js";

const CLOSERS = new Map([["(", ")"], ["[", "]"], ["{", "}"]]);
const OPENERS = new Map([...CLOSERS].map(([opener, closer]) => [closer, opener]));
const QUOTE = '"';

/**
 * What typing the character `typed` into a text with a selection { value, start, end } does, as an edit (see indent.js), or null
 * where it is just typed. `text` is the same text as a `CodeText`. `isOurs(offset)` tells whether this module has put the closing
 * character there, which is then typed over. An edit whose `closes` is true has put one right after the cursor.
 */
export function typed(selection, typed, { text, isOurs }) {
  const { value, start, end } = selection;
  const closer = typed === QUOTE ? QUOTE : CLOSERS.get(typed);
  if (closer && start !== end) {
    const inner = value.slice(start, end);
    return { from: start, to: end, text: typed + inner + closer, select: [start + 1, end + 1] };
  }
  if (start !== end) return null;
  if (value[start] === typed && isOurs(start)) return { from: start, to: start, text: "", select: [start + 1, start + 1] };
  if (closer && isRoom(value, start) && wantsPair(typed, value, start, text.insideAt(start))) {
    return { from: start, to: start, text: typed + closer, select: [start + 1, start + 1], closes: true };
  }
  return OPENERS.has(typed) ? closed(selection, typed, text) : null;
}

/** Backspace between an opening character and its closing one takes both away. Null elsewhere. */
export function erased({ value, start, end }) {
  const opener = value[start - 1];
  const closer = opener === QUOTE ? QUOTE : CLOSERS.get(opener);
  if (start !== end || !closer || value[start] !== closer) return null;
  // In `""""` or `\""` the quotes beside the cursor are no pair.
  if (opener === QUOTE && /["\\]/.test((value[start - 2] ?? "") + (value[start + 1] ?? ""))) return null;
  return { from: start - 1, to: start + 1, text: "", select: [start - 1, start - 1] };
}

// Before a word, somebody is putting brackets around what is there.
const isRoom = (value, at) => at === value.length || /[\s)\]},;.?:]/.test(value[at]);

function wantsPair(typed, value, at, inside) {
  const before = value[at - 1] ?? "";
  if (before === "\\" || before === "'" || inside === "comment") return false;
  if (typed !== QUOTE) return true;
  // After a word it is the end of a string, but for the letters before a string: b"" and r"".
  return inside === "code" && /(?:^|[^\p{L}\p{N}_"])(?:br?|cr?|r)?$/u.test(value.slice(Math.max(0, at - 3), at));
}

function closed(selection, bracket, text) {
  if (text.insideAt(selection.start) !== "code") return null;
  const opener = openerBefore(text, selection.start, bracket);
  return opener === null ? null : closeLine(selection, bracket, opener);
}

/**
 * The bracket beside the cursor and its other half, as offsets [one, other]; `other` is null if there is none. Null if no
 * bracket is beside the cursor. Brackets in strings and comments don't count.
 */
export function pairAt(text, offset) {
  for (const at of [offset - 1, offset]) {
    const bracket = text.value[at];
    if (!CLOSERS.has(bracket) && !OPENERS.has(bracket)) continue;
    if (!bracketsOf(text.lines[text.lineAt(at)]).some(one => text.start(text.lineAt(at)) + one === at)) continue;
    return [at, CLOSERS.has(bracket) ? closerAfter(text, at + 1, bracket) : openerBefore(text, at, bracket)];
  }
  return null;
}

const closerAfter = (text, offset, opener) => partner(forwards(text, offset), opener, CLOSERS.get(opener), CLOSERS);
const openerBefore = (text, offset, closer) => partner(backwards(text, offset), closer, OPENERS.get(closer), OPENERS);

// The first of these brackets that ends what `own` began. Brackets within must belong together as well.
function partner(brackets, own, other, others) {
  const open = [other];
  for (const { at, bracket } of brackets) {
    if (others.has(bracket)) open.push(others.get(bracket));
    else if (open.pop() !== bracket) return null;
    if (open.length === 0) return at;
  }
  return null;
}

function* forwards(text, offset) {
  for (let line = text.lineAt(offset); line < text.lines.length; line += 1) {
    for (const column of bracketsOf(text.lines[line])) {
      const at = text.start(line) + column;
      if (at >= offset) yield { at, bracket: text.value[at] };
    }
  }
}

function* backwards(text, offset) {
  for (let line = text.lineAt(offset); line >= 0; line -= 1) {
    for (const column of [...bracketsOf(text.lines[line])].reverse()) {
      const at = text.start(line) + column;
      if (at < offset) yield { at, bracket: text.value[at] };
    }
  }
}

const known = new WeakMap(); // the columns of a line's brackets

function bracketsOf(line) {
  if (!known.has(line)) known.set(line, columnsOf(line));
  return known.get(line);
}

function columnsOf({ tokens }) {
  const columns = [];
  let column = 0;
  for (const { text, kind } of tokens) {
    if (kind === "") for (const { index } of text.matchAll(/[()[\]{}]/g)) columns.push(column + index);
    column += text.length;
  }
  return columns;
}
