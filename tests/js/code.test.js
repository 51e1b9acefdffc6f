// A code field in a page: what keys and a script do to its text, and what is shown around it.

import assert from "node:assert/strict";
import { test } from "node:test";

import { keptHistory } from "../../src/web/assets/code-history.js";
import { codeField } from "../../src/web/assets/code.js";
import { Storage, settled } from "./fakes.js";
import { open } from "./page.js";

const ADDRESS = "https://quorate.test/exercises/clock";
// As much of code.css as tells the script that it's there.
const STYLE = "<style>.code-layer { position: absolute; }</style>";

const body = (path, style) =>
  `${style}<form><details><summary>File</summary><div><textarea aria-label="${path}"></textarea></div></details></form>`;

/**
 * A page with a field that holds `text`, which a script replaces by `draft` if there is one. Without `style`, there is no style
 * sheet.
 */
async function field(text, { path = "src/lib.rs", storage = new Storage(), style = STYLE, draft = null } = {}) {
  const page = await open("code.js", body(path, style), { address: ADDRESS, storage, reply: () => null });
  const { window, document } = page;
  give("ResizeObserver", class { observe() {} });
  give("reportError", error => { page.error = error; });
  window.Element.prototype.scrollIntoView = () => {}; // which jsdom has not
  const area = document.querySelector("textarea");
  area.value = text;
  area.setSelectionRange(0, 0);
  const code = codeField(area, { path: () => page.path ?? path, kept: () => keptHistory(storage, "usr_ada", "clock", path) });
  if (draft !== null) {
    area.value = draft;
    code.draw();
  }
  await settled();
  return Object.assign(page, { area, code }, actions(window, area));
}

const give = (name, value) => Object.defineProperty(globalThis, name, { configurable: true, value });

const actions = (window, area) => ({
  at(start, end = start) { area.setSelectionRange(start, end); },
  /** Presses a key such as "Ctrl+z". Returns whether the browser was to do what it does with it. */
  key(keys, target = area) {
    const parts = keys.split("+");
    const has = name => parts.includes(name);
    const modifiers = { ctrlKey: has("Ctrl"), altKey: has("Alt"), shiftKey: has("Shift") };
    const event = { key: parts.at(-1), ...modifiers, bubbles: true, cancelable: true };
    return target.dispatchEvent(new window.KeyboardEvent("keydown", event));
  },
  /** Changes the text as a browser does: asks before, and tells after. */
  input(inputType, data = null, isComposing = false) {
    const event = { inputType, data, isComposing, bubbles: true };
    if (!area.dispatchEvent(new window.InputEvent("beforeinput", { ...event, cancelable: true }))) return;
    const backwards = inputType === "deleteContentBackward" && area.selectionStart === area.selectionEnd;
    area.setRangeText(data ?? "", area.selectionStart - Number(backwards), area.selectionEnd, "end");
    area.dispatchEvent(new window.InputEvent("input", event));
  },
  write(characters) { for (const one of characters) this.input("insertText", one); },
  status: () => window.document.querySelector(".code-bar p").textContent,
  found: () => window.document.querySelector(".code-find p").textContent,
  /** The parts of the text that are set off by this class. */
  setOff: name => [...window.document.querySelectorAll(`.code-layer .${name}`)].map(span => span.textContent),
  /** An input of the panel. */
  labelled: label => [...window.document.querySelectorAll("label")].find(one => one.textContent === label).querySelector("input"),
});

const problem = (line, column, more = {}) =>
  ({ line, column, endLine: line, endColumn: column + 3, level: "error", text: "mismatched types", ...more });

test("the text is shown in colour below, with numbers beside it", async () => {
  const page = await field("fn f() {}\n\n// done");
  assert.equal(page.find(".code-layer .code-lines").textContent, "fn f() {}\n\n// done\n");
  assert.equal(page.find(".code-gutter").textContent, "1\n2\n3\n");
  assert.deepEqual([page.setOff("k"), page.setOff("c")], [["fn"], ["// done"]]);
  assert.equal(page.find(".code-layer").getAttribute("aria-hidden"), "true");
  page.write("// ");
  assert.deepEqual(page.setOff("c"), ["// fn f() {}", "// done"]);
});

test("a new file has the colours that its name calls for", async () => {
  const page = await field("fn # x", { path: "" });
  page.write(" ");
  assert.deepEqual([page.setOff("k"), page.setOff("c")], [["fn"], []]);
  page.path = "Cargo.toml";
  page.write(" ");
  assert.deepEqual([page.setOff("k"), page.setOff("c")], [[], ["# x"]]);
});

test("without its style sheet, or when drawing fails, it's a plain field", async () => {
  const plain = await field("fn f() {}", { style: "" });
  assert.equal(plain.find(".code-layer"), null);
  plain.write("x");
  assert.equal(plain.area.value, "xfn f() {}");
  const page = await field("fn f() {}");
  assert.ok(page.find(".coloured"));
  page.document.createElement = () => { throw new Error("no element"); };
  page.write("x");
  assert.equal(page.error.message, "no element");
  assert.equal(page.find(".code-layer"), null);
  assert.equal(page.find(".coloured"), null, "or its text would stay transparent");
});

