import assert from "node:assert/strict";
import { test } from "node:test";

import { fateOfFiles, written } from "../../src/web/assets/files.js";

const editor = (texts, chosen = []) => ({ files: Object.entries(texts).map(([path, text]) => ({ path, text })), chosen });
const starter = written(editor({ "src/lib.rs": "todo!()" }));
const submission = written(editor({ "src/lib.rs": "1" }));
const draft = (texts, begun, chosen) => ({ at: "2026-02-01T10:00:00Z", begun, ...editor(texts, chosen) });

test("the order of files and choices, and a place for a new file, make no difference", () => {
  assert.equal(written(editor({ b: "2", a: "1" }, ["y", "x"])), written(editor({ a: "1", " b ": "2", "": "" }, ["x", "y"])));
  assert.notEqual(written(editor({ a: "1" })), written(editor({ a: "\n1" })), "a leading blank line does");
});

test("a draft of what is shown is restored", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), starter), "restore");
});

test("an old draft is not laid over a newer submission", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), submission), "choose");
});

test("nor over the starter that somebody asked for", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, submission), starter), "choose");
});

test("nor over what was typed before the scripts were there", () => {
  const now = written(editor({ "src/lib.rs": "early" }));
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), starter, now), "choose");
});

test("what the server refused is shown again, and its draft is no other", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, starter), "", submission), "none");
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), "", submission), "choose");
});

test("a draft that was handed in is done", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, starter), submission), "none");
  assert.equal(fateOfFiles(null, starter), "none");
});

test("a diagnosis that was chosen is a draft", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, submission, ["choice.q=a"]), submission), "restore");
});
