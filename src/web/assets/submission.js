// A submission while it is being graded: shows how far it has come. When it is finished, the page is loaded again with the
// result.

import { server } from "./connection.js";
import { Follow } from "./follow.js";
import { Notice } from "./notice.js";
import { isSignedOut } from "./outcome.js";
import { SIGN_IN } from "./server.js";

const id = document.querySelector("[data-submission]").dataset.submission;
const title = document.querySelector("#progress-title");
const place = document.querySelector("#place");
const bar = document.querySelector("#tests-done");
const list = document.querySelector("#live-tests");
const problem = new Notice(document.querySelector("#progress"), "alert");
const stages = [...document.querySelectorAll("[data-stage]")];
const address = "/api/v1/submissions/" + id;
const SIGNED_OUT =
  "Your session has ended. Sign in again in another tab, then come back. What you submitted is graded meanwhile.";
let events = null;

const announce = text => { document.querySelector("#announce").textContent = text; };

const waits = position => { place.textContent = position ? "Place " + position + " in the queue." : ""; };

const graded = () => {
  title.textContent = "Being graded";
  place.textContent = "";
};

const stage = ({ name }) => {
  const current = stages.findIndex(stage => stage.dataset.stage === name);
  stages.forEach((stage, index) => {
    stage.classList.toggle("done", index < current);
    stage.classList.toggle("current", index === current);
  });
  graded();
  if (name === "policy") list.replaceChildren();
  announce(stages[current]?.textContent ?? "");
};

const test = ({ title, verdict, done, of }) => {
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
};

const follow = new Follow({
  open: () => {
    // A new stream repeats all events from the beginning.
    list.replaceChildren();
    events = new EventSource(address + "/events");
    const on = (name, act) => events.addEventListener(name, event => {
      follow.heard();
      act(JSON.parse(event.data));
    });
    on("queued", ({ queue_position }) => waits(queue_position));
    on("stage", stage);
    on("test", test);
    on("finished", () => follow.finish());
    const stream = events;
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) follow.ended(); };
  },
  close: () => events?.close(),
  ask: async () => {
    const answer = await server.ask(address, { headers: { accept: "application/json" }, cache: "no-store" });
    if (isSignedOut(answer)) return "signed_out";
    return answer?.status === 200 ? answer.body : null;
  },
  show: submission => (submission.state === "queued" ? waits(submission.queue_position) : graded()),
  finished: () => location.reload(),
  signedOut: () => problem.show(SIGNED_OUT, [{ label: "Sign in in a new tab", href: SIGN_IN }]),
  later: (milliseconds, act) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
});

const look = () => {
  if (document.hidden) return follow.rest();
  problem.hide();
  follow.begin();
};
addEventListener("visibilitychange", look);
look();
