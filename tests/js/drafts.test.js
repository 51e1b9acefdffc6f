import assert from "node:assert/strict";
import { test } from "node:test";

import { Draft, dropOld, erase, fateOf } from "../../src/web/assets/drafts.js";
import { Storage } from "./fakes.js";

const AT = "2026-02-01T10:00:00.000Z";
const DAY = 24 * 3_600_000;

test("a draft survives the page", () => {
  const storage = new Storage();
  assert.equal(new Draft(storage, "answer", "usr_ada", "/x").keep({ at: AT, text: "a" }), true);
  assert.deepEqual(new Draft(storage, "answer", "usr_ada", "/x").read(), { at: AT, text: "a" });
  assert.equal(new Draft(storage, "answer", "usr_bob", "/x").read(), null);
});

test("a browser without storage is reported", () => {
  assert.equal(new Draft(null, "x").keep({ at: AT }), false);
  assert.equal(new Draft(new Storage(10), "x").keep({ at: AT, text: "a long text" }), false);
  assert.equal(new Draft(null, "x").read(), null);
  new Draft(null, "x").drop();
  new Draft(null, "x").dropOwn();
});

test("two tabs don't overwrite each other's drafts", () => {
  const storage = new Storage();
  const [one, two] = [new Draft(storage, "x"), new Draft(storage, "x")];
  one.keep({ at: AT, text: "one" });
  two.keep({ at: AT, text: "two" });
  one.keep({ at: AT, text: "one, and more" });
  two.keep({ at: AT, text: "two, and more" });
  const kept = { at: AT, text: "two, and more", older: { at: AT, text: "one, and more", older: null } };
  assert.deepEqual(new Draft(storage, "x").read(), kept);
});

/** The texts of a stored draft and of all that it carries. */
function texts(storage) {
  const found = [];
  for (let one = new Draft(storage, "x").read(); one; one = one.older) found.push(one.text);
  return found;
}

test("nor those of a third, however often each keeps its own", () => {
  const storage = new Storage();
  const tabs = [1, 2, 3].map(() => new Draft(storage, "x"));
  for (const round of ["a", "b", "c"]) tabs.forEach((tab, index) => tab.keep({ at: AT, text: round + index }));
  assert.deepEqual(texts(storage), ["c2", "c1", "c0"]);
  tabs[0].keep({ at: AT, text: "d0" });
  tabs[0].keep({ at: AT, text: "e0" }); // while the others keep nothing more
  assert.deepEqual(texts(storage), ["e0", "c2", "c1"]);
});

test("what a page was given with its draft comes after what other tabs have kept since", () => {
  const storage = new Storage();
  new Draft(storage, "x").keep({ at: AT, text: "before" });
  const [one, two] = [new Draft(storage, "x"), new Draft(storage, "x")];
  const older = one.read();
  two.read();
  two.keep({ at: AT, text: "two", older });
  one.keep({ at: AT, text: "one", older });
  assert.deepEqual(texts(storage), ["one", "two", "before"]);
  // What was dropped in one tab is not taken back from the other.
  one.forget(older);
  two.keep({ at: AT, text: "two, and more", older });
  one.keep({ at: AT, text: "one, and more" });
  assert.deepEqual(texts(storage), ["one, and more", "two, and more"]);
});

test("a draft carries so many others and so much text, and its own text in any case", () => {
  const storage = new Storage();
  for (let tab = 0; tab < 20; tab += 1) new Draft(storage, "x").keep({ at: AT, text: "tab " + tab });
  assert.deepEqual(texts(storage), ["tab 19", "tab 18", "tab 17", "tab 16", "tab 15", "tab 14", "tab 13", "tab 12", "tab 11"]);
  const large = letter => letter.repeat(1_500_000);
  for (const letter of ["a", "b", "c"]) new Draft(storage, "x").keep({ at: AT, text: large(letter) });
  new Draft(storage, "x").keep({ at: AT, text: "small" });
  assert.deepEqual(texts(storage).filter(text => text.length > 10).map(text => text[0]), ["c"]);
  assert.equal(texts(storage)[0], "small");
});

