import assert from "node:assert/strict";
import { test } from "node:test";

import { Follow } from "../../src/web/assets/follow.js";
import { Time, settled } from "./fakes.js";

/** A page that follows a submission. Polls find `found` in turn; after that the submission is still queued. */
function page(...found) {
  const time = new Time();
  const made = { time, streams: 0, asked: 0, shown: [], finished: 0, signedOut: 0 };
  made.follow = new Follow({
    open: () => { made.streams += 1; },
    close: () => { made.streams -= 1; },
    ask: async () => {
      made.asked += 1;
      return found.length > 0 ? found.shift() : { state: "queued" };
    },
    show: submission => made.shown.push(submission.state),
    finished: () => { made.finished += 1; },
    signedOut: () => { made.signedOut += 1; },
    later: time.later,
  });
  return made;
}

test("a visible page has one stream, and a hidden one has none", () => {
  const made = page();
  made.follow.begin();
  made.follow.begin();
  assert.equal(made.streams, 1);
  made.follow.rest();
  assert.deepEqual([made.streams, made.time.next], [0, null]);
  made.follow.begin();
  assert.equal(made.streams, 1);
});

test("a silent stream is replaced by polling", async () => {
  const made = page({ state: "queued" }, { state: "running" }, { state: "finished" });
  made.follow.begin();
  await made.time.pass(4_999);
  assert.equal(made.asked, 0);
  await made.time.pass(20_000);
  assert.deepEqual([made.streams, made.asked, made.shown, made.finished], [0, 3, ["queued", "running"], 1]);
  assert.equal(made.time.next, null);
});

test("a working stream is seldom checked, and a check does not undo its events", async () => {
  const made = page({ state: "queued" });
  made.follow.begin();
  made.follow.heard();
  await made.time.pass(29_000);
  assert.equal(made.asked, 0);
  await made.time.pass(2_000);
  assert.deepEqual([made.asked, made.streams, made.shown], [1, 1, []]);
});

test("a stream that has died unnoticed does not hide the result", async () => {
  const made = page({ state: "finished" });
  made.follow.begin();
  made.follow.heard();
  await made.time.pass(30_000);
  assert.deepEqual([made.finished, made.streams], [1, 0]);
});

test("a stream that ends is replaced by polling", async () => {
  const made = page({ state: "finished" });
  made.follow.begin();
  await made.follow.ended();
  assert.equal(made.finished, 1);
});

test("the result is shown once", async () => {
  const made = page();
  made.follow.begin();
  made.follow.finish();
  made.follow.finish();
  made.follow.begin();
  assert.deepEqual([made.finished, made.streams, made.time.next], [1, 0, null]);
});

test("polling goes on when the server does not respond", async () => {
  const made = page(null, null, { state: "finished" });
  made.follow.begin();
  await made.time.pass(20_000);
  assert.equal(made.finished, 1);
});

test("polling stops when the session has ended, until the page is visible again", async () => {
  const made = page("signed_out");
  made.follow.begin();
  await made.time.pass(60_000);
  assert.deepEqual([made.signedOut, made.asked], [1, 1]);
  made.follow.begin();
  assert.equal(made.streams, 1);
});

test("a response that comes after the page was hidden changes nothing", async () => {
  let reply;
  const made = page(new Promise(resolve => { reply = resolve; }));
  made.follow.begin();
  await made.time.pass(5_000);
  made.follow.rest();
  reply({ state: "finished" });
  await settled();
  assert.deepEqual([made.finished, made.time.next], [0, null]);
});
