import assert from "node:assert/strict";
import { test } from "node:test";

import { handedIn } from "../../src/web/assets/handin.js";
import { answer } from "./fakes.js";

const read = (reply, { session = "open", wrong = "" } = {}) => handedIn(reply, session, () => wrong);

test("a submission was taken if the response names it", () => {
  assert.deepEqual(read(answer(202, { id: "sub_1" })), { kind: "taken", id: "sub_1" });
});

test("a page is no submission", () => {
  assert.equal(read({ ...answer(200, null), redirected: true, url: "https://quorate.test/login?next=/" }).kind, "unknown");
  assert.equal(read(answer(200, null)).kind, "unknown");
});

test("without a connection the text stays, and the page says what to do", () => {
  const { kind, text } = read(null);
  assert.equal(kind, "refused");
  assert.match(text, /no connection.*kept in this browser.*Submit again/);
});

test("without a session the page says to sign in", () => {
  for (const reply of [answer(401, {}), answer(403, { code: "csrf" })]) {
    assert.equal(read(reply).signIn, true);
    assert.match(read(reply).text, /Your session has ended\. Your text is kept in this browser\. Sign in again/);
  }
  assert.match(read(answer(403, { code: "csrf" }), { session: "other_user" }).text, /Another user has signed in/);
});

test("after 429 or 503 the page says when to submit again", () => {
  const tooMany = read(answer(429, { detail: "too many submissions" }, 4_200));
  assert.match(tooMany.text, /too many submissions\. Submit again in 5 seconds\./);
  assert.match(read(answer(503, null)).text, /can't take it now\. Your text is kept/);
  assert.match(read(answer(502, null, 2_000)).text, /Submit again in 2 seconds/);
});

test("a refusal is shown in the server's words, from a problem or from a page", () => {
  assert.equal(read(answer(422, { detail: "`src/x.txt` is not taken" })).text, "Not submitted: `src/x.txt` is not taken.");
  assert.equal(read(answer(422, null), { wrong: "It is too large." }).text, "Not submitted: It is too large.");
});

test("a response that no script can read is left to the browser", () => {
  assert.equal(read(answer(404, null)).kind, "unknown");
});
