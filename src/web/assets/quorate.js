// What every page may use. Each part does nothing where its elements are missing, and every page works without.

import { addClear } from "./choice.js";
import { Once } from "./once.js";
import { addMoves } from "./ordering.js";

// Times are sent in UTC; show them in the reader's own zone.
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (!Number.isNaN(moment.valueOf())) {
    time.title = time.textContent;
    time.textContent = moment.toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
  }
}

// A text grows with what is typed.
for (const area of document.querySelectorAll("textarea[data-grow]")) {
  const grow = () => { if (area.scrollHeight > area.clientHeight) area.style.height = area.scrollHeight + 4 + "px"; };
  area.addEventListener("input", grow);
  grow();
}

for (const list of document.querySelectorAll("[data-places]")) {
  if (!list.closest("fieldset")?.disabled) addMoves(list);
}

document.querySelectorAll("fieldset.answer").forEach(addClear);

new Once().watch(document);

// A link may lead into something that is closed.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target && target.closest("details");
  if (closed) closed.open = true;
};
addEventListener("hashchange", reveal);
reveal();

// After an answer, the outcome is what matters.
document.querySelector("#outcome")?.focus({ preventScroll: true });
