// The page of an attempt: its countdown, its end, and what a machine that slept or lost its connection makes of them.

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { Storage, response, settled } from "./fakes.js";
import { open } from "./page.js";

const ADDRESS = "https://quorate.test/attempts/att_1/items/1";
const NOW = Date.parse("2030-01-01T12:00:00Z");
const MINUTE = 60_000;
const STEP_MS = 50;
const TEXT = "#text";

const body = ({ deadline }) => `
  <header class="attempt-head" data-attempt="att_1"${deadline
    ? ` data-deadline="${new Date(deadline).toISOString()}" data-now="${new Date(NOW).toISOString()}"` : ""}>
  ${deadline ? '<p id="timer"><span></span></p>' : ""}<p id="announce"></p></header>
  <div class="alert" id="time-up" hidden><p><strong>The time is up.</strong> What was saved by then is scored.</p></div>
  <form action="${ADDRESS}" data-autosave data-owner="usr_ada"><input type="hidden" name="revision" value="1">
  <fieldset><textarea name="text" id="text">before</textarea>
  <input type="radio" name="choice" value="a" id="choice"></fieldset>
  <p id="save-state">saved</p><p id="conflict" hidden><a href="${ADDRESS}">Take the other</a>
  <button type="button" id="keep-mine">Keep mine</button></p><button id="submit">Save</button></form>`;

let awake = 0; // milliseconds for which the machine has not slept

beforeEach(() => { mock.timers.enable({ apis: ["setTimeout", "Date"], now: NOW }); });
afterEach(() => { mock.timers.reset(); });

/** Opens an item with so much time left, or no deadline. The server answers saves with `replies` in turn, and tells its time. */
async function take({ left = 10 * MINUTE, replies = [], serverTime = Date.now } = {}) {
  const reply = ({ url }) => (url === "/session" ? time(serverTime()) : replies.shift());
  const page = await open("attempt.js", body({ deadline: left && NOW + left }), {
    address: ADDRESS, storage: new Storage(), reply, awake: () => awake,
  });
  page.document.querySelector("#time-up").scrollIntoView = () => {};
  return page;
}

/** Lets time go by, in steps that are shorter than each timer of the page. */
async function pass(milliseconds) {
  for (let gone = 0; gone < milliseconds; gone += STEP_MS) {
    awake += STEP_MS;
    mock.timers.tick(STEP_MS);
    await settled();
  }
}

const saved = revision => response(200, { revision });
const time = at => response(200, { csrf: "token-1", user: "usr_ada", server_now: new Date(at).toISOString() });
const texts = page => page.sent.filter(sent => sent.method === "POST").map(sent => Object.fromEntries(sent.fields).text);

test("what is typed is saved within two seconds, however long the typing goes on", async () => {
  const page = await take({ left: 0, replies: [saved(1), saved(2)] });
  for (let count = 0; count < 19; count += 1) {
    page.type(TEXT, "word ".repeat(count + 1));
    await pass(100);
  }
  assert.ok(texts(page).length >= 1, "nothing was saved in 1.9 s");
  assert.ok(page.text("#save-state").length > 0);
});

test("the countdown shows the time that is left, and warns of its end", async () => {
  const page = await take({ left: 2 * MINUTE });
  assert.equal(page.text("#timer span"), "2:00 left");
  assert.equal(page.find("#timer").classList.contains("soon"), false);
  await pass(1_500);
  assert.equal(page.find("#timer").classList.contains("soon"), true);
});

test("at the end the last words are saved before the fields close", async () => {
  const page = await take({ left: 4_000, replies: [saved(1), saved(2)] });
  await pass(3_950);
  page.type(TEXT, "the last words"); // too late for the save that goes out shortly before the end
  await pass(2_000);
  assert.equal(texts(page).at(-1), "the last words");
  assert.equal(page.find("#time-up").hidden, false);
  assert.equal(page.text("#time-up strong"), "The time is up.");
  assert.equal(page.find(TEXT).readOnly, true);
  assert.equal(page.find("#submit").disabled, true);
});

test("closing the fields at the end is no answer", async () => {
  const page = await take({ left: 4_000, replies: [saved(1), saved(2), saved(3)] });
  const choice = page.find("#choice");
  await pass(3_950);
  choice.checked = true;
  // A field that is disabled is missing from its form, and some browsers then say that it has changed.
  const close = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(choice), "disabled").set;
  const closed = disabled => {
    close.call(choice, disabled);
    choice.dispatchEvent(new page.window.Event("change", { bubbles: true }));
  };
  Object.defineProperty(choice, "disabled", { set: closed });
  page.type(TEXT, "the last words");
  await pass(3_000);
  assert.equal(choice.hasAttribute("disabled"), true);
  const choices = page.sent.filter(sent => sent.method === "POST").map(sent => Object.fromEntries(sent.fields).choice);
  assert.deepEqual(choices, ["a"]);
});

test("an attempt that was submitted elsewhere says so", async () => {
  const page = await take({ replies: [response(409, { code: "attempt_over", detail: "it is over" })] });
  page.type(TEXT, "too late");
  await page.press("#submit");
  await pass(2_000);
  assert.equal(page.text("#time-up strong"), "This attempt has been submitted, on another page or device.");
  assert.equal(page.find(TEXT).readOnly, true);
});

test("a machine whose clock was set forward asks the server before it ends anything", async () => {
  let set = 0;
  const page = await take({ serverTime: () => Date.now() - set });
  set = 60 * MINUTE;
  mock.timers.setTime(NOW + set);
  await pass(1_000);
  assert.equal(page.find("#time-up").hidden, true);
  assert.match(page.text("#timer span"), /^(9:59|10:00) left$/);
});

test("a machine that slept past the deadline ends the attempt", async () => {
  const page = await take();
  mock.timers.setTime(NOW + 60 * MINUTE);
  await pass(1_000);
  assert.equal(page.text("#time-up strong"), "The time is up.");
  assert.equal(page.find("#time-up").hidden, false);
});

test("a page that is visible again asks the server for its time", async () => {
  const page = await take();
  assert.deepEqual(page.sent, []);
  page.fire("visibilitychange");
  await settled();
  assert.deepEqual(page.sent.map(sent => sent.url), ["/session"]);
});

test("a page that is visible again sends what had failed", async () => {
  const page = await take({ replies: [null, saved(1)] });
  page.type(TEXT, "typed without a connection");
  await pass(800);
  assert.match(page.text("#save-state"), /^not saved: there is no connection/);
  const before = texts(page).length;
  page.fire("visibilitychange");
  await settled();
  await settled();
  assert.ok(texts(page).length > before);
  assert.equal(texts(page).at(-1), "typed without a connection");
});

test("back on line, a save that had failed goes out at once", async () => {
  const page = await take({ left: 0, replies: [null, saved(1)] });
  page.type(TEXT, "in the tunnel");
  await pass(800);
  page.fire("online");
  await settled();
  await settled();
  assert.deepEqual(texts(page), ["in the tunnel", "in the tunnel"]);
  assert.equal(page.text("#save-state"), "saved");
});

test("a page from the back and forward cache is loaded anew", async () => {
  const page = await take({ left: 0 });
  page.fire("pageshow", { persisted: false });
  assert.equal(page.reloads, 0);
  page.fire("pageshow", { persisted: true });
  assert.equal(page.reloads, 1);
});
