// The editor of an exercise. Its text is kept in this browser until the server has it as a submission, and the result is shown
// beside it. Without this script it is a form with plain text fields, and results have pages of their own.

import { server } from "./connection.js";
import { Draft, browserStorage, dropOld } from "./drafts.js";
import { Files, fateOfFiles, written } from "./files.js";
import { handedIn } from "./handin.js";
import { sayNameless, watchNameless } from "./nameless.js";
import { Notice } from "./notice.js";
import { isSignedOut } from "./outcome.js";
import { SIGN_IN } from "./server.js";
import { sessionEnded } from "./status.js";
import { offerUnsigned } from "./unsigned.js";
import { watchUpload } from "./upload.js";
import { Workbench } from "./workbench.js";

const KEEP_AFTER_MS = 400; // without typing
const PATIENCE_MS = 180_000; // for a large form over a slow line

const form = document.querySelector("#editor");
const state = document.querySelector("#draft-state");
const files = new Files(form);
const begun = written(files.served());
const storage = browserStorage();
const draftOf = owner => new Draft(storage, owner, form.dataset.exercise, form.dataset.attempt ?? "");
const draft = draftOf(form.dataset.owner);
const back = new Notice(form, "note");
const problem = new Notice(document.querySelector(".bench-bar"), "alert");
const workbench = new Workbench(form, files, storage);

// ---- the draft ----

// After a refusal the server shows what it did not take, so it has none of it.
let base = form.dataset.origin === "typed" ? "" : begun; // what the server has
let timer = 0;
let kept = true; // whether the browser could store the draft
let dropped = false;
let older = null; // another draft, until its author decides which one counts

const record = () => ({ at: new Date().toISOString(), begun: base, ...files.read() });

const keep = () => {
  clearTimeout(timer);
  if (dropped) return;
  const unchanged = written(files.read()) === base;
  kept = true;
  if (!unchanged) kept = draft.keep({ ...record(), older });
  else if (older) kept = draft.keep(older);
  else draft.dropOwn();
  if (!kept) state.textContent = "This browser keeps no draft: submit, or copy your text, before you leave.";
  else state.textContent = unchanged ? "" : "Your draft is kept in this browser.";
};

const when = at => new Date(at).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });

const put = from => {
  files.put(from);
  document.querySelector("#origin")?.remove(); // "As you last handed them in" is no longer true
};

// Goes back to what the server shows. Drafts of other tabs are still offered then.
const drop = () => {
  if (older) draft.keep(older);
  else draft.dropOwn();
  dropped = true;
  location.reload();
};

const offer = () => back.show("This browser has a draft of " + when(older.at) + ". It differs from what is shown below.", [
  { label: "Use the draft", act: use },
  { label: "Drop the draft", act: dropOlder },
]);

// Exchanges the two: the text in the editor becomes the draft that is offered, so nothing is lost by trying.
const use = () => {
  const chosen = older;
  older = { ...record(), older: chosen.older };
  put(chosen);
  offer();
  keep();
};

const dropOlder = () => {
  draft.forget(older);
  older = older.older ?? null;
  if (older) offer();
  else back.hide();
  keep();
};

const restore = () => {
  const found = draft.read();
  const now = written(files.read());
  const fate = fateOfFiles(found, base, now);
  older = fate === "choose" ? found : found?.older ?? null;
  if (fate === "restore") {
    put(found);
    back.show("Your draft of " + when(found.at) + " is back.", [{ label: "Drop it", act: drop }]);
  }
  if (older) offer();
  // The text was typed before this script had loaded, or the server has refused it.
  if (now !== base) keep();
  else if (fate === "none" && found && !older) draft.drop();
  if (form.dataset.owner) offerUnsigned(form, draftOf(""), take);
};

// What was typed into the editor becomes the draft that is offered.
const take = unsigned => {
  if (written(files.read()) !== base) older = { ...record(), older };
  put(unsigned);
  if (older) offer();
  keep();
};

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(keep, KEEP_AFTER_MS);
});
addEventListener("pagehide", keep);
addEventListener("visibilitychange", () => { if (document.hidden) keep(); });
addEventListener("beforeunload", event => {
  keep();
  if (kept) return;
  event.preventDefault();
  event.returnValue = ""; // what older browsers look at
});
dropOld(storage, Date.now());
restore();

// ---- handing in, and looking at changes ----

let busy = false;
let plain = false; // whether the browser sends the form by itself

const wrongOf = html => new DOMParser().parseFromString(html, "text/html").querySelector("#wrong")?.textContent.trim() ?? "";

const fieldsFor = submitter => {
  const fields = [...new FormData(form)].filter(([name]) => name !== "_csrf");
  return submitter?.name ? [...fields, [submitter.name, submitter.value]] : fields;
};

const byBrowser = submitter => {
  plain = true;
  form.requestSubmit(submitter);
};

const handIn = async submitter => {
  const sent = written(files.read());
  const answer = await server.post(form.action, fieldsFor(submitter), PATIENCE_MS);
  const result = handedIn(answer, server.session, wrongOf);
  if (result.kind === "unknown") return byBrowser(submitter);
  if (result.kind === "refused") return problem.show(result.text, result.signIn ? [SIGN_IN] : []);
  // Text that was typed meanwhile is newer than the submission and stays a draft.
  base = sent;
  keep();
  workbench.show(result.id);
};

const showChanges = async submitter => {
  const answer = await server.post(submitter.formAction, fieldsFor(submitter), PATIENCE_MS);
  if (answer?.status === 200 && workbench.showChanges(answer.text)) return;
  if (isSignedOut(answer)) {
    return problem.show(sessionEnded(" to see the changes."), [SIGN_IN]);
  }
  const why = answer?.body?.detail ?? (answer ? "the server didn't send them" : "there is no connection to the server");
  problem.show("The changes can't be shown: " + why + ".");
};

// Text that would be left out of a submission is asked about before anything is sent.
const asksForPath = () => {
  const nameless = files.nameless();
  if (!nameless) return false;
  workbench.open(nameless.closest("details"));
  sayNameless(nameless);
  return true;
};

const setBusy = now => {
  busy = now;
  for (const button of form.querySelectorAll(".actions button")) button.setAttribute("aria-disabled", String(now));
};

form.addEventListener("submit", async event => {
  keep();
  if (plain) return;
  event.preventDefault();
  if (busy) return;
  problem.hide();
  const { submitter } = event;
  if (submitter?.name !== "since" && asksForPath()) return;
  setBusy(true);
  await (submitter?.name === "since" ? showChanges(submitter) : handIn(submitter));
  setBusy(false);
});
addEventListener("pageshow", event => { if (event.persisted) setBusy(false); });

watchNameless(form);
watchUpload(form);