test("pairs come, are typed over, go, and open a block", async () => {
  const page = await field("");
  page.write("f(g[1])");
  assert.equal(page.area.value, "f(g[1])");
  page.write("{");
  assert.equal(page.area.value, "f(g[1]){}");
  page.input("insertLineBreak");
  assert.equal(page.area.value, "f(g[1]){\n    \n}");
  page.input("deleteContentBackward");
  assert.equal(page.area.value, "f(g[1]){\n\n}");
  page.write("(");
  page.input("deleteContentBackward");
  assert.equal(page.area.value, "f(g[1]){\n\n}");
});

test("what is composed or corrected is left alone", async () => {
  const page = await field("");
  page.input("insertCompositionText", "(", true);
  assert.equal(page.area.value, "(");
  page.input("insertReplacementText", "[");
  page.input("insertText", "({");
  assert.equal(page.area.value, "([({");
  const compose = (type, data) => page.area.dispatchEvent(new page.window.CompositionEvent(type, { data }));
  const isPlain = () => page.find(".coloured").classList.contains("composing");
  const plain = [];
  for (const [type, data] of [["compositionupdate", "k"], ["compositionupdate", "か"], ["compositionend", "か"]]) {
    compose(type, data);
    plain.push(isPlain());
  }
  assert.deepEqual(plain, [false, true, false], "what is composed shows as the input method draws it");
});

test("Tab indents, and leaves the field after Esc", async () => {
  const page = await field("a\nb");
  assert.equal(page.key("Tab"), false);
  assert.equal(page.area.value, "    a\nb");
  assert.equal(page.key("Escape"), true);
  assert.equal(page.key("Tab"), true);
  assert.equal(page.key("Tab"), false, "once");
  page.key("Escape");
  assert.equal(page.key("Shift+Tab"), true);
  page.key("Escape");
  page.key("ArrowDown");
  assert.equal(page.key("Tab"), false);
});

test("lines are commented and moved by keys", async () => {
  const page = await field("a\nb");
  page.key("Ctrl+/");
  page.key("Alt+ArrowDown");
  assert.equal(page.area.value, "b\n// a");
  const manifest = await field("a = 1", { path: "Cargo.toml" });
  manifest.key("Ctrl+/");
  assert.equal(manifest.area.value, "# a = 1");
});

test("every change is undone, done again, and told to the page", async () => {
  const page = await field("b");
  let told = 0;
  page.find("form").addEventListener("input", () => { told += 1; });
  page.write("a ");
  page.key("Tab");
  page.key("Ctrl+/");
  const all = ["// a   b", "a   b", "a b", "b"];
  assert.equal(page.area.value, all[0]);
  for (const text of all.slice(1)) {
    assert.equal(page.key("Ctrl+z"), false);
    assert.equal(page.area.value, text);
  }
  assert.equal(page.key("Ctrl+z"), false, "the browser's own undo would undo something else");
  assert.equal(page.area.value, "b");
  page.key("Ctrl+Shift+z");
  page.key("Ctrl+y");
  page.input("historyRedo");
  assert.equal(page.area.value, all[0]);
  page.input("historyUndo");
  assert.equal(page.area.value, all[1]);
  assert.equal(told, 11);
});

test("a text that a script has put in is one step", async () => {
  const page = await field("of the server", { draft: "a draft\nof two lines" });
  assert.equal(page.find(".code-gutter").textContent, "1\n2\n");
  page.key("Ctrl+z");
  assert.equal(page.area.value, "of the server");
});

test("undo survives a reload, also when the draft comes back by script", async () => {
  for (const reload of [["new old"], ["old", "new old"]]) {
    const storage = new Storage();
    const before = await field("old", { storage });
    before.write("new ");
    before.fire("pagehide");
    const [text, draft = null] = reload;
    const page = await field(text, { storage, draft });
    page.key("Ctrl+z");
    assert.equal(page.area.value, "old");
    page.key("Ctrl+y");
    assert.equal(page.area.value, "new old");
  }
});

test("the history of a text that is gone goes too", async () => {
  const storage = new Storage();
  const before = await field("old", { storage });
  before.write("new ");
  before.fire("pagehide");
  assert.equal(storage.length, 1);
  await field("old", { storage });
  assert.equal(storage.length, 0);
});

test("where the browser keeps nothing, undo works until the page goes", async () => {
  const page = await field("", { storage: null });
  page.write("a");
  page.fire("pagehide");
  page.key("Ctrl+z");
  assert.equal(page.area.value, "");
});

