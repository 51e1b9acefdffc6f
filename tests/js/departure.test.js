import assert from "node:assert/strict";
import { test } from "node:test";

import { Departure, leaves } from "../../src/web/assets/departure.js";

const HERE = "https://quorate.test/attempts/a/items/1";
const link = (path, { target = "", download = false } = {}) => ({
  href: new URL(path, HERE).href, target, hasAttribute: name => name === "download" && download,
});

function click(more = {}) {
  const event = { button: 0, defaultPrevented: false, ...more };
  event.preventDefault = () => { event.defaultPrevented = true; };
  event.stopImmediatePropagation = () => { event.stopped = true; };
  return event;
}

test("only links that replace the page are held back", () => {
  assert.equal(leaves(click(), link("/sets"), HERE), true);
  assert.equal(leaves(click(), link("#stem"), HERE), false);
  assert.equal(leaves(click(), link("/sets#top"), HERE), true);
  assert.equal(leaves(click({ ctrlKey: true }), link("/sets"), HERE), false);
  assert.equal(leaves(click({ button: 1 }), link("/sets"), HERE), false);
  assert.equal(leaves(click(), link("/sets", { target: "_blank" }), HERE), false);
  assert.equal(leaves(click(), link("/starter", { download: true }), HERE), false);
  assert.equal(leaves(click(), null, HERE), false);
});

/** A page with something unsaved, whose saves turn out as `saved` says, in turn. */
function page(...saved) {
  const made = { unsaved: true, stayed: 0, went: 0, flushes: 0 };
  const queue = {
    get unsaved() { return made.unsaved; },
    flush: async () => {
      made.flushes += 1;
      const done = saved.shift() ?? false;
      if (done) made.unsaved = false;
      return done;
    },
  };
  made.departure = new Departure(queue, () => { made.stayed += 1; });
  made.go = () => { made.went += 1; };
  return made;
}

test("a link is followed once everything is saved", async () => {
  const made = page(true);
  const event = click();
  await made.departure.click(event, link("/sets"), HERE, made.go);
  assert.deepEqual([event.defaultPrevented, made.went, made.stayed], [true, 1, 0]);
});

test("a link is left to the browser when nothing is unsaved", async () => {
  const made = page();
  made.unsaved = false;
  const event = click();
  await made.departure.click(event, link("/sets"), HERE, made.go);
  assert.deepEqual([event.defaultPrevented, made.flushes], [false, 0]);
});

test("if the save fails, the page stays; a second click leaves it to the browser to ask", async () => {
  const made = page(false, false);
  await made.departure.click(click(), link("/sets"), HERE, made.go);
  assert.deepEqual([made.went, made.stayed], [0, 1]);
  const other = click();
  await made.departure.click(other, link("/topics"), HERE, made.go);
  assert.equal(other.defaultPrevented, true, "another link is tried anew");
  const again = click();
  await made.departure.click(again, link("/topics"), HERE, made.go);
  assert.equal(again.defaultPrevented, false);
});

test("a form is sent once everything is saved, and does not count as sent before", async () => {
  const made = page(false, true);
  let sent = 0;
  const first = click();
  await made.departure.submit(first, () => { sent += 1; });
  assert.deepEqual([first.defaultPrevented, first.stopped, sent, made.stayed], [true, true, 0, 1]);
  await made.departure.submit(click(), () => { sent += 1; });
  assert.equal(sent, 1);
  const native = click();
  await made.departure.submit(native, () => { sent += 1; });
  assert.deepEqual([native.defaultPrevented, sent], [false, 1]);
});

test("two clicks leave once", async () => {
  const made = page(true);
  const both = [1, 2].map(() => made.departure.click(click(), link("/sets"), HERE, made.go));
  await Promise.all(both);
  assert.deepEqual([made.went, made.flushes, made.stayed], [1, 1, 0]);
});

test("an attempt that has ended does not hold a page back", async () => {
  const made = page();
  const leaving = made.departure.click(click(), link("/sets"), HERE, made.go);
  made.unsaved = false; // the save was answered with: the time is up
  await leaving;
  assert.deepEqual([made.went, made.stayed], [1, 0]);
});
