// The page of an item, with a fake browser: what the candidate sees, what is sent, and what this browser keeps.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Element, FormData, hidden, radio, textarea } from "./dom.js";
import { Storage, answer as reply, settled } from "./fakes.js";

const { Answer } = await import("../../src/web/assets/answer.js");

const ADDRESS = "https://quorate.test/attempts/att_1/items/1";
const KEY = "draft answer usr_ada /attempts/att_1/items/1";
const BUSY = reply(503, { code: "overloaded", detail: "busy" });
const saved = revision => reply(200, { revision });

/** The page with these controls. The server responds with `replies` in turn, and to everything later as if it had saved it. */
function open(controls, { replies = [], revision = 1, storage = new Storage() } = {}) {
  const state = new Element("p", { id: "save-state", textContent: "as served" });
  const takeOver = new Element("a", { href: ADDRESS, target: "" });
  const conflict = new Element("p", { id: "conflict", hidden: true }, takeOver, new Element("button", { id: "keep-mine" }));
  const form = new Element("form", { action: ADDRESS, dataset: { owner: "usr_ada" } },
    hidden("revision", String(revision)), new Element("fieldset", { type: "fieldset" }, ...controls), state, conflict);
  const body = new Element("body", {}, form);
  const listeners = {};
  Object.assign(globalThis, {
    FormData, localStorage: storage, location: { href: ADDRESS },
    document: {
      querySelector: selector => body.querySelector(selector),
      createElement: tag => new Element(tag),
      addEventListener: (type, act) => body.addEventListener(type, act),
    },
    addEventListener: (type, act) => { (listeners[type] ??= []).push(act); },
  });
  const navigator = { sendBeacon: (_, data) => page.beacons.push(data) };
  Object.defineProperty(globalThis, "navigator", { configurable: true, value: navigator });
  const page = { form, state, conflict, takeOver, storage, sent: [], beacons: [], over: [] };
  const server = {
    session: "open",
    encode: fields => fields,
    post: async (_, fields) => {
      page.sent.push(fields);
      return replies.shift() ?? saved(Number(fields[0][1]));
    },
  };
  page.answer = new Answer(form, server, code => page.over.push(code));
  page.draft = () => JSON.parse(storage.getItem(KEY));
  page.notice = () => body.querySelectorAll(".note").find(note => !note.hidden) ?? null;
  page.press = label => page.notice().querySelectorAll("button").find(button => button.textContent === label).fire("click");
  page.window = type => {
    const event = { preventDefault: () => { event.prevented = true; } };
    listeners[type].forEach(act => act(event));
    return event;
  };
  page.type = text => {
    form.elements.text.value = text;
    form.elements.text.fire("input");
  };
  return page;
}

const texts = page => page.sent.map(fields => [fields[0][1], fields.at(-1)[1]]);

test("an answer that is refused stays in this browser until the server has it", async () => {
  const page = open([textarea("text", "")], { replies: [BUSY] });
  page.type("precious");
  assert.equal(page.draft().fields[0][1], "precious", "at once");
  assert.equal(await page.answer.flush(), false);
  assert.match(page.state.textContent, /not saved: busy/);
  assert.equal(page.window("beforeunload").prevented, true, "closing the tab warns");
  assert.equal(await page.answer.flush(), true);
  assert.deepEqual([page.state.textContent, page.draft()], ["saved", null]);
  assert.equal(page.window("beforeunload").prevented, undefined);
});

test("a draft is restored and saved", async () => {
  const before = open([textarea("text", "")], { replies: [BUSY] });
  before.type("precious");
  await before.answer.flush();
  const page = open([textarea("text", "")], { storage: before.storage });
  assert.match(page.notice().children[0].textContent, /here it is again/);
  await page.answer.flush();
  assert.deepEqual(texts(page), [["1", "precious"]]);
  assert.equal(page.draft(), null);
});

