// The workbench: submitting, following and looking at results without leaving the page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Storage, response } from "./fakes.js";
import { open } from "./page.js";
import { diagnostic, exercise, graded, running } from "./workbench-page.js";

const ADDRESS = "https://quorate.test/exercises/clock";
const CHANGES = '<div id="changes"><h2>Changes since the starter</h2><p>+ fn new() {}</p></div>';

/**
 * Opens the page. `pages` are what the server shows of each submission, by id, one after the other; the last one stays. What is
 * handed in becomes `sub_1`, `sub_2` and so on.
 */
async function workbench({ pages = {}, changes = CHANGES, address = ADDRESS, storage = new Storage(), narrow, ...page } = {}) {
  let taken = 0;
  const reply = ({ url, method }) => {
    const id = url.match(/sub_\w+/)?.[0];
    if (url.endsWith("/changes")) return response(200, changes);
    if (method === "POST") return response(202, { id: "sub_" + ++taken });
    if (url.startsWith("/api/")) return response(200, { id, state: "running" });
    const shown = pages[id] ?? [graded()];
    const next = shown.length > 1 ? shown.shift() : shown[0];
    return typeof next === "string" ? response(200, next) : next;
  };
  return open("editor.js", exercise(page), { address, storage, reply, narrow });
}

const selected = page => page.find(".pane-tabs [aria-selected=true]").textContent;

test("a submission is followed in the page until its result is there", async () => {
  const page = await workbench({ pages: { sub_1: [running(), graded({ verdict: "Partial" })] } });
  await page.press("#submit");
  assert.equal(page.at, ADDRESS + "?submission=sub_1");
  assert.equal(page.text("#results-status"), "Waiting");
  const [stream] = page.streams;
  assert.equal(stream.url, "/api/v1/submissions/sub_1/events");
  await stream.tell("queued", { queue_position: 3 });
  assert.equal(page.text("#place"), "Place 3 in the queue.");
  await stream.tell("stage", { name: "run" });
  assert.equal(page.find("[data-stage=run]").className, "current");
  await stream.tell("test", { title: "merges", verdict: "passed", done: 1, of: 2 });
  assert.equal(page.text("#live-tests"), "passed merges");
  await stream.tell("finished", {});
  assert.match(page.text("#results"), /Partial/);
  assert.equal(page.text("#results-status"), "Partial 3 of 3 points");
  assert.equal(page.find("#results a").getAttribute("href"), "/submissions/sub_1");
  assert.equal(stream.readyState, 2);
});

test("where the stream ends, the server is asked", async () => {
  const page = await workbench({ pages: { sub_1: [running(), graded()] } });
  await page.press("#submit");
  await page.streams[0].end();
  assert.equal(page.text("#progress-title"), "Being graded");
  assert.equal(page.sent.at(-1).url, "/api/v1/submissions/sub_1");
  page.fire("pagehide");
  await page.streams[0].tell("finished", {});
  assert.match(page.text("#results"), /Accepted/);
});

test("another run takes the place of the one before, and Back leads out of both", async () => {
  const page = await workbench({ pages: { sub_1: [running()], sub_2: [graded({ verdict: "Partial" })] } });
  await page.press("#run-public");
  await page.press("#submit");
  assert.equal(page.streams[0].readyState, 2, "the first one isn't followed any more");
  assert.deepEqual(page.visits, [ADDRESS, ADDRESS + "?submission=sub_2"]);
  assert.match(page.text("#results"), /Partial/);
  await page.back();
  assert.equal(page.text("#results"), "Nothing has been run yet.");
  assert.equal(page.find("#workbench").classList.contains("with-results"), false);
});

test("the address names the result that is shown when the page is opened", async () => {
  const page = await workbench({
    submission: "sub_7", address: ADDRESS + "?submission=sub_7", pages: { sub_7: [graded({ verdict: "Wrong answer" })] },
  });
  assert.match(page.text("#results"), /^Submission, handed in Feb 1, 2026, .*Wrong answer/s);
  await page.press("#submit");
  assert.deepEqual(page.visits, [ADDRESS + "?submission=sub_1"]);
});

