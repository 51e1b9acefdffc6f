import assert from "node:assert/strict";
import { test } from "node:test";

import { arrange, fill, isEmpty, served } from "../../src/web/assets/fields.js";

const text = (name, value = "") => ({ name, type: "text", value });
const choice = (type, name, value, checked = false) => ({ name, type, value, checked });

test("a form gets its former content back, and everything else is emptied", () => {
  const form = {
    elements: [
      { name: "_csrf", type: "hidden", value: "token" }, { name: "revision", type: "hidden", value: "4" },
      { name: "", type: "fieldset" }, { name: "do", type: "submit", value: "next" },
      text("blank.1", "old"), text("blank.2", "old"),
      choice("radio", "choice", "a", true), choice("radio", "choice", "b"),
      choice("checkbox", "choices", "x", true), choice("checkbox", "choices", "y"), choice("checkbox", "choices", "z"),
    ],
  };
  fill(form, [["blank.1", "new"], ["choice", "b"], ["choices", "y"], ["choices", "z"]]);
  const filled = form.elements.map(element => element.checked ?? element.value);
  assert.deepEqual(filled, ["token", "4", undefined, "next", "new", "", false, true, false, true, true]);
});

test("blank text and no choice are empty", () => {
  assert.equal(isEmpty([]), true);
  assert.equal(isEmpty([["text", " \n"], ["pair.a", ""]]), true);
  assert.equal(isEmpty([["text", "0"]]), false);
});

test("items are sorted by their numbers; those without one come last", () => {
  const item = (name, place) => ({ name, querySelector: () => ({ value: place }) });
  let order = [];
  const children = [item("a", ""), item("b", "2"), item("c", ""), item("d", "1")];
  const list = { children, append: (...items) => { order = items; } };
  arrange(list);
  assert.deepEqual(order.map(({ name }) => name), ["d", "b", "a", "c"]);
});

test("what the server filled in is still known after typing", () => {
  const option = (value, defaultSelected = false) => ({ value, defaultSelected });
  const form = {
    elements: [
      { name: "_csrf", type: "hidden", value: "token" }, { name: "", type: "fieldset" },
      { name: "do", type: "submit", value: "save" },
      { ...text("text", "typed"), defaultValue: "stored" },
      { ...choice("radio", "choice", "a", true), defaultChecked: false },
      { ...choice("radio", "choice", "b"), defaultChecked: true },
      { name: "pair.a", type: "select-one", value: "x", options: [option(""), option("x"), option("y", true)] },
      { name: "pair.b", type: "select-one", value: "x", options: [option(""), option("x")] },
    ],
  };
  assert.deepEqual(served(form), [["text", "stored"], ["choice", "b"], ["pair.a", "y"], ["pair.b", ""]]);
});
