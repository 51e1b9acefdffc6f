// What every page may use. Each part does nothing where its elements are missing, and every page works without.
"use strict";

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

// Things to put in order get buttons beside the numbers. The first move gives every item its place.
for (const list of document.querySelectorAll("[data-places]")) {
  if (list.closest("fieldset")?.disabled) continue;
  const number = () => {
    [...list.children].forEach((item, index) => { item.querySelector("select").value = String(index + 1); });
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const button = (item, label, sign, move) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.setAttribute("aria-describedby", item.querySelector("span[id]").id);
    made.addEventListener("click", () => { move(); number(); made.focus(); });
    return made;
  };
  for (const item of list.children) {
    const move = document.createElement("span");
    move.className = "move";
    move.append(
      button(item, "Move up", "↑", () => item.previousElementSibling?.before(item)),
      button(item, "Move down", "↓", () => item.nextElementSibling?.after(item)),
    );
    item.append(move);
  }
}

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
