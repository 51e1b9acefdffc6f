import assert from "node:assert/strict";
import { test } from "node:test";

import {
  closeLine, deeper, indent, moveLines, newLine, outdent, toggleComment, unindent,
} from "../../src/web/assets/indent.js";
import { edited, selection } from "./selection.js";

function after(change, text, ...more) {
  const before = selection(text);
  return edited(before, change(before, ...more));
}

test("a new line is indented like the last one", () => {
  assert.equal(after(newLine, "    let x;|"), "    let x;\n    |");
  assert.equal(after(newLine, "\tx|y"), "\tx\n\t|y");
  assert.equal(after(newLine, "|"), "\n|");
});

test("and one step further after an opening bracket", () => {
  assert.equal(after(newLine, "fn f() {|"), "fn f() {\n    |");
  assert.equal(after(newLine, "  call(  |"), "  call(  \n      |");
});

test("between two brackets it opens a block", () => {
  assert.equal(after(newLine, "  fn f() {|}"), "  fn f() {\n      |\n  }");
  assert.equal(after(newLine, "f(|]"), "f(\n    |]", "these two don't belong together");
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
  assert.equal(after(indent, "a\nb<b\n\nc>c"), "a\n<    bb\n\n    cc>");
  assert.equal(after(indent, "<a\n>b"), "<    a>\nb", "a line whose beginning ends the selection stays");
  assert.equal(after(deeper, "a\nb|b"), "a\n    b|b");
});

test("Shift+Tab moves them back as far as they are indented", () => {
  assert.equal(after(outdent, "    a<a\n  b\n\tc\nd>"), "<aa\nb\nc\nd>");
  assert.equal(after(outdent, "x\n      y|"), "x\n  y|");
  assert.equal(after(outdent, "x\n  |  y"), "x\n|y");
});

test("Backspace in the indentation takes a step away", () => {
  assert.equal(after(unindent, "        |x"), "    |x");
  assert.equal(after(unindent, "a\n      |"), "a\n    |");
  assert.equal(after(unindent, "a   |"), null);
  assert.equal(after(unindent, "a\n|"), null);
  assert.equal(after(unindent, "\t|"), null);
  assert.equal(after(unindent, "  < >"), null);
});

test("a closing bracket that begins a line is indented like the line of its opening one", () => {
  const before = selection("  if x {\n      y\n      |");
  assert.equal(edited(before, closeLine(before, "}", 7)), "  if x {\n      y\n  }|");
  const behind = selection("if x {\n  y|");
  assert.equal(closeLine(behind, "}", 5), null);
});

test("lines are commented out and in", () => {
  const comment = text => after(toggleComment, text, "//");
  assert.equal(comment("    let x|;"), "    // let x|;");
  assert.equal(comment("    // let x|;"), "    let x|;");
  assert.equal(comment("//x|"), "x|");
  assert.equal(comment("<  if x {\n\n    y // why\n  }>"), "<  // if x {\n\n  //   y // why\n  // }>");
  assert.equal(comment("<  // if x {\n\n  //   y // why\n  // }>"), "<  if x {\n\n    y // why\n  }>");
  assert.equal(comment("<// a\nb>"), "<// // a\n// b>", "only if all of them are comments");
  assert.equal(comment("/// Adds.|"), "// /// Adds.|", "doc comments are commented out as well");
  assert.equal(after(toggleComment, "a = 1|", "#"), "# a = 1|");
  assert.equal(after(toggleComment, "prose|", ""), null);
});

test("lines move up and down", () => {
  assert.equal(after(moveLines, "a\nb|b\nc", -1), "b|b\na\nc");
  assert.equal(after(moveLines, "a\nb|b\nc", 1), "a\nc\nb|b");
  assert.equal(after(moveLines, "a\n<b\nc>\nd\n", 1), "a\nd\n<b\nc>\n");
  assert.equal(after(moveLines, "a\n<b\n>c", 1), "a\nc\n<b>", "at the end of the text there is no line end to select");
  assert.equal(after(moveLines, "|a\nb", -1), null);
  assert.equal(after(moveLines, "a\n|b", 1), null);
});
