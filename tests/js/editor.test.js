// The page of an exercise: what is kept of what was typed, and what happens when it is handed in.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Storage, response, settled } from "./fakes.js";
import { BY_BROWSER, open } from "./page.js";
import { exercise, graded } from "./workbench-page.js";

const ADDRESS = "https://quorate.test/exercises/clock";
const KEY = "draft usr_ada clock ";
const CODE = "#file-0";
const STATE = "#draft-state";

/**
 * Opens the editor with this text in its only file. The server answers with `replies` in turn, and shows each submission as
 * accepted.
 */
const edit = ({ text, added, origin, storage = new Storage(), replies = [] } = {}) => {
  const reply = ({ url }) => (url.startsWith("/submissions/") ? response(200, graded()) : replies.shift());
  return open("editor.js", exercise({ text, added, origin }), { address: ADDRESS, storage, reply });
};

const posted = page => page.sent.filter(({ method }) => method === "POST");
const draft = storage => JSON.parse(storage.getItem(KEY));
const field = (request, name) => request.fields.filter(([key]) => key === name).map(([, value]) => value);
const TAKEN = () => response(202, { id: "sub_1" });
const SHOWN = ADDRESS + "?submission=sub_1";

test("a text that was typed and left is there again, and can be dropped", async () => {
  const storage = new Storage();
  const first = await edit({ storage });
  first.type(CODE, "fn new() {}");
  first.fire("pagehide");
  assert.equal(first.text(STATE), "Your draft is kept in this browser.");
  const second = await edit({ storage });
  assert.equal(second.find(CODE).value, "fn new() {}");
  assert.match(second.notices()[0], /^Your draft of .+ is back\.$/);
  await second.press("Drop it");
  assert.equal(second.reloads, 1);
  assert.equal(storage.getItem(KEY), null);
  second.fire("pagehide"); // the reload must not store it again
  assert.equal(storage.getItem(KEY), null);
});

test("a text that is the server's again is no draft", async () => {
  const storage = new Storage();
  const page = await edit({ storage });
  page.type(CODE, "fn new() {}");
  page.fire("pagehide");
  page.type(CODE, "fn old() {}");
  page.fire("pagehide");
  assert.equal(storage.getItem(KEY), null);
  assert.equal(page.text(STATE), "");
});

test("where the browser keeps nothing, leaving asks first", async () => {
  const page = await edit({ storage: new Storage(0) });
  assert.equal(page.fire("beforeunload").defaultPrevented, false);
  page.type(CODE, "fn new() {}");
  assert.equal(page.fire("beforeunload").defaultPrevented, true);
  assert.match(page.text(STATE), /keeps no draft/);
});

test("a submission sends the files and the button's mode, and its result is shown", async () => {
  const storage = new Storage();
  const page = await edit({ storage, replies: [TAKEN()] });
  page.type(CODE, "fn new() {}");
  await page.press("#run-public");
  assert.equal(page.at, SHOWN);
  const [request] = posted(page);
  assert.deepEqual(field(request, "text"), ["fn new() {}", ""]);
  assert.deepEqual(field(request, "mode"), ["public"]);
  assert.deepEqual(field(request, "_csrf"), ["token-1"]);
  assert.match(page.text("#results"), /Accepted/);
  assert.equal(storage.getItem(KEY), null);
});

test("a double click hands in once", async () => {
  const page = await edit({ replies: [TAKEN(), TAKEN()] });
  page.find("#submit").click();
  page.find("#submit").click();
  await settled();
  assert.equal(posted(page).length, 1);
});

test("what is typed while a submission is on its way stays a draft", async () => {
  const storage = new Storage();
  const page = await edit({ storage, replies: [TAKEN()] });
  page.type(CODE, "fn handed_in() {}");
  page.find("#submit").click();
  page.type(CODE, "fn newer() {}");
  await settled();
  assert.equal(page.at, SHOWN);
  assert.equal(draft(storage).files[0].text, "fn newer() {}");
  // The editor then opens with the submission, from which the draft was begun.
  const next = await edit({ text: "fn handed_in() {}", origin: "submission", storage });
  assert.equal(next.find(CODE).value, "fn newer() {}");
});

test("without a connection the text stays, and submitting again works", async () => {
  const storage = new Storage();
  const page = await edit({ storage, replies: [null, TAKEN()] });
  page.type(CODE, "fn new() {}");
  await page.press("#submit");
  assert.equal(page.at, ADDRESS);
  assert.match(page.notices()[0], /^Not submitted: there is no connection to the server\./);
  assert.equal(draft(storage).files[0].text, "fn new() {}");
  assert.equal(page.find("#submit").getAttribute("aria-disabled"), "false");
  await page.press("#submit");
  assert.equal(page.at, SHOWN);
  assert.equal(storage.getItem(KEY), null);
});