test("a page that drops its own draft leaves what other tabs have kept", () => {
  const storage = new Storage();
  const [mine, theirs] = [new Draft(storage, "x"), new Draft(storage, "x")];
  theirs.keep({ at: AT, text: "theirs" });
  mine.keep({ at: AT, text: "mine" });
  mine.keep({ at: AT, text: "mine, and more" });
  mine.dropOwn();
  assert.deepEqual(texts(storage), ["theirs"]);
});

test("a page drops its own draft, not that of another tab", () => {
  const storage = new Storage();
  const [mine, theirs] = [new Draft(storage, "x"), new Draft(storage, "x")];
  mine.keep({ at: AT, text: "mine" });
  theirs.read();
  theirs.keep({ at: AT, text: "theirs" });
  mine.dropOwn();
  assert.equal(mine.read().text, "theirs");
  mine.dropOwn();
  assert.equal(mine.read(), null);
});

test("a deleted account's drafts go, and those of others stay", () => {
  const storage = new Storage();
  const draft = (...parts) => new Draft(storage, ...parts);
  const ofAda = [draft("answer", "usr_ada", "/x"), draft("essay", "usr_ada", "/y"), draft("usr_ada", "adder", "")];
  const others = [draft("answer", "usr_bob", "/usr_ada"), draft("usr_bob", "adder", ""), draft("essay", "", "/y")];
  for (const one of [...ofAda, ...others]) one.keep({ at: AT, text: "a" });
  storage.setItem("usr_ada", "not a draft");
  erase(storage, "usr_ada", Date.parse(AT));
  assert.deepEqual(ofAda.map(one => one.read()), [null, null, null]);
  assert.deepEqual(others.map(one => one.read()?.text), ["a", "a", "a"]);
  assert.equal(storage.getItem("usr_ada"), "not a draft");
  erase(null, "usr_ada", Date.parse(AT));
});

test("another tab of a deleted account stores no more drafts", () => {
  const storage = new Storage();
  const [ofAda, ofBob] = ["usr_ada", "usr_bob"].map(owner => new Draft(storage, "essay", owner, "/x"));
  ofAda.keep({ at: AT, text: "a" });
  erase(storage, "usr_ada", Date.parse(AT));
  assert.equal(ofAda.keep({ at: AT, text: "typed in another tab" }), false);
  assert.equal(ofAda.read(), null);
  assert.equal(ofBob.keep({ at: AT, text: "b" }), true);
  // The mark leaves the browser in the end. No page of that account is open for so long.
  dropOld(storage, Date.parse(AT) + 30 * DAY - 1);
  assert.equal(ofAda.keep({ at: AT, text: "still" }), false);
  dropOld(storage, Date.parse(AT) + 30 * DAY);
  assert.equal(storage.length, 0);
});

test("a draft that can't be parsed does not count", () => {
  const storage = new Storage();
  storage.setItem("draft x", "{");
  assert.equal(new Draft(storage, "x").read(), null);
});

test("drafts are dropped after 30 days without a change, and nothing else is", () => {
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

test("so is one whose last save arrived after the page had closed", () => {
  assert.equal(fateOf(draft({ sent: stored }), page(4)), "restore");
});

test("a draft does not replace what another device has saved since", () => {
  assert.equal(fateOf(draft(), page(4)), "choose");
  assert.equal(fateOf(draft({ sent: [["text", "sent"]] }), page(4)), "choose");
});

test("nor what was typed before the scripts had loaded", () => {
  assert.equal(fateOf(draft(), page(3, [["text", "early"]])), "choose");
});

test("a draft that equals what is shown is ignored", () => {
  assert.equal(fateOf(draft({ fields: stored }), page(9)), "none");
  assert.equal(fateOf(draft(), page(9, [["text", "typed"]])), "none", "the browser has restored the field");
  assert.equal(fateOf(null, page(1)), "none");
  assert.equal(fateOf({ at: AT }, page(1)), "none");
});

test("the order of the fields makes no difference", () => {
  const order = [["place.a", "2"], ["place.b", "1"]];
  const shown = [...order].reverse();
  assert.equal(fateOf(draft({ fields: order }), { served: shown, now: shown, revision: 3 }), "none");
});

test("an emptied answer is a draft as well", () => {
  assert.equal(fateOf(draft({ fields: [] }), page(3)), "restore");
});
