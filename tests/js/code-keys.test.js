import assert from "node:assert/strict";
import { test } from "node:test";

import { actionOf } from "../../src/web/assets/code-keys.js";

/** What a key such as "Ctrl+Shift+z" asks for. `more` are other properties of its event. */
function action(keys, more = {}) {
  const parts = keys.split("+");
  const key = parts.pop();
  const has = name => parts.includes(name);
  return actionOf({
    key, code: "", isComposing: false, ctrlKey: has("Ctrl"), metaKey: has("Cmd"), altKey: has("Alt"), shiftKey: has("Shift"),
    getModifierState: name => has(name), ...more,
  });
}

test("keys have their usual meaning", () => {
  const known = {
    "Ctrl+z": "undo", "Ctrl+Shift+Z": "redo", "Ctrl+y": "redo", "Cmd+z": "undo", "Ctrl+f": "find", "Ctrl+g": "goToLine",
    "F3": "findNext", "Shift+F3": "findPrevious", "F8": "nextProblem", "Shift+F8": "previousProblem", "Alt+F8": "nextProblem",
    "Tab": "indent", "Shift+Tab": "outdent", "Ctrl+]": "deeper", "Ctrl+[": "outdent", "Ctrl+/": "toggleComment",
    "Alt+ArrowUp": "moveUp", "Alt+ArrowDown": "moveDown", "Escape": "leave",
  };
  for (const [keys, meaning] of Object.entries(known)) assert.equal(action(keys), meaning, keys);
});

test("all others are the browser's", () => {
  const others = ["z", "Ctrl+d", "Ctrl+Enter", "Ctrl+Shift+f", "Ctrl+Alt+z", "Ctrl+Tab", "Alt+Tab", "Enter", "Shift+Alt+ArrowUp"];
  for (const keys of others) assert.equal(action(keys), undefined, keys);
});

test("other keyboards work as well", () => {
  assert.equal(action("Ctrl+я", { code: "KeyZ" }), "undo");
  assert.equal(action("Ctrl+Shift+/", { code: "Digit7" }), "toggleComment");
  assert.equal(action("Ctrl+w", { code: "KeyZ" }), undefined, "a Latin letter counts by itself");
  assert.equal(action("AltGraph+Ctrl+Alt+[", {}), undefined, "AltGr types a bracket");
  assert.equal(action("AltGraph+["), undefined);
});

test("while a word is composed, keys belong to it", () => {
  assert.equal(action("Tab", { isComposing: true }), undefined);
});