test("a session that ended is said, with a way back, and the text stays", async () => {
  const signedOut = response(401, { code: "unauthorized", detail: "sign in" });
  const storage = new Storage();
  const page = await edit({ storage, replies: [signedOut, signedOut] });
  page.type(CODE, "fn new() {}");
  await page.press("#submit");
  assert.match(page.notices()[0], /Your session has ended/);
  assert.equal(page.find(".alert a").getAttribute("href"), "/login");
  assert.equal(draft(storage).files[0].text, "fn new() {}");
});

test("somebody who signed in again in another tab hands in with the new token", async () => {
  const page = await edit({
    replies: [response(403, { code: "csrf", detail: "stale" }), response(200, { csrf: "token-2", user: "usr_ada" }), TAKEN()],
  });
  await page.press("#submit");
  assert.equal(page.at, SHOWN);
  assert.deepEqual(posted(page).map(request => field(request, "_csrf")), [["token-1"], ["token-2"]]);
});

test("a refusal says why, and the button works again", async () => {
  const page = await edit({ replies: [response(413, { detail: "the files have more than 1 MiB" })] });
  await page.press("#submit");
  assert.deepEqual(page.notices(), ["Not submitted: the files have more than 1 MiB."]);
  assert.equal(page.find("#submit").getAttribute("aria-disabled"), "false");
});

test("an answer that the script cannot read is left to the browser", async () => {
  const page = await edit({ replies: [response(200, "<p>something else</p>")] });
  await page.press("#submit");
  assert.equal(posted(page).length, 1);
  assert.equal(page.at, BY_BROWSER);
});

test("a draft begun from something else is offered, and trying it loses nothing", async () => {
  const storage = new Storage();
  const before = await edit({ storage });
  before.type(CODE, "fn at_home() {}");
  before.fire("pagehide");
  const page = await edit({ text: "fn at_work() {}", origin: "submission", storage });
  assert.equal(page.find(CODE).value, "fn at_work() {}");
  assert.match(page.notices()[0], /It differs from what is shown below/);
  await page.press("Use the draft");
  assert.equal(page.find(CODE).value, "fn at_home() {}");
  assert.equal(draft(storage).files[0].text, "fn at_home() {}");
  await page.press("Use the draft");
  assert.equal(page.find(CODE).value, "fn at_work() {}");
  assert.equal(draft(storage).files[0].text, "fn at_home() {}", "the one that is not shown is kept");
  await page.press("Drop the draft");
  assert.deepEqual(page.notices(), []);
  assert.equal(storage.getItem(KEY), null);
});

test("a text that the server refused is a draft from the start", async () => {
  const storage = new Storage();
  await edit({ text: "fn refused() {}", origin: "typed", storage });
  assert.equal(draft(storage).files[0].text, "fn refused() {}");
});

test("a file that was added comes back with its path", async () => {
  const storage = new Storage();
  const first = await edit({ storage });
  first.find("#new-file [name=path]").value = "src/merge.rs";
  first.type("#new-text", "fn merge() {}");
  first.fire("pagehide");
  const second = await edit({ storage });
  assert.equal(second.find("#new-file [name=path]").value, "src/merge.rs");
  assert.equal(second.find("#new-text").value, "fn merge() {}");
  assert.equal(second.find("#new-file").open, true);
});

test("a page from the back and forward cache can hand in again", async () => {
  const page = await edit({ replies: [TAKEN(), TAKEN()] });
  await page.press("#submit");
  page.fire("pageshow", { persisted: true });
  await page.press("#submit");
  assert.equal(posted(page).length, 2);
});

test("the text of a new file without a path is a draft", async () => {
  const storage = new Storage();
  const first = await edit({ storage });
  first.type("#new-text", "fn merge() {}");
  first.fire("pagehide");
  assert.equal(first.text(STATE), "Your draft is kept in this browser.");
  const second = await edit({ storage });
  assert.equal(second.find("#new-text").value, "fn merge() {}");
  assert.equal(second.find("#new-file").open, true);
  const full = await edit({ storage: new Storage(0) });
  full.type("#new-text", "fn merge() {}");
  assert.equal(full.fire("beforeunload").defaultPrevented, true);
});