test("a search goes through the text and comes back to it", async () => {
  const page = await field("one two\none\nOne");
  page.at(4, 7);
  assert.equal(page.key("Ctrl+f"), false);
  const wanted = page.labelled("Find");
  assert.equal(page.document.activeElement, wanted);
  assert.deepEqual([wanted.value, page.found()], ["two", "1 of 1"]);
  page.at(0);
  wanted.value = "one";
  wanted.dispatchEvent(new page.window.Event("input", { bubbles: true }));
  assert.deepEqual([page.found(), page.document.activeElement], ["1 of 3", wanted]);
  page.key("Shift+Enter", wanted);
  assert.deepEqual([page.found(), page.area.selectionStart], ["3 of 3", 12]);
  assert.equal(page.key("Enter", wanted), false, "or it would send the form");
  assert.deepEqual([page.found(), page.area.selectionStart], ["1 of 3", 0]);
  page.key("F3");
  assert.deepEqual([page.found(), page.area.selectionStart], ["2 of 3", 8]);
  assert.deepEqual([page.setOff("current"), page.setOff("found")], [["one"], ["one", "One"]]);
  page.labelled("Match case").click();
  assert.equal(page.found(), "2 of 2");
  page.at(0);
  page.write("one ");
  assert.equal(page.found(), "3 found");
  page.key("F3");
  page.key("F3");
  assert.equal(page.found(), "3 of 3");
  page.key("Escape", wanted);
  assert.equal(page.document.activeElement, page.area);
  assert.deepEqual([page.area.selectionStart, page.area.selectionEnd], [12, 15]);
  assert.deepEqual(page.setOff("found"), []);
});

test("what is found is replaced, one by one or all in one step", async () => {
  const page = await field("a1 a2 a3");
  page.key("Ctrl+f");
  page.labelled("Regular expression").click();
  page.labelled("Find").value = "a(\\d";
  page.labelled("Find").dispatchEvent(new page.window.Event("input", { bubbles: true }));
  assert.match(page.found(), /^This is no regular expression/);
  page.labelled("Find").value = "a(\\d)";
  page.labelled("Find").dispatchEvent(new page.window.Event("input", { bubbles: true }));
  page.labelled("Replace by").value = "$1b";
  await page.press("Replace");
  assert.deepEqual([page.area.value, page.found()], ["1b a2 a3", "1 of 2"]);
  await page.press("Replace all");
  assert.deepEqual([page.area.value, page.found()], ["1b 2b 3b", "2 replaced"]);
  page.key("Ctrl+z");
  assert.equal(page.area.value, "1b a2 a3");
});

test("what is typed into the panel is not told to the form", async () => {
  const page = await field("a");
  page.key("Ctrl+f");
  let told = 0;
  for (const type of ["input", "change"]) page.find("form").addEventListener(type, () => { told += 1; });
  page.labelled("Find").dispatchEvent(new page.window.Event("input", { bubbles: true }));
  page.labelled("Match case").click();
  assert.equal(told, 0);
  assert.deepEqual([...new page.window.FormData(page.find("form"))], []);
});

test("a line is gone to by its number", async () => {
  const page = await field("a\nbc\nd");
  assert.equal(page.key("Ctrl+g"), false);
  const line = page.labelled("Go to line");
  assert.equal(page.document.activeElement, line);
  line.value = "two";
  page.key("Enter", line);
  assert.match(page.found(), /number/);
  line.value = "2:2";
  page.key("Enter", line);
  assert.deepEqual([page.document.activeElement, page.area.selectionStart], [page.area, 3]);
});

test("problems are marked, and reached by keys, by a click and by a button", async () => {
  const page = await field("let a;\nlet b;\nlet c;");
  page.code.mark([problem(3, 5, { level: "panic", text: "overflow" }), problem(1, 5), problem(2, 1, { level: "warning" })]);
  const numbers = [...page.document.querySelectorAll(".code-gutter [data-line]")];
  assert.deepEqual(numbers.map(one => one.className), ["error", "warning", "panic"]);
  const chosen = [];
  page.document.addEventListener("code-problem", event => chosen.push(event.detail.text));
  assert.equal(page.key("F8"), false);
  assert.equal(page.status(), "Error 1 of 3, line 1: mismatched types");
  assert.equal(page.area.selectionStart, 4);
  assert.equal(page.find("details").open, true);
  page.key("Shift+F8");
  assert.equal(page.status(), "Panic 3 of 3, line 3: overflow");
  page.find(".code-gutter .warning").click();
  assert.equal(page.area.selectionStart, 7);
  await page.press("Next of 3 problems");
  assert.deepEqual(chosen, ["mismatched types", "overflow", "mismatched types", "overflow"]);
  page.code.mark([]);
  page.key("F8");
  assert.equal(page.status(), "No problem is marked.");
});

test("a mark moves with its line, and fades when the line is edited", async () => {
  const page = await field("let a;\nlet b;");
  page.code.mark([problem(2, 5)]);
  assert.deepEqual(page.setOff("error"), ["b;"]);
  page.at(0);
  page.input("insertLineBreak");
  assert.equal(page.find(".code-gutter .error").textContent, "3\n");
  page.at(8);
  page.write("x");
  assert.equal(page.find(".code-gutter .error").className, "error edited");
  assert.deepEqual(page.setOff("error"), []);
});

test("a place outside the text leads to its end", async () => {
  const page = await field("a\nb");
  page.code.goTo(99, 99);
  assert.equal(page.area.selectionStart, 3);
  page.code.goTo(1, 1);
  assert.equal(page.area.selectionStart, 0);
});
