import assert from "node:assert/strict";
import { test } from "node:test";

import { erased, pairAt, typed } from "../../src/web/assets/code-pairs.js";
import { lexRust } from "../../src/web/assets/code-rust.js";
import { CodeText } from "../../src/web/assets/code-text.js";
import { edited, selection } from "./selection.js";

const code = value => new CodeText(lexRust, value);

/** What typing a character makes of a text; null if it's just typed. `ours` are offsets of closing characters. */
function type(text, character, ours = []) {
  const before = selection(text);
  const context = { text: code(before.value), isOurs: at => ours.includes(at) };
  return edited(before, typed(before, character, context));
}

const erase = text => edited(selection(text), erased(selection(text)));

test("an opening bracket brings its closing one where there is room", () => {
  assert.equal(type("f|", "("), "f(|)");
  assert.equal(type("[|]", "{"), "[{|}]");
  assert.equal(type("|x", "("), null);
  assert.equal(type("// |", "("), null, "comments are prose");
  assert.equal(type('"|"', "{"), null, "before a quote there is no room");
  assert.equal(type('"a |b"', "{"), null);
  assert.equal(type('"a |, b"', "{"), '"a {|}, b"');
  assert.equal(type("'|'", "("), null);
});

test("a quote does so at the beginning of a string only", () => {
  assert.equal(type("f(|)", '"'), 'f("|")');
  assert.equal(type("b|", '"'), 'b"|"');
  assert.equal(type("x = br|;", '"'), 'x = br"|";');
  assert.equal(type("word|", '"'), null);
  assert.equal(type('f("a|', '"'), null, "it ends the string");
  assert.equal(type('f("a"|)', '"'), null);
  assert.equal(type("f('|", '"'), null);
});

test("a selection is wrapped", () => {
  assert.equal(type("a <b c> d", "("), "a (<b c>) d");
  assert.equal(type("<a>", '"'), '"<a>"');
  assert.equal(type("<a>", "x"), null);
});

test("a closing character that came by itself is typed over", () => {
  assert.equal(type("f(|)", ")", [2]), "f()|");
  assert.equal(type('f("|")', '"', [3]), 'f(""|)');
  assert.equal(type("f(|)", ")"), null);
});

test("a closing bracket that begins a line goes below the line of its opening one", () => {
  assert.equal(type("  if x {\n      y;\n      |", "}"), "  if x {\n      y;\n  }|");
  assert.equal(type("f(\n    a,\n    |", ")"), "f(\n    a,\n)|");
  assert.equal(type('{\n "\n    |', "}"), null, "in a string it's a character");
  assert.equal(type("    |", "}"), null);
});

test("Backspace takes an empty pair away", () => {
  assert.equal(erase("f(|)"), "f|");
  assert.equal(erase('f("|")'), "f(|)");
  assert.equal(erase("f(|]"), null);
  assert.equal(erase("f(a|)"), null);
  assert.equal(erase('"a\\"|"'), null);
  assert.equal(erase('"a""|"'), null);
  assert.equal(erase("(<x>)"), null);
  assert.equal(erase("|)"), null);
});

test("the other bracket is found over lines, strings and comments", () => {
  const text = 'fn f(a: [u8; 2]) {\n    g("}", \'}\'); // }\n}';
  const open = text.indexOf("{");
  const pair = at => pairAt(code(text), at);
  assert.deepEqual(pair(open), [open, text.length - 1]);
  assert.deepEqual(pair(text.length), [text.length - 1, open]);
  assert.deepEqual(pair(5), [4, 15]);
  assert.deepEqual(pairAt(code("(a"), 1), [0, null]);
  assert.deepEqual(pairAt(code("([)]"), 1), [0, null], "what doesn't nest has no other half");
  assert.equal(pair(0), null);
  assert.equal(pair(text.indexOf('"}"') + 1), null);
});
