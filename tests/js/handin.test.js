import assert from "node:assert/strict";
import { test } from "node:test";

import { handedIn } from "../../src/web/assets/handin.js";
import { answer } from "./fakes.js";

const read = (reply, { session = "open", wrong = "" } = {}) => handedIn(reply, session, () => wrong);

test("the page of the submission is what was wanted", () => {
  const page = { ...answer(200, null), redirected: true, url: "https://quorate.test/submissions/sub_1" };
  assert.deepEqual(read(page), { kind: "taken", href: "https://quorate.test/submissions/sub_1" });
  assert.deepEqual(read(answer(202, { id: "sub_1" })), { kind: "taken", href: "/submissions/sub_1" });
});

test("no other page is taken for it", () => {
  const login = { ...answer(200, null), redirected: true, url: "https://quorate.test/login?next=/" };
  assert.equal(read(login).kind, "unknown");
  assert.equal(read(answer(200, null)).kind, "unknown");
});

test("without a connection the text stays, and it is said what to do", () => {
  const { kind, text } = read(null);
  assert.equal(kind, "refused");
  assert.match(text, /no connection.*kept in this browser.*Submit again/);
});

test("whoever is signed out is shown the way", () => {
  for (const reply of [answer(401, {}), answer(403, { code: "csrf" })]) {
    assert.equal(read(reply).signIn, true);
    assert.match(read(reply).text, /Your session has ended\. Your text is kept in this browser\. Sign in again/);
  }
  assert.match(read(answer(403, { code: "csrf" }), { session: "somebody_else" }).text, /Somebody else has signed in/);
});

test("too many, or not now: when to submit again is said", () => {
  const tooMany = read(answer(429, { detail: "too many submissions" }, 4_200));
  assert.match(tooMany.text, /too many submissions\. Submit again in 5 seconds\./);
  assert.match(read(answer(503, null)).text, /can't take it now\. Your text is kept/);
  assert.match(read(answer(502, null, 2_000)).text, /Submit again in 2 seconds/);
});

test("a refusal is told in the server's words, from a problem or from a page", () => {
  assert.equal(read(answer(422, { detail: "`src/x.txt` is not taken" })).text, "Not submitted: `src/x.txt` is not taken.");
  assert.equal(read(answer(422, null), { wrong: "It is too large." }).text, "Not submitted: It is too large.");
});

test("an answer that nobody can read is left to the plain form", () => {
  assert.equal(read(answer(404, null)).kind, "unknown");
});
