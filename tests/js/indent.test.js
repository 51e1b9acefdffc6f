import assert from "node:assert/strict";
import { test } from "node:test";

import { indent, newLine, outdent } from "../../src/web/assets/indent.js";

// In these texts `<` and `>` are the ends of the selection, or `|` is the cursor.
function selection(text) {
  if (text.includes("|")) return { value: text.replace("|", ""), start: text.indexOf("|"), end: text.indexOf("|") };
  return { value: text.replace("<", "").replace(">", ""), start: text.indexOf("<"), end: text.indexOf(">") - 1 };
}

function after(change, text) {
  const before = selection(text);
  const { from, to, text: put, select: [start, end] } = change(before);
  const value = before.value.slice(0, from) + put + before.value.slice(to);
  if (start === end) return value.slice(0, start) + "|" + value.slice(start);
  return value.slice(0, start) + "<" + value.slice(start, end) + ">" + value.slice(end);
}

test("a new line is indented like the last one", () => {
  assert.equal(after(newLine, "    let x;|"), "    let x;\n    |");
  assert.equal(after(newLine, "\tx|y"), "\tx\n\t|y");
  assert.equal(after(newLine, "|"), "\n|");
});

test("and one step further after an opening bracket", () => {
  assert.equal(after(newLine, "fn f() {|}"), "fn f() {\n    |}");
  assert.equal(after(newLine, "  call(  |"), "  call(  \n      |");
});

test("a new line replaces the selection", () => {
  assert.equal(after(newLine, "    a<bc>d"), "    a\n    |d");
});

test("Tab moves the cursor to the next step", () => {
  assert.equal(after(indent, "|x"), "    |x");
  assert.equal(after(indent, "ab|"), "ab  |");
  assert.equal(after(indent, "a\nabcd|"), "a\nabcd    |");
});

test("Tab moves all selected lines except empty ones", () => {
  assert.equal(after(indent, "a\nb<b\n\nc>c"), "a\n<    bb\n\n    c>c");
});

test("Shift+Tab moves them back as far as they are indented", () => {
  assert.equal(after(outdent, "    a<a\n  b\n\tc\nd>"), "<aa\nb\nc\nd>");
});