test("a draft and an answer from elsewhere are both kept until the candidate chooses", async () => {
  const before = open([textarea("text", "")], { replies: [BUSY] });
  before.type("precious");
  await before.answer.flush();
  const page = open([textarea("text", "theirs")], { storage: before.storage, revision: 5 });
  assert.equal(page.form.elements.text.value, "theirs");
  page.type("theirs, and more");
  await page.answer.flush();
  assert.equal(page.draft().fields[0][1], "precious", "saving the other one does not drop it");
  page.press("Use that one");
  await page.answer.flush();
  assert.deepEqual(texts(page).at(-1), ["6", "precious"]);
  assert.equal(page.draft().fields[0][1], "theirs, and more", "they have changed places");
  page.press("Drop it");
  assert.deepEqual([page.draft(), page.notice()], [null, null]);
});

test("what was typed before the script had loaded is saved", async () => {
  const field = textarea("text", "");
  field.value = "early";
  const page = open([field]);
  await page.answer.flush();
  assert.deepEqual(texts(page), [["1", "early"]]);
});

test("an emptied answer is sent as it is", async () => {
  const page = open([radio("choice", "a", true), radio("choice", "b")]);
  page.form.elements.find(control => control.value === "a").checked = false;
  page.form.querySelector("fieldset").fire("change");
  await page.answer.flush();
  assert.deepEqual(page.sent, [[["revision", "1"], ["do", "autosave"]]]);
});

test("at the deadline the fields are read before they are closed, and closing them is no answer", async () => {
  const page = open([radio("choice", "a"), radio("choice", "b")]);
  const choice = page.form.elements.find(control => control.value === "b");
  choice.checked = true;
  choice.fire("change");
  page.answer.lock();
  assert.equal(choice.disabled, true);
  choice.fire("change");
  assert.equal(await page.answer.flush(), true);
  page.answer.end();
  assert.deepEqual(page.sent, [[["revision", "1"], ["do", "autosave"], ["choice", "b"]]]);
  assert.equal(page.state.textContent, "saved");
});

test("the end of an attempt that was never answered leaves its line alone", () => {
  const page = open([textarea("text", "")]);
  page.answer.end();
  assert.equal(page.state.textContent, "as served");
  assert.equal(page.form.elements.text.readOnly, true, "its text can still be copied");
});

test("an attempt that was submitted elsewhere ends the page by its own code", async () => {
  const page = open([textarea("text", "")], { replies: [reply(409, { code: "attempt_over", detail: "d" })] });
  page.type("late");
  await page.answer.flush();
  assert.deepEqual(page.over, ["attempt_over"]);
  assert.match(page.state.textContent, /^not saved/);
  assert.equal(page.window("beforeunload").prevented, undefined, "nothing more can be saved");
});

test("an answer that the server can't read is named beside its field", async () => {
  const errors = [{ pointer: "/answer/text", detail: "must be a number" }];
  const page = open([textarea("text", "")], { replies: [reply(422, { code: "invalid", detail: "answer/text: …", errors })] });
  page.type("abc");
  await page.answer.flush();
  const field = page.form.elements.text;
  assert.equal(field.parent.children[field.parent.children.indexOf(field) + 1].textContent, "must be a number");
  assert.equal(field.value, "abc");
  page.type("12");
  assert.equal(page.form.querySelector(".field-problem"), null);
});

test("taking over the stored answer gives up this one, and a link is not held back", async () => {
  const stored = reply(409, { code: "older_revision", detail: "d", stored: { revision: 7 } });
  const page = open([textarea("text", "")], { replies: [stored] });
  page.type("mine");
  await page.answer.flush();
  assert.equal(page.conflict.hidden, false);
  const click = page.takeOver.fire("click");
  await settled();
  assert.deepEqual([click.defaultPrevented, page.draft()], [false, null]);
});

test("a page that is closed sends the rest", () => {
  const page = open([textarea("text", "")]);
  page.type("last words");
  page.window("pagehide");
  assert.deepEqual(page.beacons, [[["revision", "1"], ["do", "autosave"], ["text", "last words"]]]);
});
