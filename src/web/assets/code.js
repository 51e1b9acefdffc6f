// A text field for code: Tab and Enter indent, and lines have numbers.

import { indent, newLine, outdent } from "./indent.js";

/** Turns a textarea into a code field. Returns a function that redraws the line numbers. */
export function codeField(area) {
  area.addEventListener("keydown", typed);
  return addNumbers(area);
}

function typed(event) {
  const area = event.target;
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // Esc followed by Tab leaves the field.
  if (event.key === "Escape") area.dataset.leave = "yes";
  else if (event.key === "Tab" && !area.dataset.leave) edit(event, event.shiftKey ? outdent : indent);
  else if (event.key === "Enter") edit(event, newLine);
  if (event.key !== "Escape" && event.key !== "Shift") delete area.dataset.leave;
}

function edit(event, change) {
  event.preventDefault();
  const area = event.target;
  const { from, to, text, select } = change({ value: area.value, start: area.selectionStart, end: area.selectionEnd });
  area.focus();
  area.setSelectionRange(from, to);
  // This old command, unlike setting the value, keeps the browser's undo history.
  const command = text === "" ? "delete" : "insertText";
  if (from !== to || text !== "") {
    if (!document.execCommand(command, false, text)) {
      area.setRangeText(text, from, to, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  }
  area.setSelectionRange(...select);
}

function addNumbers(area) {
  const gutter = document.createElement("pre");
  gutter.className = "gutter";
  gutter.setAttribute("aria-hidden", "true");
  let count = 0;
  const draw = () => {
    const lines = area.value.split("\n").length;
    if (lines !== count) gutter.textContent = Array.from({ length: lines }, (_, index) => index + 1).join("\n");
    count = lines;
    gutter.scrollTop = area.scrollTop;
  };
  area.before(gutter);
  area.addEventListener("input", draw);
  area.addEventListener("scroll", draw);
  draw();
  return draw;
}
