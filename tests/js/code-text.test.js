import assert from "node:assert/strict";
import { test } from "node:test";

import { lexRust } from "../../src/web/assets/code-rust.js";
import { CodeText } from "../../src/web/assets/code-text.js";
import { languageOf } from "../../src/web/assets/code-language.js";
import { Random } from "./random.js";

const PARTS = [
  "/*", "*/", "//", '"', 'r#"', '"#', "\\", "'", "'a", "\n", "\n", "\n", " ", "fn", "x", "1.5", "🦀", "é", "(", ")", "#[", "!",
];

const some = (random, most) => Array.from({ length: random.below(most) }, () => random.of(PARTS)).join("");

test("after any edits the lines are those of a text that is looked at for the first time", () => {
  for (let seed = 0; seed < 40; seed += 1) {
    const random = new Random(seed);
    let value = some(random, 60);
    const text = new CodeText(lexRust, value);
    for (let edit = 0; edit < 60; edit += 1) {
      const from = random.below(value.length + 1);
      const to = Math.min(from + random.below(8), value.length);
      value = value.slice(0, from) + some(random, 6) + value.slice(to);
      const before = text.value;
      const change = text.update(value);
      const fresh = new CodeText(lexRust, value);
      assert.deepEqual(text.lines, fresh.lines, `seed ${seed}, edit ${edit}`);
      assert.equal(text.lines.map(line => line.tokens.map(token => token.text).join("")).join("\n"), value);
      text.lines.forEach((line, index) => assert.equal(text.start(index), fresh.start(index)));
      if (!change) continue;
      const { from: at, removed, inserted } = change;
      assert.equal(before.slice(0, at) + inserted + before.slice(at + removed.length), value);
    }
  }
});

test("a change says which lines it replaced", () => {
  const text = new CodeText(lexRust, "a\nb\nc\nd");
  assert.deepEqual(text.update("a\nbx\ny\nc\nd"), { from: 3, removed: "", inserted: "x\ny", line: 1, cut: 1, put: 2 });
  assert.deepEqual(text.update("a\nd"), { from: 2, removed: "bx\ny\nc\n", inserted: "", line: 1, cut: 4, put: 1 });
  assert.equal(text.update("a\nd"), null);
});

test("only lines that changed or begin otherwise are looked at again", () => {
  const text = new CodeText(lexRust, "a\nb\nc\nd");
  const [a, , c, d] = text.lines;
  text.update("a\nb1\nc\nd");
  assert.equal(text.lines[0], a);
  assert.equal(text.lines[2], c);
  text.update("a\n/*\nc\nd");
  assert.notEqual(text.lines[3], d);
  assert.equal(text.lines[3].begins, "comment 1");
});

test("no change splits a character of two units", () => {
  const text = new CodeText(lexRust, "a🦀b");
  assert.deepEqual(text.update("a🦁b"), { from: 1, removed: "🦀", inserted: "🦁", line: 0, cut: 1, put: 1 });
  assert.equal(text.update("a🦁🦁b").inserted, "🦁");
});

test("offsets and lines lead to each other, and columns count characters", () => {
  const text = new CodeText(lexRust, "a🦀b\n\nc");
  assert.deepEqual([0, 4, 5, 6, 7].map(offset => text.lineAt(offset)), [0, 0, 1, 2, 2]);
  assert.equal(text.offsetOf(0, 2), 3);
  assert.equal(text.offsetOf(0, 99), 4);
  assert.equal(text.offsetOf(2, 0), 6);
  assert.equal(text.offsetOf(99, 99), 7);
  assert.equal(text.offsetOf(-1, -1), 0);
});

test("what is typed belongs to a string, a comment or the code", () => {
  const inside = marked => new CodeText(lexRust, marked.replace("|", "")).insideAt(marked.indexOf("|"));
  for (const code of ["|", 'f("a")|', "/* a */|", "fn |f"]) assert.equal(inside(code), "code", code);
  for (const string of ['f("a|', 'f("a|")', '"a\nb|"', 'r#"|"#']) assert.equal(inside(string), "string", string);
  for (const comment of ["// a|", "/* |", "/*\n|\n*/"]) assert.equal(inside(comment), "comment", comment);
});

test("another language gives other tokens", () => {
  const text = new CodeText(lexRust, "# fn");
  text.relex(languageOf("Cargo.toml").lex);
  assert.deepEqual(text.lines[0].tokens, [{ text: "# fn", kind: "c" }]);
});

test("a fault in a lexer leaves the text without colours", t => {
  const reported = [];
  globalThis.reportError = error => reported.push(error.message);
  t.after(() => { delete globalThis.reportError; });
  const text = new CodeText(() => { throw new Error("no token"); }, "fn f() {\n}");
  text.update("fn f() {\n    1\n}");
  assert.deepEqual(text.lines.map(line => line.tokens), [
    [{ text: "fn f() {", kind: "" }], [{ text: "    1", kind: "" }], [{ text: "}", kind: "" }],
  ]);
  assert.equal(text.insideAt(3), "code");
  assert.ok(reported.every(message => message === "no token") && reported.length > 0);
});