test("text without a path is not handed in without a word", async () => {
  const page = await edit({ replies: [TAKEN()] });
  page.type("#new-text", "fn merge() {}");
  await page.press("#submit");
  assert.deepEqual(posted(page), []);
  assert.equal(page.text("#new-file .field-problem"), "Type a path: text without one can't be handed in.");
  const path = page.find("#new-file [name=path]");
  assert.equal(page.document.activeElement, path);
  assert.equal(page.find("#new-file").open, true);
  await page.press("#run-public");
  assert.equal(page.document.querySelectorAll(".field-problem").length, 1);
  page.type("#new-file [name=path]", "src/merge.rs");
  assert.equal(page.find(".field-problem"), null);
  assert.equal(path.hasAttribute("aria-invalid"), false);
  await page.press("#submit");
  assert.deepEqual(field(posted(page)[0], "path"), ["src/lib.rs", "src/merge.rs"]);
});

/** Adds a file with the editor's button. Returns its <details>. */
async function add(page, path, text) {
  await page.press("Add a file");
  const file = [...page.document.querySelectorAll("#files > details")].find(one => one.open);
  for (const [field, value] of [["path", path], ["text", text]]) {
    file.querySelector(`[name=${field}]`).value = value;
    file.querySelector(`[name=${field}]`).dispatchEvent(new page.window.Event("input", { bubbles: true }));
  }
  return file;
}

const inEditor = page => [...page.document.querySelectorAll("#files > details")].map(file =>
  [file.querySelector("[name=path]").value, file.querySelector("[name=text]").value]);

test("files of one path, and files of none, come back each by itself", async () => {
  const storage = new Storage();
  const first = await edit({ storage });
  await add(first, "src/lib.rs", "half");
  await add(first, "", "one");
  await add(first, "", "two");
  await add(first, "src/a.rs", "three");
  await add(first, "src/a.rs", "four");
  first.fire("pagehide");
  const typed = [
    ["src/lib.rs", "fn old() {}"], ["src/lib.rs", "half"], ["", "one"], ["", "two"], ["src/a.rs", "three"], ["src/a.rs", "four"],
  ];
  assert.deepEqual(inEditor(first), typed);
  const second = await edit({ storage });
  assert.deepEqual(inEditor(second), typed);
  // And each undoes what was typed into it.
  const undone = area => {
    area.dispatchEvent(Object.assign(new second.window.Event("keydown", { bubbles: true, cancelable: true }),
      { key: "z", ctrlKey: true, altKey: false, metaKey: false, shiftKey: false, getModifierState: () => false }));
    return area.value;
  };
  const areas = [...second.document.querySelectorAll("#files > details [name=text]")].slice(1);
  assert.deepEqual(areas.map(undone), ["", "", "", "", ""]);
});

test("a draft that was kept before files had ids is restored", async () => {
  const storage = new Storage();
  const first = await edit({ storage });
  await add(first, "src/merge.rs", "fn merge() {}");
  first.type(CODE, "mod merge;");
  first.fire("pagehide");
  const kept = draft(storage);
  storage.setItem(KEY, JSON.stringify({ ...kept, files: kept.files.map(({ path, text }) => ({ path, text })) }));
  const second = await edit({ storage });
  assert.deepEqual(inEditor(second), [["src/lib.rs", "mod merge;"], ["src/merge.rs", "fn merge() {}"]]);
});

test("the path of a file that was handed in is changed, and stays so", async () => {
  const storage = new Storage();
  const added = [["src/merge.rs", "fn merge() {}"]];
  const first = await edit({ storage, added });
  first.type("[value='src/merge.rs']", "src/merged.rs");
  first.fire("pagehide");
  const second = await edit({ storage, added });
  assert.deepEqual(inEditor(second), [["src/lib.rs", "fn old() {}"], ["src/merged.rs", "fn merge() {}"], ["", ""]]);
});

test("what was typed in three tabs is offered in the next one, text by text", async () => {
  const storage = new Storage();
  const tabs = [await edit({ storage }), await edit({ storage }), await edit({ storage })];
  tabs.forEach((tab, index) => tab.type(CODE, `fn tab_${index}() {}`));
  for (const tab of [...tabs, tabs[2]]) tab.fire("pagehide");
  const page = await edit({ storage });
  assert.equal(page.find(CODE).value, "fn tab_2() {}");
  const seen = [];
  for (const press of ["Use the draft", "Drop the draft", "Use the draft"]) {
    await page.press(press);
    seen.push(page.find(CODE).value);
  }
  assert.deepEqual(seen, ["fn tab_1() {}", "fn tab_1() {}", "fn tab_0() {}"]);
});
