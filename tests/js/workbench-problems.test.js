import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { test } from "node:test";

import { linesNow, problemsIn, problemsNow } from "../../src/web/assets/workbench-problems.js";
import { diagnostic, failed, place } from "./workbench-page.js";

const packages = process.env.QUORATE_TEST_PACKAGES ?? new URL("../../target/npm", import.meta.url).pathname;
const { JSDOM } = createRequire(join(packages, "package.json"))("jsdom");
const of = html => problemsIn(new JSDOM(html).window.document.body).get("src/lib.rs");

test("a message of the compiler is a problem at its place", () => {
  assert.deepEqual(of(diagnostic(3, 5)), [
    { line: 3, column: 5, endLine: 3, endColumn: 8, level: "error", text: "mismatched types" },
  ]);
});

test("a message without a place is none", () => {
  assert.equal(of('<pre data-level="error" data-message="it is too large">error</pre>'), undefined);
});

test("a panic is a problem once, in its own words where the test shows them", () => {
  const here = place(4, 9);
  const at = { line: 4, column: 9, endLine: 4, endColumn: 10, level: "panic" };
  assert.deepEqual(of(failed("merges", `it panicked at ${here}`)), [{ ...at, text: "merges: it panicked here" }]);
  const long = `it panicked at ${here}\nthread 'merges' panicked at ${here}:\nindex out of bounds`;
  assert.deepEqual(of(failed("merges", long)), [{ ...at, text: "merges: index out of bounds" }]);
});

test("a place where many tests panic is marked once", () => {
  const all = ["merges", "ticks", "counts"].map(title => failed(title, `it panicked at ${place(4, 9)}`)).join("");
  assert.deepEqual(of(all).map(({ line, text }) => [line, text]), [[4, "merges: it panicked here (and in 2 more)"]]);
});

test("each place that a rule names is a problem", () => {
  const found = of(failed("Short functions", `${place(2, 1)}: \`new\` has 40 lines\n${place(50, 1)}: \`merge\` has 60 lines`));
  assert.deepEqual(found.map(({ line, level, text }) => [line, level, text]), [
    [2, "warning", "Short functions: `new` has 40 lines"], [50, "warning", "Short functions: `merge` has 60 lines"],
  ]);
});

const before = "a\nb\nc\nd\n";

test("a line is found again after the text around it has changed", () => {
  assert.deepEqual([1, 2, 3, 4].map(linesNow(before, before)), [1, 2, 3, 4]);
  assert.deepEqual([1, 2, 3, 4].map(linesNow(before, "new\na\nb\nc\nd\n")), [2, 3, 4, 5]);
  assert.deepEqual([1, 2, 3, 4].map(linesNow(before, "a\nd\n")), [1, null, null, 2]);
  assert.deepEqual([1, 2, 3, 4].map(linesNow(before, "a\nB\nand\nc\nd\n")), [1, null, 4, 5]);
  assert.deepEqual([1, 4].map(linesNow(before, "")), [null, null]);
});

test("a problem moves with its line, and goes with it", () => {
  const problem = { line: 2, column: 1, endLine: 3, endColumn: 2, level: "error", text: "x" };
  assert.deepEqual(problemsNow([problem], before, "new\n" + before), [{ ...problem, line: 3, endLine: 4 }]);
  assert.deepEqual(problemsNow([problem], before, "a\nB\nc\nd\n"), []);
});

test("many problems are found again without comparing the texts for each", () => {
  const text = "a line\n".repeat(10_000);
  const problems = Array.from({ length: 2_000 }, (_, index) => ({ line: index + 1, endLine: index + 1 }));
  let compared = 0;
  const counted = { split: by => { compared += 1; return text.split(by); } };
  assert.equal(problemsNow(problems, counted, counted).length, 2_000);
  assert.equal(compared, 2);
});