test("in an attempt, the address keeps the attempt", async () => {
  const page = await workbench();
  Object.assign(page.find("#editor").dataset, { attempt: "att_1", position: "2" });
  await page.press("#submit");
  assert.equal(page.at, ADDRESS + "?attempt=att_1&position=2&submission=sub_1");
});

test("a result that doesn't come through can be asked for again", async () => {
  const page = await workbench({ pages: { sub_1: [null, response(401, { code: "unauthenticated" }), graded()] } });
  await page.press("#submit");
  assert.deepEqual(page.notices(), ["The result can't be shown: there is no connection to the server."]);
  await page.press("Show the result");
  assert.match(page.notices()[0], /Your session has ended/);
  await page.press("Show the result");
  assert.deepEqual(page.notices(), []);
  assert.match(page.text("#results"), /Accepted/);
});

test("what changed is shown beside the code, and is not handed in", async () => {
  const page = await workbench();
  await page.press("#submit");
  page.type("#file-0", "fn new() {}");
  await page.press("the starter");
  assert.match(page.text("#results"), /Changes since the starter/);
  const { url, fields } = page.sent.at(-1);
  assert.equal(new URL(url, ADDRESS).pathname, "/exercises/clock/changes");
  assert.deepEqual(fields.at(-1), ["since", "starter"]);
  assert.equal(page.at, ADDRESS + "?submission=sub_1");
  await page.press("the starter"); // twice
  await page.press("Back to the result");
  assert.match(page.text("#results"), /Accepted/);
});

test("changes that don't come through are said", async () => {
  const page = await workbench({ changes: "<p>something else</p>" });
  await page.press("the starter");
  assert.deepEqual(page.notices(), ["The changes can't be shown: the server didn't send them."]);
  assert.equal(page.text("#results"), "");
});

test("the keys hand in as the buttons do", async () => {
  const page = await workbench();
  const key = async more => {
    const event = Object.assign(new page.window.Event("keydown", { bubbles: true, cancelable: true }), { key: "Enter", ...more });
    page.find("#file-0").dispatchEvent(event);
    await page.press("#keys"); // lets what the key has begun go on
    return page.sent.filter(({ method }) => method === "POST").at(-1)?.fields.at(-1);
  };
  assert.equal(await key({ shiftKey: true }), undefined, "Enter alone is for the editor");
  assert.deepEqual(await key({ ctrlKey: true }), ["mode", "public"]);
  assert.deepEqual(await key({ ctrlKey: true, shiftKey: true }), ["mode", "graded"]);
  assert.deepEqual(await key({ metaKey: true }), ["mode", "public"]);
});

test("on a phone one pane is shown at a time, and a result comes to the front", async () => {
  const page = await workbench({ narrow: true, pages: { sub_1: [graded({ more: diagnostic(1, 4) })] } });
  assert.equal(selected(page), "Statement");
  assert.deepEqual(["statement", "code", "results"].map(name => page.find(`#${name}-pane`).hidden), [false, true, true]);
  assert.equal(page.find("#code-pane").getAttribute("role"), "tabpanel");
  await page.press("Code");
  assert.equal(page.find("#code-pane").hidden, false);
  await page.press("#submit");
  assert.equal(selected(page), "Results");
  await page.press("a.place");
  assert.equal(selected(page), "Code");
  // On a wide screen all of them are there again.
  page.media.matches = false;
  page.media.dispatchEvent(new page.window.Event("change"));
  assert.deepEqual(["statement", "code", "results"].map(name => page.find(`#${name}-pane`).hidden), [false, false, false]);
  assert.equal(page.find("#code-pane").hasAttribute("role"), false);
});

test("the focus never stays in a pane that is hidden", async () => {
  const page = await workbench({ narrow: true });
  await page.press("Code");
  page.find("#file-0").focus();
  await page.press("the starter");
  assert.equal(page.find("#code-pane").hidden, true);
  assert.equal(page.document.activeElement, page.find("#results-pane-tab"));
  // On a wide screen it stays where it is, and that pane is the one that is left when the screen becomes narrow.
  const wide = await workbench();
  wide.find("#file-0").focus();
  await wide.press("the starter");
  assert.equal(wide.document.activeElement, wide.find("#file-0"));
  wide.media.matches = true;
  wide.media.dispatchEvent(new wide.window.Event("change"));
  assert.equal(wide.find("#code-pane").hidden, false);
});

