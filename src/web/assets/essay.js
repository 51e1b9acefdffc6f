// A long answer outside of attempts, which is sent by its form. It is kept in this browser until the server has it.

import { server } from "./connection.js";
import { Draft, browserStorage, dropOld } from "./drafts.js";
import { Notice } from "./notice.js";
import { SIGN_IN } from "./server.js";
import { signInText } from "./status.js";
import { offerEach, offerUnsigned } from "./unsigned.js";

const form = document.querySelector("#answer-form");
const area = form?.querySelector("textarea[name=text]");
const owner = document.querySelector("[data-owner]")?.dataset.owner ?? "";
const draftOf = who => new Draft(browserStorage(), "essay", who, location.pathname);
const draft = draftOf(owner);

// What a draft carries, but for the text that the server has.
const unsent = found => {
  if (!found) return null;
  const older = unsent(found.older);
  return !area || found.text?.trim() === area.defaultValue.trim() ? older : { ...found, older };
};

const begin = () => {
  const problem = new Notice(area.closest("fieldset"), "alert");
  const back = new Notice(form, "note");
  const begun = area.defaultValue;
  const found = draft.read();
  let older = found?.older ?? null; // what other tabs have kept
  const keep = () => draft.keep({ at: new Date().toISOString(), text: area.value, older });
  // What was typed before this script had loaded is newer than any draft.
  if (area.value !== begun) keep();
  else if (typeof found?.text === "string" && found.text !== begun) {
    area.value = found.text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    back.show("What you typed had not been sent. This browser kept it, and here it is again.", [{
      label: "Drop it",
      act: () => {
        area.value = begun;
        draft.dropOwn();
        if (older) draft.keep(older);
        back.hide();
      },
    }]);
  }
  area.addEventListener("input", keep);
  const append = ({ text }) => {
    area.value = area.value.trim() === "" ? text : area.value + "\n\n" + text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
  };
  if (older) {
    offerEach(form, "Another text was typed here in another tab.", older, {
      take: append,
      keep: left => {
        older = left;
        keep();
      },
    });
  }
  if (owner) offerUnsigned(form, draftOf(""), append);

  // Check the session first: a page that refuses the form would replace the one with the text.
  let checked = false;
  form.addEventListener("submit", async event => {
    if (checked || !owner) return;
    event.preventDefault();
    await server.renew();
    if (server.session === "unreachable") {
      return problem.show("Not sent: there is no connection to the server. What you typed is kept in this browser.");
    }
    if (server.session !== "open") {
      return problem.show(signInText(server.session), [SIGN_IN]);
    }
    checked = true;
    form.requestSubmit(event.submitter);
  });
  addEventListener("pageshow", event => { if (event.persisted) checked = false; });
};

dropOld(browserStorage(), Date.now());
// The page shows that the server has the answer. What other tabs have kept, it has not.
if (document.querySelector("#kept, #outcome")) {
  const others = unsent(draft.read());
  if (others) draft.keep(others);
  else draft.drop();
}
if (area) begin();
