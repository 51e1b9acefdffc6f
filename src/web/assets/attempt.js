// An attempt: a countdown by the server's clock, and the answer that is open. Without this script the Save button does all of it.

import { Answer } from "./answer.js";
import { ServerClock } from "./clock.js";
import { onServerTime, server } from "./connection.js";
import { Countdown, within } from "./countdown.js";
import { endText } from "./status.js";

const head = document.querySelector(".attempt-head");
const form = document.querySelector("[data-autosave]");

const LAST_SAVE_MS = 5_000; // how long to wait for the last save when the time is up

// The page's time is that of its first byte, which may have arrived long before this script runs.
const loaded = performance.getEntriesByType("navigation")[0];
const arrived = loaded?.responseStart ? performance.timeOrigin + loaded.responseStart : Date.now();
const clock = new ServerClock(Date.parse(head.dataset.now) || arrived, arrived, {
  wall: Date.now,
  steady: () => performance.now(),
});

onServerTime((...times) => clock.sync(...times));

const end = code => {
  countdown?.stop();
  answer?.end();
  for (const button of document.querySelectorAll("#submit, #upload-submit")) button.disabled = true;
  const message = document.querySelector("#time-up");
  message.querySelector("strong").textContent = endText(code);
  if (!message.hidden) return;
  message.hidden = false;
  message.scrollIntoView({ block: "nearest" });
};

const answer = form && new Answer(form, server, end);
const countdown = head.dataset.deadline && new Countdown(Date.parse(head.dataset.deadline), clock, {
  ask: () => server.renew(),
  nearlyOver: () => answer?.hasten(),
  over: async () => {
    answer?.lock();
    if (answer) await within(answer.flush(), LAST_SAVE_MS);
    end("time_up");
  },
});
countdown?.start();

addEventListener("online", () => answer?.resume());
addEventListener("visibilitychange", async () => {
  if (document.hidden) return answer?.hurry();
  if (countdown) await server.renew();
  answer?.resume();
});
// A page from the back/forward cache may show an old answer with an old revision. Its draft is in the browser's storage.
addEventListener("pageshow", event => { if (event.persisted) location.reload(); });