test("on a phone, a page that says why something was refused shows that", async () => {
  const added = [["src/merge.rs", "fn merge() {}"], ["", "text"]];
  const page = await workbench({ narrow: true, origin: "typed", wrong: "a new file has text but no path", added });
  assert.equal(page.find("#wrong").closest("section").hidden, false);
  assert.equal(page.find(".file-tabs [aria-selected=true]").textContent, "New file");
});

test("files are tabs, and a file that is added has one with its path", async () => {
  const page = await workbench();
  const tabs = () => [...page.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent);
  assert.deepEqual(tabs(), ["src/lib.rs"]);
  await page.press("Add a file");
  page.type("#new-file [name=path]", "src/merge.rs");
  page.type("#new-text", "fn merge() {}");
  assert.deepEqual(tabs(), ["src/lib.rs", "src/merge.rs"]);
  assert.equal(page.find("#new-file").open, true);
  assert.equal(page.find("#file-0").closest("details").open, false);
  await page.press("Add a file");
  assert.deepEqual(tabs(), ["src/lib.rs", "src/merge.rs", "New file"]);
  await page.press("src/lib.rs");
  assert.equal(page.find("#file-0").closest("details").open, true);
  assert.equal(page.find("#new-file").open, false);
});

test("a file that was added and handed in is a tab, and its path can be changed", async () => {
  const page = await workbench({ added: [["src/merge.rs", ""], ["", "typed"]] });
  const tabs = () => [...page.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent);
  assert.deepEqual(tabs(), ["src/lib.rs", "src/merge.rs", "New file"]);
  page.type("[value='src/merge.rs']", "src/merged.rs");
  assert.deepEqual(tabs(), ["src/lib.rs", "src/merged.rs", "New file"]);
});

test("a draft with a file that was added shows it as a tab", async () => {
  const storage = new Storage();
  const first = await workbench({ storage });
  await first.press("Add a file");
  first.type("#new-file [name=path]", "src/merge.rs");
  first.type("#new-text", "fn merge() {}");
  first.fire("pagehide");
  const second = await workbench({ storage });
  const tabs = [...second.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent);
  assert.deepEqual(tabs, ["src/lib.rs", "src/merge.rs"]);
});

test("arrow keys choose a tab, and only the chosen one is in the tab order", async () => {
  const page = await workbench({ narrow: true });
  const key = name => {
    const event = Object.assign(new page.window.Event("keydown", { bubbles: true, cancelable: true }), { key: name });
    page.find(".pane-tabs").dispatchEvent(event);
    return selected(page);
  };
  assert.deepEqual(["ArrowLeft", "ArrowRight", "End", "Home", "ArrowRight", "a"].map(key),
    ["Results", "Statement", "Results", "Statement", "Code", "Code"]);
  const order = [...page.document.querySelectorAll(".pane-tabs [role=tab]")].map(tab => tab.tabIndex);
  assert.deepEqual(order, [-1, 0, -1]);
  assert.equal(page.document.activeElement.textContent, "Code");
});

test("the lines between the panes move by key, stay within limits, and are remembered", async () => {
  const storage = new Storage();
  const page = await workbench({ storage });
  const line = page.find("[data-line=statement]");
  const size = () => [line.getAttribute("aria-valuenow"), page.find("#workbench").style.getPropertyValue("--statement")];
  const key = name => {
    line.dispatchEvent(Object.assign(new page.window.Event("keydown", { cancelable: true }), { key: name }));
    return size();
  };
  assert.deepEqual(size(), ["34", "34%"]);
  assert.deepEqual(key("ArrowRight"), ["36", "36%"]);
  assert.deepEqual(key("ArrowUp"), ["36", "36%"]);
  assert.deepEqual(key("End"), ["65", "65%"]);
  assert.deepEqual(key("ArrowRight"), ["65", "65%"]);
  assert.deepEqual(key("Enter"), ["34", "34%"]);
  assert.deepEqual(key("Home"), ["15", "15%"]);
  const again = await workbench({ storage });
  assert.equal(again.find("[data-line=statement]").getAttribute("aria-valuenow"), "15");
  const broken = new Storage();
  broken.setItem("workbench sizes", "{");
  assert.equal((await workbench({ storage: broken })).find("[data-line=statement]").getAttribute("aria-valuenow"), "34");
  assert.equal((await workbench({ storage: null })).find("[data-line=height]").getAttribute("aria-valuenow"), "42");
});

