import assert from "node:assert/strict";
import { test } from "node:test";

import { History, dropOldHistories, keptHistory } from "../../src/web/assets/code-history.js";
import { lexRust } from "../../src/web/assets/code-rust.js";
import { CodeText } from "../../src/web/assets/code-text.js";
import { dropOld, erase } from "../../src/web/assets/drafts.js";
import { Storage } from "./fakes.js";
import { Random } from "./random.js";

/** A text with its history. */
class Written {
  history = new History();
  value = "";

  /** The text becomes this one. */
  write(value, kind = "insertText") {
    const change = new CodeText(lexRust, this.value).update(value);
    this.history.record(change, kind, [change.from, change.from]);
    this.value = value;
    return this;
  }

  /** Types characters at the end. */
  type(characters) {
    for (const one of characters) this.write(this.value + one);
    return this;
  }

  undo() { return this.#make(this.history.undo(this.value)); }

  redo() { return this.#make(this.history.redo(this.value)); }

  #make(edit) {
    if (!edit) return null;
    this.value = this.value.slice(0, edit.from) + edit.text + this.value.slice(edit.to);
    return this.value;
  }
}

test("typing is undone word by word, and done again", () => {
  const text = new Written().type("let x = 1;\nlet");
  const steps = ["let x = 1;\nlet", "let x = 1;\n", "let x = ", "let x ", "let ", ""];
  assert.deepEqual(steps.slice(1).map(() => text.undo()), steps.slice(1));
  assert.equal(text.undo(), null);
  assert.deepEqual(steps.slice(0, -1).map(() => text.redo()), steps.slice(0, -1).reverse());
  assert.equal(text.redo(), null);
});

test("deleting in one go is one step", () => {
  const text = new Written().write("abc", "insertFromPaste");
  text.write("ab", "deleteContentBackward").write("a", "deleteContentBackward");
  assert.equal(text.undo(), "abc");
  text.write("bc", "deleteContentForward").write("c", "deleteContentForward");
  assert.equal(text.undo(), "abc");
});

test("a pause, another place or another kind of change begins a step", () => {
  const text = new Written().type("ab");
  text.history.pause();
  text.type("c").write("xabc").write("xab", "deleteContentBackward");
  assert.deepEqual([text.undo(), text.undo(), text.undo(), text.undo()], ["xabc", "abc", "ab", ""]);
});

test("a word that is composed is one step", () => {
  const text = new Written().type("a");
  for (const value of ["ak", "aka", "aか", "aかn", "aかな", "a仮名"]) text.write(value, "insertCompositionText");
  assert.equal(text.undo(), "a");
  assert.equal(text.redo(), "a仮名");
});

test("what is typed after undoing replaces what was undone", () => {
  const text = new Written().type("a b");
  text.undo();
  text.type("c");
  assert.equal(text.redo(), null);
  assert.equal(text.undo(), "a ");
});

test("undoing selects what was selected", () => {
  const history = new History();
  history.record({ from: 2, removed: "cd", inserted: "x" }, "edit", [2, 4]);
  assert.deepEqual(history.undo("abx"), { from: 2, to: 3, text: "cd", select: [2, 4] });
  assert.deepEqual(history.redo("abcd"), { from: 2, to: 4, text: "x", select: [3, 3] });
});

test("random edits are undone to the beginning and done again to the end", () => {
  for (let seed = 0; seed < 30; seed += 1) {
    const random = new Random(seed);
    const text = new Written();
    const kinds = ["insertText", "insertCompositionText", "deleteContentBackward", "deleteContentForward", "edit"];
    for (let edit = 0; edit < 80; edit += 1) {
      const from = random.below(text.value.length + 1);
      const to = Math.min(text.value.length, from + random.below(3));
      const value = text.value.slice(0, from) + random.of(["", "a", "🦀", "\n", " b"]) + text.value.slice(to);
      if (value !== text.value) text.write(value, random.of(kinds));
    }
    const end = text.value;
    while (text.undo() !== null);
    assert.equal(text.value, "", `seed ${seed}`);
    while (text.redo() !== null);
    assert.equal(text.value, end, `seed ${seed}`);
  }
});

test("a history is bounded in steps and in size", () => {
  const many = new Written();
  for (let count = 1; count <= 600; count += 1) many.write("a".repeat(count), "edit");
  let undone = 0;
  while (many.undo() !== null) undone += 1;
  assert.equal(undone, 500);
  const large = new Written().write("a".repeat(3_000_000), "edit").write("b".repeat(2_000_000), "edit");
  assert.equal(large.undo(), null, "a step that is too large by itself ends the history");
});

test("a history survives the page, with what was undone", () => {
  const storage = new Storage();
  const before = new Written().type("a b c");
  before.undo();
  before.history.keep(keptHistory(storage, "usr_ada", "x"), before.value);
  const after = Object.assign(new Written(), { value: "a b " });
  assert.equal(after.history.takeOver(keptHistory(storage, "usr_ada", "x"), "a b "), true);
  assert.equal(after.redo(), "a b c");
  assert.deepEqual([after.undo(), after.undo(), after.undo()], ["a b ", "a ", ""]);
});

test("of a large history, the last steps survive", () => {
  const [storage, before] = [new Storage(), new Written().write("a".repeat(90_000), "edit")];
  before.write("b", "edit").write("bc", "edit").write("bcd", "edit").undo();
  before.history.keep(keptHistory(storage, "x"), "bc");
  const after = Object.assign(new Written(), { value: "bc" });
  after.history.takeOver(keptHistory(storage, "x"), "bc");
  assert.deepEqual([after.undo(), after.undo()?.length, after.undo()], ["b", 90_000, null]);
  assert.equal(after.redo(), "b");
});

test("what is undone of a step that is too large to keep is not done again by others", () => {
  const [storage, before] = [new Storage(), new Written().write("a", "edit")];
  before.write("b".repeat(200_000), "edit").write("b".repeat(200_001), "edit");
  before.undo();
  before.undo();
  before.history.keep(keptHistory(storage, "x"), "a");
  const after = Object.assign(new Written(), { value: "a" });
  after.history.takeOver(keptHistory(storage, "x"), "a");
  assert.equal(after.redo(), null);
});

test("but not for another text, and what can't be read is none", () => {
  const storage = new Storage();
  const draft = keptHistory(storage, "usr_ada", "x");
  new Written().type("ab").history.keep(draft, "ab");
  assert.equal(new History().takeOver(draft, "ba"), false);
  assert.equal(new History().takeOver(keptHistory(storage, "usr_bob", "x"), "ab"), false);
  draft.keep({ ...draft.read(), steps: [{ from: "0" }] });
  assert.equal(new History().takeOver(draft, "ab"), false);
  assert.equal(new History().takeOver(keptHistory(null, "x"), "ab"), false);
});

test("a step that doesn't fit the text ends the history", () => {
  const text = new Written().type("a b");
  assert.equal(text.history.undo("something else"), null);
  assert.equal(text.history.isEmpty, true);
});

test("where there is no room, the old history goes as well", () => {
  const storage = new Storage(300);
  const draft = keptHistory(storage, "x");
  const text = new Written().type("ab");
  text.history.keep(draft, text.value);
  assert.notEqual(draft.read(), null);
  text.write("a".repeat(400), "edit").history.keep(draft, text.value);
  assert.equal(draft.read(), null);
});

test("histories go with the drafts of an account and with old ones", () => {
  const storage = new Storage();
  const [ada, bob] = ["usr_ada", "usr_bob"].map(owner => keptHistory(storage, owner, "x"));
  const text = new Written().type("ab");
  for (const draft of [ada, bob]) text.history.keep(draft, "ab");
  erase(storage, "usr_ada", Date.now());
  assert.equal(ada.read(), null);
  dropOld(storage, Date.now());
  assert.notEqual(bob.read(), null);
  dropOld(storage, Date.now() + 31 * 24 * 3_600_000);
  assert.equal(bob.read(), null);
});

test("a browser keeps the newest histories only", () => {
  const storage = new Storage();
  for (let day = 10; day < 30; day += 1) keptHistory(storage, "x", day).keep({ at: `2026-02-${day}T10:00:00Z`, steps: [] });
  storage.setItem("draft x", "{}");
  dropOldHistories(storage);
  assert.equal(storage.length, 13);
  assert.equal(keptHistory(storage, "x", 17).read(), null);
  assert.notEqual(keptHistory(storage, "x", 18).read(), null);
  dropOldHistories(null);
});
