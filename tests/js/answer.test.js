// The page of an item: what the candidate sees, what is sent, and what this browser keeps.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Storage, answer as reply, settled } from "./fakes.js";
import { open as openPage } from "./page.js";

const PATH = "/attempts/att_1/items/1";
const ADDRESS = "https://quorate.test" + PATH;
const KEY = "draft answer usr_ada " + PATH;
const BUSY = reply(503, { code: "overloaded", detail: "busy" });
const saved = revision => reply(200, { revision });

const textarea = value => `<textarea name="text" id="text">${value}</textarea>`;
const radio = (value, more = "") => `<input type="radio" name="choice" value="${value}" ${more}>`;

/**
 * The page with these controls. The server responds with `replies` in turn, and to everything later as if it had saved it.
 * `early(form)` is what the candidate does before the script has loaded.
 */
async function open(controls, { replies = [], revision = 1, storage = new Storage(), early = () => {} } = {}) {
  const body = `<form method="post" action="${PATH}" data-owner="usr_ada">
    <input type="hidden" name="revision" value="${revision}"><fieldset>${controls}</fieldset>
    <p id="save-state">as served</p>
    <p id="conflict" hidden><a href="${PATH}">Take over</a><button type="button" id="keep-mine">Keep mine</button></p></form>`;
  const page = await openPage("answer.js", body, { address: ADDRESS, storage, reply: () => null });
  const form = page.find("form");
  early(form);
  Object.assign(page, { form, state: page.find("#save-state"), conflict: page.find("#conflict"), storage });
  Object.assign(page, { sent: [], beacons: [], over: [] });
  page.window.navigator.sendBeacon = (_, data) => page.beacons.push(data);
  const server = {
    session: "open",
    encode: fields => fields,
    post: async (_, fields) => {
      page.sent.push(fields);
      return replies.shift() ?? saved(Number(fields[0][1]));
    },
  };
  page.answer = new page.module.Answer(form, server, code => page.over.push(code));
  page.draft = () => JSON.parse(storage.getItem(KEY));
  page.choose = (value, checked) => {
    const choice = page.find(`[value=${value}]`);
    choice.checked = checked;
    choice.dispatchEvent(new page.window.Event("change", { bubbles: true }));
    return choice;
  };
  return page;
}

const texts = page => page.sent.map(fields => [fields[0][1], fields.at(-1)[1]]);

test("an answer that is refused stays in this browser until the server has it", async () => {
  const page = await open(textarea(""), { replies: [BUSY] });
  page.type("textarea", "precious");
  assert.equal(page.draft().fields[0][1], "precious", "at once");
  assert.equal(await page.answer.flush(), false);
  assert.match(page.state.textContent, /not saved: busy/);
  assert.equal(page.fire("beforeunload").defaultPrevented, true, "closing the tab warns");
  assert.equal(await page.answer.flush(), true);
  assert.deepEqual([page.state.textContent, page.draft()], ["saved", null]);
  assert.equal(page.fire("beforeunload").defaultPrevented, false);
});

test("a draft is restored and saved", async () => {
  const before = await open(textarea(""), { replies: [BUSY] });
  before.type("textarea", "precious");
  await before.answer.flush();
  const page = await open(textarea(""), { storage: before.storage });
  assert.match(page.notices()[0], /here it is again/);
  await page.answer.flush();
  assert.deepEqual(texts(page), [["1", "precious"]]);
  assert.equal(page.draft(), null);
});

test("a draft and an answer from elsewhere are both kept until the candidate chooses", async () => {
  const before = await open(textarea(""), { replies: [BUSY] });
  before.type("textarea", "precious");
  await before.answer.flush();
  const page = await open(textarea("theirs"), { storage: before.storage, revision: 5 });
  assert.equal(page.form.elements.text.value, "theirs");
  page.type("textarea", "theirs, and more");
  await page.answer.flush();
  assert.equal(page.draft().fields[0][1], "precious", "saving the other one does not drop it");
  await page.press("Use that one");
  await page.answer.flush();
  assert.deepEqual(texts(page).at(-1), ["6", "precious"]);
  assert.equal(page.draft().fields[0][1], "theirs, and more", "they have changed places");
  await page.press("Drop it");
  assert.deepEqual([page.draft(), page.notices()], [null, []]);
});

test("what was typed before the script had loaded is saved", async () => {
  const page = await open(textarea(""), { early: form => { form.elements.text.value = "early"; } });
  await page.answer.flush();
  assert.deepEqual(texts(page), [["1", "early"]]);
});

test("an emptied answer is sent as it is", async () => {
  const page = await open(radio("a", "checked") + radio("b"));
  page.choose("a", false);
  await page.answer.flush();
  assert.deepEqual(page.sent, [[["revision", "1"], ["do", "autosave"]]]);
});

test("at the deadline the fields are read before they are closed, and closing them is no answer", async () => {
  const page = await open(radio("a") + radio("b"));
  const choice = page.choose("b", true);
  page.answer.lock();
  assert.equal(choice.disabled, true);
  page.choose("b", true);
  assert.equal(await page.answer.flush(), true);
  page.answer.end();
  assert.deepEqual(page.sent, [[["revision", "1"], ["do", "autosave"], ["choice", "b"]]]);
  assert.equal(page.state.textContent, "saved");
});

test("the end of an attempt that was never answered leaves its line alone", async () => {
  const page = await open(textarea(""));
  page.answer.end();
  assert.equal(page.state.textContent, "as served");
  assert.equal(page.form.elements.text.readOnly, true, "its text can still be copied");
});

test("an attempt that was submitted elsewhere ends the page by its own code", async () => {
  const page = await open(textarea(""), { replies: [reply(409, { code: "attempt_over", detail: "d" })] });
  page.type("textarea", "late");
  await page.answer.flush();
  assert.deepEqual(page.over, ["attempt_over"]);
  assert.match(page.state.textContent, /^not saved/);
  assert.equal(page.fire("beforeunload").defaultPrevented, false, "nothing more can be saved");
});

test("an answer that the server can't read is named beside its field", async () => {
  const errors = [{ pointer: "/answer/text", detail: "must be a number" }];
  const page = await open(textarea(""), { replies: [reply(422, { code: "invalid", detail: "answer/text: …", errors })] });
  page.type("textarea", "abc");
  await page.answer.flush();
  const field = page.form.elements.text;
  assert.equal(field.nextElementSibling.textContent, "must be a number");
  assert.equal(field.value, "abc");
  page.type("textarea", "12");
  assert.equal(page.form.querySelector(".field-problem"), null);
});

test("taking over the stored answer gives up this one, and a link is not held back", async () => {
  const stored = reply(409, { code: "older_revision", detail: "d", stored: { revision: 7 } });
  const page = await open(textarea(""), { replies: [stored] });
  page.type("textarea", "mine");
  await page.answer.flush();
  assert.equal(page.conflict.hidden, false);
  let held = null;
  page.window.addEventListener("click", event => {
    held = event.defaultPrevented;
    event.preventDefault(); // jsdom follows no links
  });
  page.find("#conflict a").click();
  await settled();
  assert.deepEqual([held, page.draft()], [false, null]);
});

test("a page that is closed sends the rest", async () => {
  const page = await open(textarea(""));
  page.type("textarea", "last words");
  page.fire("pagehide");
  assert.deepEqual(page.beacons, [[["revision", "1"], ["do", "autosave"], ["text", "last words"]]]);
});
