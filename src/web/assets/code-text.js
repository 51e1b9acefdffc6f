// A text as lines of tokens, kept up to date as it is edited: only lines that changed are looked at again.

import { START } from "./code-rust.js";

/** One line; it never changes, so whatever was made for it stays right. `begins` and `ends` are states of the lexer. */
class Line {
  constructor(text, begins, lex) {
    this.text = text;
    this.begins = begins;
    const { tokens, state } = lexed(lex, text, begins);
    this.tokens = tokens;
    this.ends = state;
  }
}

// A fault in a lexer costs a line its colours, and nothing else.
function lexed(lex, text, begins) {
  try {
    return lex(text, begins);
  } catch (error) {
    reportError(error);
    return { tokens: [{ text, kind: "" }], state: START };
  }
}

/** The text of a code field. Lines count from 0 here; offsets are those of the whole text. */
export class CodeText {
  #lex;
  #starts = []; // the offset at which each line begins
  value;
  lines = [];

  /** `lex(line, state)` finds the tokens of a line, as in code-rust.js. */
  constructor(lex, value) {
    this.#lex = lex;
    this.value = value;
    this.#splice(0, 0, value.split("\n"));
  }

  /** Finds the tokens anew, as those of another language. */
  relex(lex) {
    if (lex === this.#lex) return;
    this.#lex = lex;
    this.#splice(0, this.lines.length, this.value.split("\n"));
  }

  /**
   * Takes over a new text. Returns the change: at `from`, `removed` was replaced by `inserted`; from line `line` on, `cut` lines
   * were replaced by `put` lines. Returns null if nothing changed.
   */
  update(value) {
    const old = this.value;
    if (value === old) return null;
    const from = commonStart(old, value);
    const rest = commonEnd(old, value, from);
    const [removed, inserted] = [old.slice(from, old.length - rest), value.slice(from, value.length - rest)];
    const line = this.lineAt(from);
    const cut = this.lineAt(from + removed.length) - line + 1;
    const before = this.lines[line].text.slice(0, from - this.start(line));
    const last = line + cut - 1;
    const after = this.lines[last].text.slice(from + removed.length - this.start(last));
    const put = (before + inserted + after).split("\n");
    this.value = value;
    this.#splice(line, cut, put);
    return { from, removed, inserted, line, cut, put: put.length };
  }

  /** Where a line begins. */
  start(line) { return this.#starts[line]; }

  /** The line that an offset lies in. */
  lineAt(offset) {
    let [low, high] = [0, this.#starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (this.#starts[middle] <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /**
   * The offset of a line and a column, or of the nearest place that there is. Columns count characters from 0, as compilers do;
   * some characters have two units of an offset.
   */
  offsetOf(line, column) {
    const at = Math.min(Math.max(line, 0), this.lines.length - 1);
    return this.start(at) + unitsOf(this.lines[at].text, column);
  }

  /** What is typed at an offset belongs to: "code", "string" or "comment". */
  insideAt(offset) {
    const line = this.lineAt(offset);
    const before = this.lines[line].text.slice(0, offset - this.start(line));
    const { tokens, state } = lexed(this.#lex, before, this.lines[line].begins);
    if (state !== START) return state.startsWith("comment") ? "comment" : "string";
    const last = tokens.at(-1);
    return last?.kind === "c" && !last.text.endsWith("*/") ? "comment" : "code";
  }

  #splice(at, cut, texts) {
    let state = this.lines[at - 1]?.ends ?? START;
    const added = texts.map(text => {
      const line = new Line(text, state, this.#lex);
      state = line.ends;
      return line;
    });
    // The lines below keep their tokens from the first one that begins as it did.
    let below = at + cut;
    while (below < this.lines.length && this.lines[below].begins !== state) {
      added.push(new Line(this.lines[below].text, state, this.#lex));
      state = added.at(-1).ends;
      below += 1;
    }
    this.lines = [...this.lines.slice(0, at), ...added, ...this.lines.slice(below)];
    let start = 0;
    this.#starts = this.lines.map(line => {
      const begin = start;
      start += line.text.length + 1;
      return begin;
    });
  }
}

/** The length of the first `count` characters of a text. */
export const unitsOf = (text, count) => [...text].slice(0, Math.max(count, 0)).join("").length;

const isHigh = unit => unit >= 0xd800 && unit < 0xdc00;
const isLow = unit => unit >= 0xdc00 && unit < 0xe000;

// Neither of these two splits a character of two units.

function commonStart(one, other) {
  const most = Math.min(one.length, other.length);
  let at = 0;
  while (at < most && one.charCodeAt(at) === other.charCodeAt(at)) at += 1;
  return at > 0 && isHigh(one.charCodeAt(at - 1)) ? at - 1 : at;
}

// How many characters both end in, of those after `from`.
function commonEnd(one, other, from) {
  const most = Math.min(one.length, other.length) - from;
  let count = 0;
  while (count < most && one.charCodeAt(one.length - 1 - count) === other.charCodeAt(other.length - 1 - count)) count += 1;
  return count > 0 && isLow(one.charCodeAt(one.length - count)) ? count - 1 : count;
}
