import assert from "node:assert/strict";
import { test } from "node:test";

import { ServerClock, warning, written } from "../../src/web/assets/clock.js";

/** A machine whose clock is one hour behind the server's. */
function machine() {
  const times = { wall: 1_000, steady: 0 };
  const clock = new ServerClock(3_601_000, 1_000, { wall: () => times.wall, steady: () => times.steady });
  const pass = milliseconds => {
    times.wall += milliseconds;
    times.steady += milliseconds;
  };
  return { times, clock, pass };
}

test("the server's time counts, whatever this machine's clock says", () => {
  const { clock, pass } = machine();
  pass(5_000);
  assert.equal(clock.now(), 3_606_000);
  assert.equal(clock.jumped(), false);
});

test("after sleep the time left is right at once", () => {
  const { clock, times, pass } = machine();
  pass(1_000);
  times.wall += 600_000; // the steady clock stands still in sleep
  assert.equal(clock.now(), 3_601_000 + 601_000);
  assert.equal(clock.jumped(), true);
  assert.equal(clock.jumped(), false, "each jump counts once");
});

test("a clock that was set by hand is corrected by the server", () => {
  const { clock, times } = machine();
  times.wall += 7_200_000;
  assert.equal(clock.jumped(), true);
  clock.sync(3_601_200, times.wall, times.wall + 100);
  times.wall += 100;
  assert.equal(clock.now(), 3_601_301);
});

test("a clock that agrees with the server is left alone", () => {
  const { clock, times } = machine();
  // It was 3,601.0 s at the server while the request was under way, and 3,601.0 to 3,601.2 s when the answer arrived.
  clock.sync(3_601_000, times.wall, times.wall + 200);
  assert.equal(clock.now(), 3_601_000);
  // 3 seconds apart is more than the time on the way explains.
  clock.sync(3_604_000, times.wall, times.wall + 200);
  assert.equal(clock.now(), 3_603_800);
});

test("a response without a usable time changes nothing", () => {
  const { clock } = machine();
  clock.sync(NaN, 0, 10);
  clock.sync(5, 20, 10);
  assert.equal(clock.now(), 3_601_000);
});

test("the time left is written as minutes and seconds", () => {
  const rests = { 3_909_000: "1:05:09", 309_000: "5:09", 9_000: "0:09", 8_001: "0:09", 0: "0:00", "-5000": "0:00" };
  for (const [rest, text] of Object.entries(rests)) assert.equal(written(Number(rest)), text, rest);
});

test("each warning comes once; if several are due, only the last", () => {
  assert.equal(warning(600_001, 600_000), "10 minutes left");
  assert.equal(warning(600_000, 599_750), "");
  assert.equal(warning(60_100, 59_900), "1 minute left");
  assert.equal(warning(900_000, 200_000), "5 minutes left", "after sleep");
  assert.equal(warning(NaN, 200_000), "", "when the page is opened");
  assert.equal(warning(900_000, -1), "");
});
