import assert from "node:assert/strict";
import { test } from "node:test";

import { languageOf } from "../../src/web/assets/code-language.js";
import { START, lexRust } from "../../src/web/assets/code-rust.js";

// The tokens of a line that have a kind, as "kind:text".
const tokens = (line, state = START, lex = lexRust) =>
  lex(line, state).tokens.filter(({ kind }) => kind).map(({ kind, text }) => kind + ":" + text);

const CASES = [
  ["let mut x = self;", ["k:let", "k:mut", "k:self"]],
  ["fnord letter r#let", []],
  ["Some(1)", ["t:Some", "n:1"]],
  ["u8 as Élan", ["t:u8", "k:as", "t:Élan"]],
  ["1_000 0xFF_u8 0b1 1.5e-3 2. 3f64", ["n:1_000", "n:0xFF_u8", "n:0b1", "n:1.5e-3", "n:2.", "n:3f64"]],
  ["1..2 1.max(x) t.0.1", ["n:1", "n:2", "n:1", "n:0.1"]],
  ["a // let \"x\"", ["c:// let \"x\""]],
  ["/// Doc", ["c:/// Doc"]],
  ["a /* b */ c", ["c:/* b */"]],
  ["/* a /* b */ c */ d", ["c:/* a /* b */ c */"]],
  ["/**/ fn", ["c:/**/", "k:fn"]],
  ['f("a \\" b", "c\\\\")', ['s:"a \\" b"', 's:"c\\\\"']],
  ['b"x" c"y" br#"a"b"# r"\\" r##"x"#"##', ['s:b"x"', 's:c"y"', 's:br#"a"b"#', 's:r"\\"', 's:r##"x"#"##']],
  ["'a' 'b '\\n' '\\'' '\\u{1F980}' '🦀' b'x' '\"'",
    ["s:'a'", "t:'b", "s:'\\n'", "s:'\\''", "s:'\\u{1F980}'", "s:'🦀'", "s:b'x'", "s:'\"'"]],
  ["<'a, 'static> &'_ str", ["t:'a", "t:'static", "t:'_", "t:str"]],
  ["'outer: loop { break 'outer }", ["t:'outer", "k:loop", "k:break", "t:'outer"]],
  ["vec![x] a != b write!(f)", ["m:vec", "m:write"]],
  ["#[derive(Debug)] #![forbid(x)]", ["m:#", "m:derive", "t:Debug", "m:#!", "m:forbid"]],
  ["\"ends\u2028here\\\u2028\" fn", ["s:\"ends\u2028here\\\u2028\"", "k:fn"]],
];

test("tokens are told apart", () => {
  for (const [line, expected] of CASES) assert.deepEqual(tokens(line), expected, line);
});

test("strings and comments go on in the next line", () => {
  const state = line => lexRust(line, START).state;
  assert.equal(state('let x = "a'), "string");
  assert.equal(state('let x = "a\\'), "string");
  assert.equal(state('let x = "a\\""'), START);
  assert.equal(state('r#"a"'), "raw 1");
  assert.equal(state('r"a'), "raw 0");
  assert.equal(state("/* /*"), "comment 2");
  assert.equal(state("/* /* */"), "comment 1");
  assert.equal(state("// /*"), START);
});

test("and end there", () => {
  assert.deepEqual(tokens('a" fn', "string"), ['s:a"', "k:fn"]);
  assert.deepEqual(tokens('\\" fn', "string"), ['s:\\" fn']);
  assert.deepEqual(tokens('a"b"# fn', "raw 1"), ['s:a"b"#', "k:fn"]);
  assert.deepEqual(tokens("*/ */ fn", "comment 2"), ["c:*/ */", "k:fn"]);
  assert.deepEqual(lexRust("", "comment 2"), { tokens: [], state: "comment 2" });
});

test("what is no token keeps its text", () => {
  for (const line of ["a$b `c` \\ ~ § 𝔸 \ud800 x", "'", "b'", "r#", '#"', "0x"]) {
    assert.equal(lexRust(line, START).tokens.map(({ text }) => text).join(""), line);
  }
});

test("manifests have comments, strings and tables, and other files none of them", () => {
  const { lex, comment } = languageOf("Cargo.toml");
  assert.deepEqual(tokens('[dependencies] # "x"', START, lex), ["t:[dependencies]", 'c:# "x"']);
  assert.deepEqual(tokens("a = \"b#c\" # 'd'", START, lex), ['s:"b#c"', "c:# 'd'"]);
  assert.equal(lex('a = "unclosed', START).tokens.map(({ text }) => text).join(""), 'a = "unclosed');
  assert.equal(comment, "#");
  assert.deepEqual(tokens("fn # //", START, languageOf("README.md").lex), []);
  assert.equal(languageOf(""), languageOf("src/lib.rs"));
});
