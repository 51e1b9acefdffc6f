import assert from "node:assert/strict";
import { test } from "node:test";

import { Saves } from "../../src/web/assets/saves.js";
import { Time, settled } from "./fakes.js";

const saved = revision => ({ kind: "saved", body: { revision } });
const lost = { kind: "later", certain: false, after: 0, detail: "no connection" };
const refusedFor = after => ({ kind: "later", certain: true, after, detail: "too many" });
const signedOut = { kind: "signed_out", detail: "sign in" };

/** A page with one field, and a server that answers by `outcomes` in turn and then takes everything. */
function page(...outcomes) {
  const time = new Time();
  const made = { time, text: "", sent: [], states: [] };
  made.queue = new Saves(1, {
    body: () => made.text,
    send: async ({ body, revision }) => {
      made.sent.push([revision, body]);
      const outcome = await (outcomes.shift() ?? saved(revision));
      return outcome;
    },
    later: time.later, now: time.now, random: () => 1,
    show: queue => made.states.push(queue.state),
  });
  made.type = text => {
    made.text = text;
    made.queue.changed();
  };
  return made;
}

/** A promise that a test settles, for a save that is on its way. */
function pending() {
  let settle;
  const promise = new Promise(resolve => { settle = resolve; });
  return { promise, settle };
}

test("what is typed is saved after a pause", async () => {
  const { queue, time, type, sent, states } = page();
  type("a");
  await time.pass(699);
  assert.deepEqual(sent, []);
  assert.equal(queue.unsaved, true);
  await time.pass(1);
  assert.deepEqual(sent, [[1, "a"]]);
  assert.deepEqual(states, ["typing", "saving", "saved"]);
  assert.equal(queue.unsaved, false);
  assert.equal(queue.revision, 2);
});

test("an answer that is typed without a pause is saved every second and a half", async () => {
  const { time, type, sent } = page();
  for (let at = 0; at < 30; at += 1) {
    type("x".repeat(at + 1));
    await time.pass(100);
  }
  assert.deepEqual(sent.map(([revision]) => revision), [1, 2]);
});

test("a save that is refused for now is repeated, no sooner than the server says", async () => {
  const { queue, time, type, sent } = page(refusedFor(30_000));
  type("a");
  await time.pass(700);
  assert.equal(queue.state, "waiting");
  assert.equal(queue.unsaved, true, "so closing the tab warns");
  type("ab");
  await time.pass(29_999);
  assert.equal(sent.length, 1, "typing on must not shorten the wait");
  await time.pass(5_000);
  assert.deepEqual(sent, [[1, "a"], [1, "ab"]]);
  assert.equal(queue.state, "saved");
});

test("a failing server is tried less and less often, but for ever", async () => {
  const { queue, time, type, sent } = page(...Array.from({ length: 12 }, () => lost));
  type("a");
  await time.pass(700);
  const waits = [];
  while (queue.state === "waiting") {
    waits.push(time.next);
    await time.pass(time.next);
  }
  assert.deepEqual(waits.slice(0, 4), [1_000, 2_000, 4_000, 8_000]);
  assert.equal(Math.max(...waits), 60_000);
  assert.equal(sent.length, 13);
  assert.equal(queue.state, "saved");
});

test("a save that may have arrived is repeated word for word before anything newer", async () => {
  const { queue, time, type, sent } = page(lost);
  type("a");
  await time.pass(700);
  type("ab");
  await time.pass(5_000);
  assert.deepEqual(sent, [[1, "a"], [1, "a"], [2, "ab"]]);
  assert.equal(queue.state, "saved");
});

test("what is typed during a save is saved after it, under the next revision", async () => {
  const first = pending();
  const { queue, time, type, sent } = page(first.promise);
  type("a");
  await time.pass(700);
  type("ab");
  await time.pass(10_000);
  assert.deepEqual(sent, [[1, "a"]], "one at a time");
  first.settle(saved(1));
  await settled();
  assert.equal(queue.unsaved, true);
  await time.pass(700);
  assert.deepEqual(sent, [[1, "a"], [2, "ab"]]);
});

test("leaving waits for the save on its way and for what was typed after it", async () => {
  const first = pending();
  const { queue, time, type, sent } = page(first.promise);
  type("a");
  await time.pass(700);
  type("ab");
  const left = queue.flush();
  first.settle(saved(1));
  assert.equal(await left, true);
  assert.deepEqual(sent, [[1, "a"], [2, "ab"]]);
  assert.equal(time.next, null, "nothing is left to send");
});

test("leaving an unchanged answer sends nothing", async () => {
  const { queue, sent } = page();
  assert.equal(await queue.flush(), true);
  assert.deepEqual(sent, []);
});

