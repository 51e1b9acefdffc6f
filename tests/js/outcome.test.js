import assert from "node:assert/strict";
import { test } from "node:test";

import { fieldOf, outcomeOf, retryAfter } from "../../src/web/assets/outcome.js";
import { answer } from "./fakes.js";

const kindOf = (status, body, after) => outcomeOf(answer(status, body, after)).kind;

test("only what the server confirms is saved", () => {
  assert.equal(kindOf(200, { revision: 3 }), "saved");
  assert.equal(kindOf(200, null), "later", "a captive portal's page");
  assert.equal(kindOf(204, null), "later");
});

test("what may succeed later is sent again", () => {
  for (const status of [408, 429, 500, 502, 503, 504]) assert.equal(kindOf(status, null), "later", String(status));
  assert.equal(outcomeOf(null).kind, "later");
  assert.equal(outcomeOf(answer(429, { code: "rate_limited" }, 30_000)).after, 30_000);
});

test("only a clear refusal proves that nothing was stored", () => {
  assert.equal(outcomeOf(answer(429, {})).certain, true);
  assert.equal(outcomeOf(answer(503, { code: "overloaded" })).certain, true);
  assert.equal(outcomeOf(answer(500, { code: "internal" })).certain, false);
  assert.equal(outcomeOf(answer(502, null)).certain, false);
  assert.equal(outcomeOf(null).certain, false);
});

test("an ended session differs from other refusals", () => {
  assert.equal(kindOf(401, { code: "unauthenticated" }), "signed_out");
  assert.equal(kindOf(403, { code: "csrf" }), "signed_out");
  assert.equal(kindOf(403, { code: "other" }), "refused");
  assert.equal(kindOf(404, { code: "not_found" }), "refused");
});

test("a submitted attempt differs from one whose time is up", () => {
  const over = { code: "attempt_over", detail: "d" };
  assert.deepEqual(outcomeOf(answer(409, over)), { kind: "over", ...over });
  assert.equal(outcomeOf(answer(409, { code: "time_up" })).code, "time_up");
});

test("a conflict has the stored revision", () => {
  assert.equal(outcomeOf(answer(409, { code: "older_revision", stored: { revision: 7 } })).revision, 7);
  assert.equal(kindOf(409, { code: "older_revision" }), "refused", "without it there is nothing to choose");
});

test("the message of a refusal has no JSON pointers", () => {
  const errors = [{ pointer: "/answer/value", detail: "must be a number" }];
  const body = { code: "invalid", detail: "answer/value: must be a number", errors };
  const refused = outcomeOf(answer(422, body));
  assert.equal(refused.detail, "must be a number");
  assert.deepEqual(refused.errors.map(error => fieldOf(error.pointer)), ["value"]);
});

test("JSON pointers lead to form fields", () => {
  const fields = {
    "/answer/value": "value", "/answer/text": "text", "/answer/blanks/1": "blank.1", "/answer/pairs/a~1b": "pair.a/b",
    "/answer/order/0": null, "/answer": null, "": null, "/revision": null,
  };
  for (const [pointer, name] of Object.entries(fields)) assert.equal(fieldOf(pointer), name, pointer);
});

test("Retry-After is read in seconds and as a date", () => {
  assert.equal(retryAfter("7", 0), 7_000);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:01:00 GMT", 20_000), 40_000);
  assert.equal(retryAfter("Thu, 01 Jan 1970 00:00:01 GMT", 20_000), 0, "it has passed");
  assert.equal(retryAfter(null, 0), 0);
  assert.equal(retryAfter("soon", 0), 0);
});
