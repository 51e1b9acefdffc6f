import assert from "node:assert/strict";
import { test } from "node:test";

import { Once } from "../../src/web/assets/once.js";
import { Time } from "./fakes.js";

test("a double click sends a form once", () => {
  const once = new Once();
  const [form, other] = [{}, {}];
  assert.equal(once.send(form, 1_000), true);
  assert.equal(once.send(form, 1_200), false);
  assert.equal(once.send(other, 1_200), true);
});

test("after ten seconds a form can be sent again", () => {
  const once = new Once();
  const form = {};
  once.send(form, 0);
  assert.equal(once.send(form, 9_999), false);
  assert.equal(once.send(form, 10_000), true);
});

test("a page that is shown again can send its forms again", () => {
  const once = new Once();
  const form = {};
  once.send(form, 0);
  once.forget();
  assert.equal(once.send(form, 1), true);
});

test("a form that a script holds back does not count as sent", async () => {
  const listeners = {};
  const page = { addEventListener: (name, act) => { listeners[name] = act; }, forms: [] };
  globalThis.addEventListener = () => {};
  const time = new Time();
  new Once((act, milliseconds) => time.later(milliseconds, act)).watch(page);
  const button = { held: false, setAttribute: () => { button.held = true; }, removeAttribute: () => { button.held = false; } };
  const buttons = [button];
  const form = { method: "post", querySelectorAll: () => buttons };
  const submit = (held = false) => {
    const event = { target: form, defaultPrevented: held, preventDefault: () => { event.defaultPrevented = true; } };
    listeners.submit(event);
    return event.defaultPrevented;
  };
  assert.equal(submit(true), true);
  assert.equal(submit(), false, "the first time");
  assert.equal(submit(), true, "the second time");
  assert.equal(button.held, true);
  await time.pass(10_000);
  assert.equal(button.held, false);
});
