// What the code editor knows of a file, by its name: how its tokens are found, and how its comments begin.

import { START, lexRust } from "./code-rust.js";

const TOML = new RegExp([
  String.raw`(?<comment>#.*)`,
  String.raw`(?<string>"(?:[^"\\]|\\.)*"|'[^']*')`,
  String.raw`(?<table>^\s*\[.*\])`,
  String.raw`(?<plain>[^#"']+|.)`,
].join("|"), "suy");

// A string over several lines is taken for several strings; manifests have none.
function lexToml(line) {
  const tokens = [];
  for (TOML.lastIndex = 0; TOML.lastIndex < line.length;) {
    const { 0: text, groups: { comment, string, table } } = TOML.exec(line);
    const kind = (comment && "c") || (string && "s") || (table && "t") || "";
    tokens.push({ text, kind });
  }
  return { tokens, state: START };
}

const lexPlain = line => ({ tokens: line ? [{ text: line, kind: "" }] : [], state: START });

const RUST = { lex: lexRust, comment: "//" };
const TOML_FILE = { lex: lexToml, comment: "#" };
const PLAIN = { lex: lexPlain, comment: "" };

/** The language { lex, comment } of the file at `path`. A file without a name will be Rust. */
export function languageOf(path) {
  if (path.endsWith(".rs") || path === "") return RUST;
  return path.endsWith(".toml") ? TOML_FILE : PLAIN;
}
