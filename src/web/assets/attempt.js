// An attempt: its clock, which is the server's, and the answer that is open. Without this file the Save button does it all.

import { Answer } from "./answer.js";
import { ServerClock } from "./clock.js";
import { onTime, server } from "./connection.js";
import { Countdown, within } from "./countdown.js";
import { endText } from "./status.js";

const head = document.querySelector(".attempt-head");
const form = document.querySelector("[data-autosave]");

const LAST_SAVE_MS = 5_000; // how long the end waits for the last save

// The page arrived when its first byte did, which may be long before this script runs.
const loaded = performance.getEntriesByType("navigation")[0];
const arrived = loaded?.responseStart ? performance.timeOrigin + loaded.responseStart : Date.now();
const clock = new ServerClock(Date.parse(head.dataset.now) || arrived, arrived, {
  wall: Date.now,
  steady: () => performance.now(),
});

onTime((...times) => clock.sync(...times));

const end = code => {
  countdown?.stop();
  answer?.end();
  for (const button of document.querySelectorAll("#submit, #upload-submit")) button.disabled = true;
  const told = document.querySelector("#time-up");
  told.querySelector("strong").textContent = endText(code);
  if (!told.hidden) return;
  told.hidden = false;
  told.scrollIntoView({ block: "nearest" });
};

const answer = form && new Answer(form, server, end);
const countdown = head.dataset.deadline && new Countdown(Date.parse(head.dataset.deadline), clock, {
  ask: () => server.renew(),
  nearlyOver: () => answer?.flush(),
  over: async () => {
    answer?.lock();
    if (answer) await within(answer.flush(), LAST_SAVE_MS);
    end("time_up");
  },
});
countdown?.start();

addEventListener("online", () => answer?.resume());
addEventListener("visibilitychange", async () => {
  if (document.hidden) return answer?.flush();
  if (countdown) await server.renew();
  answer?.resume();
});
// A page that comes back from the browser's cache may show an old answer under an old revision. Its draft is kept.
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
