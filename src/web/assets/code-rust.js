// The tokens of Rust, line by line. It is no parser: it knows tokens by their look, as src/http/highlight.rs does for code that
// is only shown, and uses the same classes: c comment, s string or character, k keyword, n number, t type or lifetime, m macro
// or attribute. What it mistakes keeps its text.

const KEYWORDS = new Set((
  "as async await break const continue crate dyn else enum extern false fn for if impl in let loop match mod move mut pub ref " +
  "return self static struct super trait true type unsafe use while"
).split(" "));

const PRIMITIVES = new Set(
  "bool char f32 f64 i8 i16 i32 i64 i128 isize str u8 u16 u32 u64 u128 usize".split(" "),
);

// `1.max(2)` and `1..2` begin with the number 1.
const DECIMAL = String.raw`\d[\d_]*(?:\.(?![.\p{XID_Start}_])[\d_]*)?(?:[eE][+\-]?_*\d[\d_]*)?`;

// What a token outside strings and comments can be, by the name of its group.
const TOKEN = new RegExp([
  String.raw`(?<comment>\/\/.*)`,
  String.raw`(?<block>\/\*)`,
  String.raw`(?<raw>[bc]?r#*")`,
  String.raw`(?<string>[bc]?")`,
  String.raw`(?<char>b?'(?:\\(?:x[\da-fA-F]{2}|u\{[^}']*\}|.)|[^\\'])')`,
  String.raw`(?<lifetime>'(?:r#)?[\p{XID_Start}_]\p{XID_Continue}*)`,
  String.raw`(?<number>(?:0[xob][\da-fA-F_]+|${DECIMAL})\p{XID_Continue}*)`,
  String.raw`(?<word>(?:r#)?[\p{XID_Start}_]\p{XID_Continue}*)`,
  String.raw`(?<attribute>#!?(?=\[))`,
  String.raw`(?<space>\s+)`,
].join("|"), "suy");

const IN_COMMENT = /(?<open>\/\*)|(?<close>\*\/)|(?:[^*/]|\*(?!\/)|\/(?!\*))+/uy;
const IN_STRING = /(?:[^"\\]|\\.|\\$)*(?<close>")?/suy;

/** How a file begins: outside every comment and string. */
export const START = "";

/**
 * The tokens { text, kind } of one line, and the state in which the next line begins. States are `START`, "string",
 * "raw N" (in a raw string with N hashes) and "comment N" (in N nested comments). The texts of all tokens make up the line.
 */
export function lexRust(line, state) {
  const scan = new Scan(line, state);
  while (scan.at < line.length) scan.step();
  return { tokens: scan.tokens, state: scan.state };
}

class Scan {
  tokens = [];
  at = 0;

  constructor(line, state) {
    this.line = line;
    this.state = state;
  }

  step() {
    const [inside, count] = this.state.split(" ");
    if (inside === "comment") this.#comment(Number(count));
    else if (inside === "string") this.#string();
    else if (inside === "raw") this.#raw(Number(count));
    else this.#code();
  }

  #code() {
    TOKEN.lastIndex = this.at;
    const found = TOKEN.exec(this.line);
    if (!found) return this.#take(String.fromCodePoint(this.line.codePointAt(this.at)).length, "");
    const { comment, block, raw, string, char, lifetime, number, word, attribute } = found.groups;
    const length = found[0].length;
    if (word) return this.#take(length, this.#kindOf(word));
    if (comment || block) this.#take(length, "c");
    else if (raw || string || char) this.#take(length, "s");
    else if (number) this.#take(length, "n");
    else if (lifetime) this.#take(length, "t");
    else this.#take(length, attribute ? "m" : "");
    if (block) this.state = "comment 1";
    else if (string) this.state = "string";
    else if (raw) this.state = "raw " + (raw.split("#").length - 1);
  }

  // Of the word that begins here.
  #kindOf(word) {
    const after = this.line.slice(this.at + word.length, this.at + word.length + 2);
    if (KEYWORDS.has(word)) return "k";
    if (after[0] === "!" && after !== "!=") return "m";
    if (/#!?\[$/.test(this.line.slice(Math.max(0, this.at - 3), this.at))) return "m";
    if (PRIMITIVES.has(word) || /^\p{Lu}/u.test(word)) return "t";
    return "";
  }

  #comment(depth) {
    IN_COMMENT.lastIndex = this.at;
    const found = IN_COMMENT.exec(this.line);
    this.#take(found[0].length, "c");
    const left = depth + Number(Boolean(found.groups.open)) - Number(Boolean(found.groups.close));
    this.state = left > 0 ? "comment " + left : START;
  }

  #string() {
    IN_STRING.lastIndex = this.at;
    const found = IN_STRING.exec(this.line);
    this.#take(found[0].length, "s");
    if (found.groups.close) this.state = START;
  }

  #raw(hashes) {
    const close = '"' + "#".repeat(hashes);
    const at = this.line.indexOf(close, this.at);
    this.#take(at < 0 ? this.line.length - this.at : at + close.length - this.at, "s");
    if (at >= 0) this.state = START;
  }

  // The next characters are of this kind; a token of the same kind goes on.
  #take(length, kind) {
    const text = this.line.slice(this.at, this.at + length);
    const last = this.tokens.at(-1);
    if (last?.kind === kind) last.text += text;
    else this.tokens.push({ text, kind });
    this.at += length;
  }
}
