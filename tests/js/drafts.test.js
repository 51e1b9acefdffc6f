import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft, dropOld, fateOf } from "../../src/web/assets/drafts.js";
import { Storage } from "./fakes.js";

const AT = "2026-02-01T10:00:00.000Z";
const DAY = 24 * 3_600_000;

test("a draft is there for the next page", () => {
  const storage = new Storage();
  assert.equal(new Draft(storage, "answer", "usr_ada", "/x").keep({ at: AT, text: "a" }), true);
  assert.deepEqual(new Draft(storage, "answer", "usr_ada", "/x").read(), { at: AT, text: "a" });
  assert.equal(new Draft(storage, "answer", "usr_bob", "/x").read(), null);
});

test("a browser that keeps nothing says so", () => {
  assert.equal(new Draft(null, "x").keep({ at: AT }), false);
  assert.equal(new Draft(new Storage(10), "x").keep({ at: AT, text: "a long text" }), false);
  assert.equal(new Draft(null, "x").read(), null);
  new Draft(null, "x").drop();
  new Draft(null, "x").dropOwn();
});

test("a page drops the draft that it knows, not that of another tab", () => {
  const storage = new Storage();
  const [mine, theirs] = [new Draft(storage, "x"), new Draft(storage, "x")];
  mine.keep({ at: AT, text: "mine" });
  theirs.keep({ at: AT, text: "theirs" });
  mine.dropOwn();
  assert.equal(mine.read().text, "theirs");
  mine.dropOwn();
  assert.equal(mine.read(), null);
});

test("what was typed before signing in goes to whoever signs in, and over nothing of theirs", () => {
  const storage = new Storage();
  const [unsigned, ada] = [new Draft(storage, ""), new Draft(storage, "usr_ada")];
  unsigned.keep({ at: AT, text: "before" });
  ada.adopt(unsigned);
  assert.deepEqual([ada.read().text, unsigned.read()], ["before", null]);
  unsigned.keep({ at: AT, text: "again" });
  ada.adopt(unsigned);
  assert.deepEqual([ada.read().text, unsigned.read().text], ["before", "again"]);
});

test("a draft that can't be read is none", () => {
  const storage = new Storage();
  storage.setItem("draft x", "{");
  assert.equal(new Draft(storage, "x").read(), null);
});

test("drafts that nobody came back to in 30 days are dropped, and nothing else", () => {
  const storage = new Storage();
  storage.setItem("theme", "dark");
  storage.setItem("draft broken", "{");
  new Draft(storage, "old").keep({ at: AT });
  new Draft(storage, "new").keep({ at: new Date(Date.parse(AT) + 5 * DAY).toISOString() });
  dropOld(storage, Date.parse(AT) + 30 * DAY);
  const keys = Array.from({ length: storage.length }, (_, index) => storage.key(index));
  assert.deepEqual(keys, ["theme", "draft new"]);
  dropOld(null, 0);
});

const stored = [["text", "stored"]];
const draft = more => ({ at: AT, fields: [["text", "typed"]], sent: null, revision: 3, ...more });
const page = (revision, now = stored) => ({ served: stored, now, revision });

test("a draft that is newer than what is stored is restored", () => {
  assert.equal(fateOf(draft(), page(3)), "restore");
});

test("so is one whose own save came through before the page was closed", () => {
  assert.equal(fateOf(draft({ sent: stored }), page(4)), "restore");
});

test("a draft is not laid over what another device saved since", () => {
  assert.equal(fateOf(draft(), page(4)), "choose");
  assert.equal(fateOf(draft({ sent: [["text", "sent"]] }), page(4)), "choose");
});

test("nor over what was typed before the scripts were there", () => {
  assert.equal(fateOf(draft(), page(3, [["text", "early"]])), "choose");
});

test("a draft that says what is shown is none", () => {
  assert.equal(fateOf(draft({ fields: stored }), page(9)), "none");
  assert.equal(fateOf(draft(), page(9, [["text", "typed"]])), "none", "the browser has put it back");
  assert.equal(fateOf(null, page(1)), "none");
  assert.equal(fateOf({ at: AT }, page(1)), "none");
});

test("a list is the same in whichever order its fields stand", () => {
  const order = [["place.a", "2"], ["place.b", "1"]];
  const shown = [...order].reverse();
  assert.equal(fateOf(draft({ fields: order }), { served: shown, now: shown, revision: 3 }), "none");
});

test("an emptied answer is a draft, too", () => {
  assert.equal(fateOf(draft({ fields: [] }), page(3)), "restore");
});