test("a place in a file that is not in the editor leads to no other file", async () => {
  const elsewhere = diagnostic(3, 1).replaceAll("src/lib.rs", "src/gone.rs");
  const page = await workbench({ pages: { sub_1: [graded({ more: elsewhere + diagnostic(1, 4) })] } });
  await page.press("#submit");
  const click = new page.window.MouseEvent("click", { bubbles: true, cancelable: true });
  page.find("a.place").dispatchEvent(click);
  assert.equal(click.defaultPrevented, true);
  assert.deepEqual(page.notices(), ["src/gone.rs is not in the editor."]);
  assert.equal(page.find("#results-pane .alert a").getAttribute("href"), "/submissions/sub_1#file-0");
  assert.notEqual(page.document.activeElement, page.find("#file-0"));
  assert.equal(page.text(".code-bar button"), "Show the problem", "the one in the file that is there is marked");
});

test("a file that was added can be removed, and put back just as it was", async () => {
  const storage = new Storage();
  const added = [["src/merge.rs", "fn merge() {}"], ["src/tick.rs", "fn tick() {}"]];
  const page = await workbench({ storage, added });
  const tabs = () => [...page.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent);
  const remove = async path => {
    await page.press(path);
    await page.press("Remove this file");
  };
  const remover = [...page.document.querySelectorAll(".file-tabs button")].find(one => one.textContent === "Remove this file");
  assert.equal(remover.hidden, true, "the starter's file stays");
  await page.press("src/merge.rs");
  assert.equal(remover.hidden, false);
  await remove("src/merge.rs");
  page.type("[value='src/tick.rs']", "src/tock.rs");
  await remove("src/tock.rs");
  assert.deepEqual(tabs(), ["src/lib.rs"]);
  assert.equal(remover.hidden, true);
  assert.equal(page.document.activeElement.textContent, "src/lib.rs");
  assert.equal(page.find("#file-0").closest("details").open, true);
  page.fire("pagehide");
  assert.deepEqual(JSON.parse(storage.getItem("draft usr_ada clock ")).files.map(({ path }) => path), ["src/lib.rs", ""]);
  // It stays away when the page is loaded anew.
  const again = await workbench({ storage, added });
  assert.deepEqual([...again.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent), ["src/lib.rs"]);
});

test("removed files are put back one after the other", async () => {
  const page = await workbench({ added: [["src/merge.rs", "fn merge() {}"], ["", "no path"]] });
  const tabs = () => [...page.document.querySelectorAll(".file-tabs [role=tab]")].map(tab => tab.textContent);
  for (const tab of ["src/merge.rs", "New file"]) {
    await page.press(tab);
    await page.press("Remove this file");
  }
  assert.deepEqual(page.notices(), ["Removed a file without a path."]);
  await page.press("Undo");
  assert.deepEqual(page.notices(), ["Removed src/merge.rs."]);
  await page.press("Undo");
  assert.deepEqual(page.notices(), []);
  assert.deepEqual(tabs(), ["src/lib.rs", "New file", "src/merge.rs"]);
  assert.equal(page.document.activeElement, page.find("[value='src/merge.rs']"));
  assert.equal(page.find("#added-0").value, "fn merge() {}");
  // An empty one just goes.
  await page.press("Add a file");
  await page.press("Remove this file");
  assert.deepEqual(page.notices(), []);
  await page.press("Add a file");
  assert.deepEqual(tabs(), ["src/lib.rs", "New file", "src/merge.rs", "New file"]);
});
