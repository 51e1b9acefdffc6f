import assert from "node:assert/strict";
import { test } from "node:test";

import { pieces } from "../../src/web/assets/code-layer.js";

const TOKENS = [{ text: "let", kind: "k" }, { text: " x = ", kind: "" }, { text: "12", kind: "n" }];
const shown = decorations => pieces(TOKENS, decorations).map(({ text, classes }) => (classes ? `${text}<${classes}>` : text));

test("tokens are cut where something is set off", () => {
  assert.deepEqual(shown([]), ["let<k>", " x = ", "12<n>"]);
  assert.deepEqual(shown([[4, 5, "found"]]), ["let<k>", " ", "x<found>", " = ", "12<n>"]);
  assert.deepEqual(shown([[1, 9, "error"]]), ["l<k>", "et<k error>", " x = <error>", "1<n error>", "2<n>"]);
});

test("what is set off twice has both classes", () => {
  assert.deepEqual(shown([[0, 3, "found"], [2, 4, "error"]]), ["le<k found>", "t<k found error>", " <error>", "x = ", "12<n>"]);
});

test("nothing is set off by nothing", () => {
  assert.deepEqual(shown([[3, 3, "found"], [10, 12, "found"]]), ["let<k>", " x = ", "12<n>"]);
});

test("what begins where something else ends stands beside it", () => {
  assert.deepEqual(shown([[0, 3, "found"], [3, 9, "current"]]), ["let<k found>", " x = <current>", "1<n current>", "2<n>"]);
});

test("a line full of matches is cut in one pass", () => {
  const tokens = Array.from({ length: 1_000 }, () => ({ text: "ab", kind: "" }));
  let looked = 0;
  const decoration = at => ({ *[Symbol.iterator]() { looked += 1; yield* [at, at + 1, "found"]; } });
  const found = pieces(tokens, Array.from({ length: 1_000 }, (_, index) => decoration(2 * index)));
  assert.deepEqual(found.slice(0, 3).map(({ text, classes }) => text + classes), ["afound", "b", "afound"]);
  assert.equal(found.length, 2_000);
  assert.ok(looked < 10_000, String(looked));
});
