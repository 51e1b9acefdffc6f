import assert from "node:assert/strict";
import { test } from "node:test";

import { fateOfFiles, written } from "../../src/web/assets/files.js";

const editor = (texts, chosen = []) => ({ files: Object.entries(texts).map(([path, text]) => ({ path, text })), chosen });
const starter = written(editor({ "src/lib.rs": "todo!()" }));
const submission = written(editor({ "src/lib.rs": "1" }));
const draft = (texts, begun, chosen) => ({ at: "2026-02-01T10:00:00Z", begun, ...editor(texts, chosen) });

test("the order of files and choices makes no difference, nor does an empty new file", () => {
  assert.equal(written(editor({ b: "2", a: "1" }, ["y", "x"])), written(editor({ a: "1", " b ": "2", "": "" }, ["x", "y"])));
  assert.notEqual(written(editor({ a: "1" })), written(editor({ a: "\n1" })), "a leading blank line makes one");
});

test("text without a path counts", () => {
  const nameless = { files: [{ path: "a", text: "1" }, { path: " ", text: "typed" }], chosen: [] };
  assert.notEqual(written(nameless), written(editor({ a: "1" })));
  const two = texts => written({ files: texts.map(text => ({ path: "", text })), chosen: [] });
  assert.equal(two(["1", "2"]), two(["2", "1"]));
});

test("a draft that was begun from what is shown is restored", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), starter), "restore");
});

test("an old draft does not replace a newer submission", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), submission), "choose");
});

test("nor the starter that was asked for", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, submission), starter), "choose");
});

test("nor what was typed before the scripts had loaded", () => {
  const now = written(editor({ "src/lib.rs": "early" }));
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), starter, now), "choose");
});

test("after a refusal, the draft of the refused text is ignored and any other is offered", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, starter), "", submission), "none");
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "2" }, starter), "", submission), "choose");
});

test("a draft that has been submitted is ignored", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, starter), submission), "none");
  assert.equal(fateOfFiles(null, starter), "none");
});

test("a chosen diagnosis is part of the draft", () => {
  assert.equal(fateOfFiles(draft({ "src/lib.rs": "1" }, submission, ["choice.q=a"]), submission), "restore");
});
