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
