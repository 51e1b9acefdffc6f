// A submission while it is graded: its events as they come. When it is finished, the server shows the result.
"use strict";

{
  const id = document.querySelector("[data-submission]").dataset.submission;
  const title = document.querySelector("#progress-title");
  const place = document.querySelector("#place");
  const bar = document.querySelector("#tests-done");
  const list = document.querySelector("#live-tests");
  const announce = text => { document.querySelector("#announce").textContent = text; };
  const stages = [...document.querySelectorAll("[data-stage]")];
  const events = new EventSource("/api/v1/submissions/" + id + "/events");
  const on = (name, act) => events.addEventListener(name, event => act(JSON.parse(event.data)));

  on("queued", ({ queue_position }) => {
    place.textContent = queue_position ? "Place " + queue_position + " in the queue." : "";
  });

  on("stage", ({ name }) => {
    const current = stages.findIndex(stage => stage.dataset.stage === name);
    stages.forEach((stage, index) => {
      stage.classList.toggle("done", index < current);
      stage.classList.toggle("current", index === current);
    });
    title.textContent = "Being graded";
    place.textContent = "";
    if (name === "policy") list.replaceChildren();
    announce(stages[current]?.textContent ?? "");
  });

  on("test", ({ title, verdict, done, of }) => {
    bar.hidden = false;
    bar.max = of;
    bar.value = done;
    const item = document.createElement("li");
    const word = document.createElement("span");
    word.className = "verdict " + (verdict === "passed" ? "right" : verdict === "skipped" ? "open" : "wrong");
    word.textContent = verdict.replaceAll("_", " ");
    item.append(word, " " + title);
    list.append(item);
    if (done === of) announce("All tests are done");
  });

  on("finished", () => { events.close(); location.reload(); });

  // A stream that ends for good may have told everything before this page listened.
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000); };
}
