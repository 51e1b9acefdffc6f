// Loaded by every page. Each part does nothing if its elements are missing, and every page works without this script.

import { addClear } from "./choice.js";
import { Once } from "./once.js";
import { addMoves } from "./ordering.js";
import { localTimes } from "./times.js";

localTimes(document);

// Text fields grow with their content.
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

// A link may lead into a closed <details>.
const reveal = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  const closed = target && target.closest("details");
  if (closed) closed.open = true;
};
addEventListener("hashchange", reveal);
reveal();

// After an answer, move the focus to the outcome.
document.querySelector("#outcome")?.focus({ preventScroll: true });
