import assert from "node:assert/strict";
import { test } from "node:test";

import { wait } from "../../src/web/assets/backoff.js";

test("waits double up to a minute", () => {
  assert.deepEqual([1, 2, 3, 7, 8, 1000].map(failures => wait(failures, 1)), [1_000, 2_000, 4_000, 60_000, 60_000, 60_000]);
});

test("waits are spread at random", () => {
  assert.deepEqual([0, 0.5, 1].map(random => wait(4, random)), [4_000, 6_000, 8_000]);
});

test("the wait is never shorter than the server asked for", () => {
  for (const random of [0, 0.5, 1]) assert.ok(wait(1, random, 30_000) >= 30_000);
  assert.ok(wait(1, 1, 30_000) <= 33_000);
  assert.equal(wait(8, 1, 1_000), 60_000);
});
