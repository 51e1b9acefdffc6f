// What stays in a browser that several people use: text that was typed while nobody was signed in, and the drafts of a deleted
// account.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Storage } from "./fakes.js";
import { open } from "./page.js";
import { exercise } from "./workbench-page.js";

const AT = "2026-02-01T10:00:00.000Z";
const OFFER = /^Something was typed here in this browser while nobody was signed in\./;

const ESSAY = `
  <form method="post" action="/prompts/demo/design" id="answer-form" data-owner="usr_bob">
  <fieldset><textarea name="text"></textarea></fieldset></form>`;

const SHARED = [
  {
    script: "editor.js", body: exercise(), field: "#file-0", before: "fn old() {}",
    address: "https://quorate.test/exercises/clock", key: "draft  clock ",
    kept: { at: AT, begun: "", files: [{ path: "src/lib.rs", text: "fn adas() {}" }], chosen: [] },
  },
  {
    script: "essay.js", body: ESSAY, field: "[name=text]", before: "",
    address: "https://quorate.test/prompts/demo/design", key: "draft essay  /prompts/demo/design",
    kept: { at: AT, text: "fn adas() {}" },
  },
];

const inBrowser = ({ key, kept }) => {
  const storage = new Storage();
  storage.setItem(key, JSON.stringify({ ...kept, at: new Date().toISOString() }));
  return storage;
};

for (const page of SHARED) {
  test(`${page.script}: what somebody else may have typed is not put into the page`, async () => {
    const storage = inBrowser(page);
    const bob = await open(page.script, page.body, { address: page.address, storage, reply: () => null });
    bob.fire("pagehide");
    assert.equal(bob.find(page.field).value, page.before);
    assert.match(bob.notices()[0], OFFER);
    const ofBob = Array.from({ length: storage.length }, (_, index) => storage.key(index)).filter(key => key.includes("usr_bob"));
    assert.deepEqual(ofBob, []);
    assert.notEqual(storage.getItem(page.key), null);
  });

  test(`${page.script}: one's own text is used or dropped`, async () => {
    const storage = inBrowser(page);
    const using = await open(page.script, page.body, { address: page.address, storage, reply: () => null });
    await using.press("Use it");
    assert.equal(using.find(page.field).value, "fn adas() {}");
    assert.equal(storage.getItem(page.key), null);
    const again = inBrowser(page);
    const dropping = await open(page.script, page.body, { address: page.address, storage: again, reply: () => null });
    await dropping.press("Drop it");
    assert.equal(dropping.find(page.field).value, page.before);
    assert.equal(again.getItem(page.key), null);
    assert.deepEqual(dropping.notices(), []);
  });

  test(`${page.script}: what several tabs have kept is offered one after the other`, async () => {
    const text = (kept, to) => JSON.parse(JSON.stringify(kept).replace("fn adas() {}", to).replace(AT, new Date().toISOString()));
    const kept = { ...page.kept, older: { ...text(page.kept, "fn second() {}"), older: text(page.kept, "fn third() {}") } };
    const storage = inBrowser({ ...page, kept });
    const first = await open(page.script, page.body, { address: page.address, storage, reply: () => null });
    await first.press("Use it");
    assert.equal(first.find(page.field).value, "fn adas() {}");
    assert.match(first.notices().join(), /while nobody was signed in/);
    await first.press("Drop it");
    // The last one is still offered when the page is opened again.
    const second = await open(page.script, page.body, { address: page.address, storage, reply: () => null });
    assert.ok(second.notices().some(said => OFFER.test(said)));
    assert.doesNotMatch(storage.getItem(page.key), /adas|second/);
    await second.press("Use it");
    assert.match(second.find(page.field).value, /fn third\(\) {}$/);
    assert.equal(storage.getItem(page.key), null);
  });
}

test("essay.js: what was typed in two tabs is not lost", async () => {
  const storage = new Storage();
  const address = "https://quorate.test/prompts/demo/design";
  const essay = () => open("essay.js", ESSAY, { address, storage, reply: () => null });
  const [one, two] = [await essay(), await essay()];
  one.type("[name=text]", "one");
  two.type("[name=text]", "two");
  two.type("[name=text]", "two, and more");
  const page = await essay();
  page.type("[name=text]", "two, and still more");
  assert.match(page.notices().join(), /typed here in another tab/);
  const again = await essay();
  await again.press("Use it");
  assert.equal(again.find("[name=text]").value, "two, and still more\n\none");
  // Once the server has the one, the other is still there, whichever was kept last.
  again.fire("pagehide");
  one.type("[name=text]", "one, and more");
  const body = ESSAY.replace("></textarea>", ">one, and more</textarea>");
  const sent = () => open("essay.js", '<p id="kept"></p>' + body, { address, storage, reply: () => null });
  assert.equal((await sent()).find("[name=text]").value, "two, and still more\n\none");
  one.type("[name=text]", "one, and more");
  again.type("[name=text]", "two at last");
  assert.equal((await sent()).find("[name=text]").value, "two at last");
  assert.doesNotMatch(storage.getItem("draft essay usr_bob /prompts/demo/design"), /one, and more/);
});

test("a deleted account's drafts leave the browser, and nobody else's", async () => {
  const storage = new Storage();
  for (const owner of ["usr_ada", "usr_bob"]) storage.setItem(`draft essay ${owner} /x`, JSON.stringify({ at: AT, text: "a" }));
  await open("erased.js", '<div data-erased="usr_ada"></div>', { address: "https://quorate.test/", storage, reply: () => null });
  assert.equal(storage.getItem("draft essay usr_ada /x"), null);
  assert.notEqual(storage.getItem("draft essay usr_bob /x"), null);
  const essay = ESSAY.replace("usr_bob", "usr_ada");
  const address = "https://quorate.test/prompts/demo/design";
  const another = await open("essay.js", essay, { address, storage, reply: () => null });
  another.type("[name=text]", "typed in another tab");
  assert.equal(storage.getItem("draft essay usr_ada /prompts/demo/design"), null);
});
