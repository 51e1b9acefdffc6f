// An attempt: the clock that is the server's, and saving while one types. Without this file the Save button does it all.
"use strict";

{
  const head = document.querySelector(".attempt-head");
  const form = document.querySelector("[data-autosave]");
  const state = document.querySelector("#save-state");
  const announce = text => { document.querySelector("#announce").textContent = text; };

  // ---- saving ----

  const SAVE_AFTER = 700;        // milliseconds without typing
  const SAVE_AT_LATEST = 1500;   // milliseconds since the first change that is not saved
  const RETRY_AFTER = 3000;      // milliseconds after a failure of the connection

  let dirty = false;
  let dirtySince = 0;
  let saving = null;
  let timer = 0;

  const say = (text, failed = false) => {
    state.textContent = text;
    state.classList.toggle("failed", failed);
  };

  const schedule = delay => {
    clearTimeout(timer);
    timer = setTimeout(() => save(), delay);
  };

  const changed = () => {
    if (!dirty) dirtySince = Date.now();
    dirty = true;
    say("not saved yet");
    schedule(Math.max(0, Math.min(SAVE_AFTER, dirtySince + SAVE_AT_LATEST - Date.now())));
  };

  const body = () => {
    const data = new URLSearchParams(new FormData(form));
    data.set("do", "autosave");
    return data;
  };

  const failed = async response => {
    const problem = await response.json().catch(() => ({}));
    if (problem.code === "time_up" || problem.code === "attempt_over") return over();
    if (problem.code === "older_revision") {
      document.querySelector("#conflict").hidden = false;
      document.querySelector("#keep-mine").onclick = () => {
        form.elements.revision.value = problem.stored.revision + 1;
        document.querySelector("#conflict").hidden = true;
        dirty = true;
        save();
      };
      return say("not saved: another device saved an answer to this item", true);
    }
    say("not saved: " + (problem.detail || "the server did not take it"), true);
  };

  const send = async () => {
    dirty = false;
    say("saving");
    try {
      const response = await fetch(form.action, { method: "POST", body: body(), headers: { accept: "application/json" }, keepalive: true });
      if (!response.ok) return await failed(response);
      const saved = await response.json();
      form.elements.revision.value = saved.revision + 1;
      if (!dirty) say("saved");
      mark();
    } catch {
      dirty = true;
      say("not saved: no connection, trying again", true);
      schedule(RETRY_AFTER);
    }
  };

  // One save at a time, so that revisions go up in order.
  const save = async () => {
    clearTimeout(timer);
    await saving;
    if (!dirty) return;
    saving = send();
    await saving;
    saving = null;
    if (dirty && !state.classList.contains("failed")) schedule(SAVE_AFTER);
  };

  const mark = () => {
    const place = document.querySelector(".items [aria-current]")?.parentElement;
    if (place && !place.classList.contains("done")) {
      place.classList.add("done");
      const count = document.querySelector("#answered");
      count.textContent = String(Number(count.textContent) + 1);
    }
  };

  if (form) {
    form.addEventListener("input", changed);
    form.addEventListener("change", changed);
    form.addEventListener("submit", () => { clearTimeout(timer); dirty = false; });
    addEventListener("pagehide", () => { if (dirty) navigator.sendBeacon(form.action, body()); });
    addEventListener("visibilitychange", () => { if (document.hidden) save(); });
    document.addEventListener("click", event => {
      const link = event.target.closest("a[href]");
      if (!link || !dirty || event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      save().then(() => { location.href = link.href; });
    });
  }

  // ---- the clock ----

  const over = () => {
    clearTimeout(timer);
    dirty = false;
    for (const field of document.querySelectorAll(".attempt main fieldset, .item fieldset, .item button, #submit")) field.disabled = true;
    if (state) say("the time is up");
    const told = document.querySelector("#time-up");
    if (told.hidden) {
      told.hidden = false;
      told.scrollIntoView({ block: "nearest" });
    }
  };

  const left = milliseconds => {
    const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
    const two = number => String(number).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    return (hours ? hours + ":" + two(Math.floor(seconds / 60) % 60) : String(Math.floor(seconds / 60))) + ":" + two(seconds % 60);
  };

  if (head?.dataset.deadline) {
    // By the server's clock, whatever this machine's says.
    const end = performance.now() + (new Date(head.dataset.deadline) - new Date(head.dataset.now));
    const clock = document.querySelector("#timer > span");
    const warnings = [[600, "10 minutes left"], [300, "5 minutes left"], [60, "1 minute left"]];
    let before = Infinity;
    const tick = () => {
      const rest = end - performance.now();
      clock.textContent = left(rest) + " left";
      document.querySelector("#timer").classList.toggle("soon", rest < 120_000);
      for (const [seconds, text] of warnings) {
        if (rest <= seconds * 1000 && before > seconds * 1000 && before !== Infinity) announce(text);
      }
      before = rest;
      if (rest <= 3000 && dirty) save();
      if (rest <= 0) return over();
      setTimeout(tick, 250);
    };
    tick();
  }
}
