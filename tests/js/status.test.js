import assert from "node:assert/strict";
import { test } from "node:test";

import { endText, isFailure, signInText, statusText, stayText } from "../../src/web/assets/status.js";

const queue = (state, more = {}) => ({ state, detail: "why", lost: false, ...more });

test("only what is saved is called saved", () => {
  for (const state of ["typing", "saving", "waiting", "signed_out", "conflict", "refused"]) {
    assert.notEqual(statusText(queue(state)), "saved", state);
  }
  assert.equal(statusText(queue("saved")), "saved");
});

test("at the end of an attempt, what was saved stays saved and what was lost is named", () => {
  assert.equal(statusText(queue("over")), "saved");
  assert.equal(isFailure(queue("over")), false);
  assert.match(statusText(queue("over", { lost: true })), /^not saved/);
  assert.equal(isFailure(queue("over", { lost: true })), true);
});

test("a submitted attempt is not said to be out of time", () => {
  assert.match(endText("time_up"), /time is up/);
  assert.match(endText("attempt_over"), /has been submitted/);
});

test("a signed-out candidate learns why", () => {
  assert.match(signInText("ended"), /Your session has ended/);
  assert.match(signInText("other_user"), /Another user/);
});

test("a page that stays says why", () => {
  assert.match(stayText(queue("waiting")), /not saved: why\./);
  assert.match(stayText(queue("signed_out")), /signed out/);
  assert.match(stayText(queue("conflict")), /Choose below/);
});
