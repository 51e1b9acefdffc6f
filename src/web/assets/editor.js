// The editor: indentation, line numbers, a draft kept in this browser, archives. Without this file it is a form of plain text fields.
"use strict";

{
  const form = document.querySelector("#editor");
  const INDENT = "    ";

  // ---- typing ----

  // The browser's own way to insert keeps its undo.
  const insert = (area, text) => {
    area.focus();
    if (!document.execCommand("insertText", false, text)) {
      area.setRangeText(text, area.selectionStart, area.selectionEnd, "end");
      area.dispatchEvent(new Event("input", { bubbles: true }));
    }
  };

  const lineStart = area => area.value.lastIndexOf("\n", area.selectionStart - 1) + 1;

  const newLine = area => {
    const line = area.value.slice(lineStart(area), area.selectionStart);
    const deeper = /[{([]\s*$/.test(line) ? INDENT : "";
    insert(area, "\n" + line.match(/^[ \t]*/)[0] + deeper);
  };

  // All the lines that the selection touches.
  const shift = (area, change) => {
    const from = lineStart(area);
    const lines = area.value.slice(from, area.selectionEnd);
    area.setSelectionRange(from, area.selectionEnd);
    const shifted = lines.split("\n").map(change).join("\n");
    insert(area, shifted);
    area.setSelectionRange(from, from + shifted.length);
  };

  const outdent = line => line.replace(/^( {1,4}|\t)/, "");

  const typed = event => {
    const area = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape") area.dataset.leave = "yes";
    else if (event.key === "Tab" && !area.dataset.leave) {
      event.preventDefault();
      const several = area.value.slice(area.selectionStart, area.selectionEnd).includes("\n");
      if (event.shiftKey) shift(area, outdent);
      else if (several) shift(area, line => (line ? INDENT + line : line));
      else insert(area, INDENT.slice((area.selectionStart - lineStart(area)) % INDENT.length));
    } else if (event.key === "Enter") {
      event.preventDefault();
      newLine(area);
    }
    if (event.key !== "Escape" && event.key !== "Shift") delete area.dataset.leave;
  };

  const numbers = area => {
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
  };

  const redraw = [];
  for (const area of form.querySelectorAll("textarea.code")) {
    area.addEventListener("keydown", typed);
    redraw.push(numbers(area));
  }

  // ---- the draft ----

  const key = ["draft", form.dataset.owner, form.dataset.exercise, form.dataset.attempt ?? ""].join(" ");
  const state = document.querySelector("#draft-state");
  const read = () => [...form.querySelectorAll("[name=path]")].map(path => ({
    path: path.value, text: path.closest("details").querySelector("[name=text]").value,
  }));
  const choices = () => [...form.querySelectorAll("#diagnosis input")];
  const chosen = () => choices().filter(field => field.checked).map(field => field.name + "=" + field.value);
  const texts = files => JSON.stringify(files.filter(file => file.path).map(file => [file.path, file.text]));
  const begun = texts(read());
  const answered = chosen().join();

  const put = files => {
    for (const { path, text } of files) {
      const known = [...form.querySelectorAll("[name=path]")].find(field => field.value === path);
      const field = known ?? form.querySelector("#new-file [name=path]");
      field.value = path;
      const details = field.closest("details");
      details.querySelector("[name=text]").value = text;
      if (!known) details.open = true;
    }
    redraw.forEach(draw => draw());
  };

  const keep = () => {
    try {
      const files = read();
      if (texts(files) === begun && chosen().join() === answered) localStorage.removeItem(key);
      else localStorage.setItem(key, JSON.stringify({ at: new Date().toISOString(), begun, files, chosen: chosen() }));
      state.textContent = "Your draft is kept in this browser.";
    } catch {
      state.textContent = "This browser keeps no draft: submit, or copy your text, before you leave.";
    }
  };

  const restore = () => {
    let draft = null;
    try { draft = JSON.parse(localStorage.getItem(key)); } catch { /* a draft that can't be read is none */ }
    // What was refused by the server is newer than any draft.
    if (!draft?.files || form.dataset.origin === "typed") return;
    const kept = draft.chosen ?? chosen();
    if (texts(draft.files) === begun && kept.join() === answered) return;
    put(draft.files);
    for (const field of choices()) field.checked = kept.includes(field.name + "=" + field.value);
    const note = document.querySelector("#draft");
    note.querySelector("span").textContent = new Date(draft.at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    note.hidden = false;
    note.querySelector("button").addEventListener("click", () => {
      localStorage.removeItem(key);
      location.reload();
    });
  };

  let timer = 0;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, 400);
  });
  addEventListener("pagehide", () => { if (timer) keep(); });
  document.querySelector("#from-starter")?.addEventListener("click", () => localStorage.removeItem(key));
  // What is handed in is with the server: from there on it is no draft.
  form.addEventListener("submit", () => {
    clearTimeout(timer);
    timer = 0;
    localStorage.removeItem(key);
  });
  restore();

  // ---- an archive ----

  const upload = document.querySelector("#upload-submit");
  upload?.addEventListener("click", async () => {
    const told = document.querySelector("#upload-state");
    const file = document.querySelector("#upload input[type=file]").files[0];
    if (!file) { told.textContent = "Choose a file first."; return; }
    const query = form.dataset.attempt ? "?attempt=" + form.dataset.attempt + "&position=" + form.dataset.position : "";
    const type = file.name.endsWith(".zip") ? "application/zip" : "application/gzip";
    upload.disabled = true;
    told.textContent = "Sending…";
    try {
      const response = await fetch("/api/v1/exercises/" + form.dataset.exercise + "/submissions" + query, {
        method: "POST", body: file,
        headers: { "content-type": type, accept: "application/json", "x-csrf-token": document.querySelector("meta[name=csrf-token]").content },
      });
      const answer = await response.json();
      if (response.ok) location.href = "/submissions/" + answer.id;
      else told.textContent = "Not taken: " + answer.detail;
    } catch {
      told.textContent = "Not sent: no connection. Try again.";
    }
    upload.disabled = false;
  });
}
