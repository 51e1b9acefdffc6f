import assert from "node:assert/strict";
import { test } from "node:test";

import { Marks, underlined } from "../../src/web/assets/code-marks.js";

const problem = (line, column, text, more = {}) =>
  ({ line, column, endLine: line, endColumn: column + 1, level: "error", text, ...more });

function marked(...problems) {
  const marks = new Marks();
  marks.set(problems);
  return marks;
}

const shown = (marks, lines = 12) => Array.from({ length: lines }, (_, line) => marks.of(line)).flat()
  .map(({ line, edited, problem: { text } }) => `${line} ${text}${edited ? " edited" : ""}`);

test("marks stay with their lines", () => {
  const marks = marked(problem(5, 1, "b"), problem(2, 1, "a"));
  assert.deepEqual(shown(marks), ["1 a", "4 b"]);
  marks.move({ line: 2, cut: 1, put: 3 });
  assert.deepEqual(shown(marks), ["1 a", "6 b"]);
  marks.move({ line: 0, cut: 2, put: 1 });
  assert.deepEqual(shown(marks), ["5 b"], "a line that is gone has no mark");
});

test("the mark of a line that is edited says so", () => {
  const marks = marked(problem(2, 1, "a"), problem(3, 1, "b"));
  marks.move({ line: 1, cut: 1, put: 1 });
  assert.deepEqual(shown(marks), ["1 a edited", "2 b"]);
  assert.match(marks.describe(marks.of(1)[0]), /^Error 1 of 2, line 2 \(edited since\): a$/);
});

test("new marks replace the old ones", () => {
  const marks = marked(problem(1, 1, "a"));
  marks.set([]);
  assert.deepEqual(shown(marks), []);
  assert.equal(marks.next(0, 0, 1), null);
});

test("the next one is after the cursor, and the first one after the last", () => {
  const marks = () => marked(problem(2, 5, "a"), problem(2, 9, "b"), problem(6, 1, "c"));
  const next = (line, column, by) => marks().next(line, column, by).problem.text;
  assert.equal(next(0, 0, 1), "a");
  assert.equal(next(1, 5, 1), "b");
  assert.equal(next(1, 20, 1), "c");
  assert.equal(next(8, 0, 1), "a");
  assert.equal(next(8, 0, -1), "c");
  assert.equal(next(1, 6, -1), "a");
  assert.equal(next(0, 0, -1), "c");
});

test("several at one place are all reached", () => {
  const marks = marked(problem(2, 5, "a"), problem(2, 5, "b"), problem(4, 1, "c"));
  const texts = [];
  let at = [0, 0];
  for (let count = 0; count < 4; count += 1) {
    const mark = marks.next(...at, 1);
    at = [mark.line, mark.problem.column - 1];
    texts.push(mark.problem.text);
  }
  assert.deepEqual(texts, ["a", "b", "c", "a"]);
});

test("the marks of one line are reached in turn", () => {
  const marks = marked(problem(2, 5, "a"), problem(2, 9, "b"), problem(4, 1, "c"));
  assert.deepEqual([1, 1, 1, 3].map(line => marks.nextOf(line).problem.text), ["a", "b", "a", "c"]);
  assert.equal(marks.nextOf(0), null);
});

test("a mark is described by its level and place", () => {
  const describe = more => {
    const marks = marked(problem(3, 1, "text", more));
    return marks.describe(marks.of(2)[0]);
  };
  assert.equal(describe({}), "Error, line 3: text");
  assert.equal(describe({ level: "warning" }), "Warning, line 3: text");
  assert.equal(describe({ level: "panic" }), "Panic, line 3: text");
});

test("what is underlined lies in the line, and columns count characters", () => {
  const part = (text, more) => underlined({ problem: problem(1, 3, "", more), edited: false }, text);
  assert.deepEqual(part("abcdef", { endColumn: 5 }), [2, 4]);
  assert.deepEqual(part("🦀🦀cdef", { endColumn: 5 }), [4, 6]);
  assert.deepEqual(part("abcdef", { endLine: 2, endColumn: 1 }), [2, 6]);
  assert.deepEqual(part("abcdef", { endColumn: 3 }), [2, 3], "nothing would not be seen");
  assert.deepEqual(part("abcdef", { endLine: undefined, endColumn: undefined }), [2, 6]);
  assert.deepEqual(part("a", {}), [0, 1]);
  assert.deepEqual(part("", {}), [0, 0]);
  assert.equal(underlined({ problem: problem(1, 3, ""), edited: true }, "abcdef"), null);
});