for (const [name, outcome, state] of [
  ["the connection is broken", lost, "waiting"],
  ["the session has ended", signedOut, "signed_out"],
  ["another device has saved", { kind: "conflict", revision: 7 }, "conflict"],
  ["the answer can't be read", { kind: "refused", detail: "must be a number" }, "refused"],
]) {
  test("leaving fails when " + name, async () => {
    const { queue, type } = page(outcome);
    type("a");
    assert.equal(await queue.flush(), false);
    assert.equal(queue.state, state);
    assert.equal(queue.unsaved, true);
  });
}

test("a page that is hidden sends what it has, but no sooner than the server allows", async () => {
  const { queue, time, type, sent } = page(refusedFor(30_000));
  type("a");
  queue.hurry();
  await settled();
  assert.equal(sent.length, 1);
  queue.hurry();
  await time.pass(20_000);
  assert.equal(sent.length, 1);
});

test("shortly before the deadline every change is saved almost at once", async () => {
  const { queue, time, type, sent } = page();
  type("a");
  await queue.hasten();
  type("ab");
  await time.pass(100);
  type("abc");
  await time.pass(100);
  assert.deepEqual(sent, [[1, "a"], [2, "ab"], [3, "abc"]]);
});

test("after signing in, saving goes on", async () => {
  const { queue, time, type, sent } = page(signedOut);
  type("a");
  await time.pass(700);
  assert.equal(queue.state, "signed_out");
  type("ab");
  queue.resume();
  await settled();
  assert.deepEqual(sent, [[1, "a"], [1, "ab"]]);
  assert.equal(queue.state, "saved");
});

test("a sign-in in another window is noticed without coming back", async () => {
  const { queue, time, type } = page(signedOut, signedOut);
  type("a");
  await time.pass(10_000);
  assert.equal(queue.state, "saved");
});

test("a conflict waits for the candidate, and nothing is sent meanwhile", async () => {
  const { queue, time, type, sent } = page({ kind: "conflict", revision: 7 });
  type("mine");
  await time.pass(700);
  type("mine, and more");
  await time.pass(100_000);
  assert.equal(sent.length, 1);
  assert.equal(queue.farewell(), null, "the candidate has to choose");
  queue.overwrite();
  await settled();
  assert.deepEqual(sent[1], [8, "mine, and more"]);
  assert.equal(queue.state, "saved");
});

test("taking over the stored answer gives up this one", async () => {
  const { queue, time, type } = page({ kind: "conflict", revision: 7 });
  type("mine");
  await time.pass(700);
  queue.discard();
  assert.equal(queue.unsaved, false);
});

test("an answer that the server can't read is sent again after a change", async () => {
  const { queue, time, type, sent } = page({ kind: "refused", detail: "must be a number", errors: [] });
  type("1e");
  await time.pass(700);
  assert.deepEqual([queue.state, queue.detail], ["refused", "must be a number"]);
  await time.pass(100_000);
  assert.equal(sent.length, 1);
  type("1e3");
  await time.pass(700);
  assert.deepEqual(sent[1], [1, "1e3"]);
  assert.equal(queue.state, "saved");
});

test("a refusal does not concern what has been typed since", async () => {
  const first = pending();
  const { queue, time, type } = page(first.promise);
  type("1e");
  await time.pass(700);
  type("1e3");
  first.settle({ kind: "refused", detail: "must be a number" });
  await settled();
  assert.equal(queue.state, "typing");
  await time.pass(700);
  assert.equal(queue.state, "saved");
});

test("the last save of a closed page has a revision of its own", async () => {
  const first = pending();
  const { queue, time, type } = page(first.promise);
  type("a");
  assert.deepEqual(queue.farewell(), { body: "a", revision: 1 });
  await time.pass(700);
  type("ab");
  assert.deepEqual(queue.farewell(), { body: "ab", revision: 2 }, "revision 1 is on its way");
  first.settle(saved(1));
  await settled();
  await queue.flush();
  assert.equal(queue.farewell(), null, "everything is saved");
});

test("and never that of a save that may have been stored", async () => {
  const { queue, time, type } = page(lost);
  type("a");
  await time.pass(700);
  assert.deepEqual(queue.farewell(), { body: "a", revision: 2 });
});

test("after the end nothing is sent, even if closing the fields changes them", async () => {
  const { queue, time, type, sent } = page();
  type("a");
  await queue.flush();
  queue.end();
  type("");
  await time.pass(100_000);
  assert.deepEqual(sent, [[1, "a"]]);
  assert.deepEqual([queue.state, queue.lost, queue.unsaved], ["over", false, false]);
});

test("what was typed too late is not called saved, and does not hold the page back", async () => {
  const { queue, time, type } = page({ kind: "over", code: "time_up" });
  type("a");
  await time.pass(700);
  assert.deepEqual([queue.state, queue.lost, queue.unsaved], ["over", true, false]);
});

test("a save that was in time is not called lost if its response comes after the end", async () => {
  const last = pending();
  const { queue, time, type } = page(last.promise);
  type("a");
  await time.pass(700);
  queue.end();
  assert.equal(queue.lost, true, "not known yet");
  last.settle(saved(1));
  await settled();
  assert.equal(queue.lost, false);
});
