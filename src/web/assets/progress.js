// Shows how far the grading of a submission has come, from the server's events or, where none come through, by polling.

import { server } from "./connection.js";
import { Follow } from "./follow.js";
import { Notice } from "./notice.js";
import { isSignedOut } from "./outcome.js";
import { SIGN_IN } from "./server.js";
import { sessionEnded } from "./status.js";

const SIGNED_OUT = sessionEnded(", then come back. What you submitted is graded meanwhile.");
const EVENTS = ["queued", "stage", "test", "finished"];

/** The progress of one submission, in the element `panel` that the server made for it. */
export class Progress {
  #panel;
  #finished;
  #follow;
  #problem;
  #events = null;

  /** Calls `finished()` once there is a result. */
  constructor(panel, id, finished) {
    const address = "/api/v1/submissions/" + id;
    this.#panel = panel;
    this.#finished = finished;
    this.#problem = new Notice(panel, "alert");
    this.#follow = new Follow({
      open: () => this.#open(address + "/events"),
      close: () => this.#events?.close(),
      ask: async () => {
        const answer = await server.ask(address, { headers: { accept: "application/json" }, cache: "no-store" });
        if (isSignedOut(answer)) return "signed_out";
        return answer?.status === 200 ? answer.body : null;
      },
      show: submission => (submission.state === "queued" ? this.#waits(submission.queue_position) : this.#graded()),
      finished: () => {
        this.stop();
        this.#finished();
      },
      signedOut: () => this.#problem.show(SIGNED_OUT, [SIGN_IN]),
      later: (milliseconds, act) => {
        const timer = setTimeout(act, milliseconds);
        return () => clearTimeout(timer);
      },
    });
  }

  start() {
    document.addEventListener("visibilitychange", this.#look);
    this.#look();
  }

  /** Stops following: another submission is looked at. */
  stop() {
    document.removeEventListener("visibilitychange", this.#look);
    this.#follow.rest();
  }

  #look = () => {
    if (document.hidden) return this.#follow.rest();
    this.#problem.hide();
    this.#follow.begin();
  };

  #open(address) {
    // A new stream repeats all events from the beginning.
    this.#find("#live-tests").replaceChildren();
    const stream = new EventSource(address);
    const acts = {
      queued: ({ queue_position }) => this.#waits(queue_position),
      stage: stage => this.#stage(stage),
      test: test => this.#test(test),
      finished: () => this.#follow.finish(),
    };
    for (const name of EVENTS) {
      stream.addEventListener(name, event => {
        this.#follow.heard();
        acts[name](JSON.parse(event.data));
      });
    }
    stream.onerror = () => { if (stream.readyState === EventSource.CLOSED) this.#follow.ended(); };
    this.#events = stream;
  }

  #find(selector) { return this.#panel.querySelector(selector); }

  #announce(text) { this.#find("#progress-said").textContent = text; }

  #waits(position) { this.#find("#place").textContent = position ? "Place " + position + " in the queue." : ""; }

  #graded() {
    this.#find("#progress-title").textContent = "Being graded";
    this.#find("#place").textContent = "";
  }

  #stage({ name }) {
    const stages = [...this.#panel.querySelectorAll("[data-stage]")];
    const current = stages.findIndex(stage => stage.dataset.stage === name);
    stages.forEach((stage, index) => {
      stage.classList.toggle("done", index < current);
      stage.classList.toggle("current", index === current);
    });
    this.#graded();
    if (name === "policy") this.#find("#live-tests").replaceChildren();
    this.#announce(stages[current]?.textContent ?? "");
  }

  #test({ title, verdict, done, of }) {
    const bar = this.#find("#tests-done");
    bar.hidden = false;
    bar.max = of;
    bar.value = done;
    const item = document.createElement("li");
    const word = document.createElement("span");
    word.className = "verdict " + (verdict === "passed" ? "right" : verdict === "skipped" ? "open" : "wrong");
    word.textContent = verdict.replaceAll("_", " ");
    item.append(word, " " + title);
    this.#find("#live-tests").append(item);
    if (done === of) this.#announce("All tests are done");
  }
}
