import assert from "node:assert/strict";
import { test } from "node:test";

import { open } from "./page.js";

const rows = [0, 1000, 2000].map((ms, index) => `<tr data-ms="${ms}"><th>${index}</th><td>${[10, "", 1_000][index]}</td></tr>`);
const PAGE = `
<div id="cursor" hidden data-from="0"><input type="range" id="second" min="0" max="3" value="0">
<output id="second-time"></output><a id="around" href="#logs"></a><p id="readout"></p></div>
<figure class="chart"><svg class="plot"><line class="cursor"/></svg>
<svg class="names"><text>users</text><text class="value">max 1000</text></svg><table>${rows.join("")}</table></figure>
<div class="waterfall" data-start="1000" data-length="2000"><svg class="bar-row"><line class="cursor"/></svg></div>
<div id="log-scroll"><table id="log-table"><tr data-ms="500"></tr><tr data-ms="500"></tr><tr data-ms="2500"></tr></table></div>`;

async function page() {
  const address = "http://localhost/exercises/storm/incident?service=shop&page=2";
  const page = await open("incident.js", PAGE, { address, storage: {} });
  const find = css => page.document.querySelector(css);
  const go = second => {
    find("#second").value = String(second);
    find("#second").dispatchEvent(new page.window.Event("input"));
  };
  return { page, find, go };
}

test("the last moment that is not later is found", async () => {
  const { lastUntil } = (await page()).page.module;
  assert.deepEqual([-1, 0, 5, 10, 11].map(millis => lastUntil([0, 10, 10], millis)), [-1, 0, 0, 2, 2]);
  assert.equal(lastUntil([], 3), -1);
});

test("moments are shown as times of day", async () => {
  const { clockTime } = (await page()).page.module;
  const shown = [0, 43_380_999, 86_400_000, 1_763_467_380_000].map(clockTime);
  assert.deepEqual(shown, ["00:00:00", "12:03:00", "00:00:00", "12:03:00"]);
});

test("a second is shown in the charts, in the trace and in the log", async () => {
  const { find, go } = await page();
  assert.equal(find("#cursor").hidden, false);
  go(0);
  assert.equal(find(".value").textContent, "10");
  assert.equal(find(".bar-row .cursor").classList.contains("on"), false, "the trace has not begun");
  assert.equal(find("#log-table .at"), find("#log-table tr:nth-child(2)"));
  go(1);
  assert.equal(find(".value").textContent, "no value");
  assert.equal(find(".plot .cursor").getAttribute("x1"), "37.500%");
  assert.equal(find(".bar-row .cursor").getAttribute("x1"), "0.000%");
  go(3);
  assert.equal(find(".value").textContent, "1000");
  assert.equal(find("#second-time").textContent, "00:00:03");
  assert.equal(find("#second").getAttribute("aria-valuetext"), "00:00:03");
  assert.equal(find("#log-table .at"), find("#log-table tr:nth-child(3)"));
});

test("the link around a second keeps the other filters and stays in the incident", async () => {
  const { find, go } = await page();
  go(2);
  assert.equal(find("#around").getAttribute("href"), "?service=shop&from=00%3A00%3A00&to=00%3A00%3A03#logs");
});
