// A long answer that is sent by its form, outside of attempts: it is kept in this browser until the server has it.

import { server } from "./connection.js";
import { Draft, browserStorage, dropOld } from "./drafts.js";
import { Notice } from "./notice.js";
import { SIGN_IN } from "./server.js";
import { signInText } from "./status.js";

const form = document.querySelector("#answer-form");
const area = form?.querySelector("textarea[name=text]");
const owner = document.querySelector("[data-owner]")?.dataset.owner ?? "";
const draftOf = who => new Draft(browserStorage(), "essay", who, location.pathname);
const draft = draftOf(owner);

const begin = () => {
  const problem = new Notice(area.closest("fieldset"), "alert");
  const back = new Notice(form, "note");
  const begun = area.defaultValue;
  const keep = () => draft.keep({ at: new Date().toISOString(), text: area.value });
  if (owner) draft.adopt(draftOf(""));
  const found = draft.read();
  // What was typed before this script was there is newer than any draft.
  if (area.value !== begun) keep();
  else if (typeof found?.text === "string" && found.text !== begun) {
    area.value = found.text;
    area.dispatchEvent(new Event("input", { bubbles: true }));
    back.show("What you typed was kept in this browser and is back.", [{
      label: "Drop it",
      act: () => {
        area.value = begun;
        draft.drop();
        back.hide();
      },
    }]);
  }
  area.addEventListener("input", keep);

  // Leaving a page is the last moment to find out that nobody is signed in any more.
  let looked = false;
  form.addEventListener("submit", async event => {
    if (looked || !owner) return;
    event.preventDefault();
    await server.renew();
    if (server.session === "unreachable") {
      return problem.show("Not sent: there is no connection to the server. What you typed is kept in this browser.");
    }
    if (server.session !== "open") {
      return problem.show(signInText(server.session), [{ label: "Sign in in a new tab", href: SIGN_IN }]);
    }
    looked = true;
    form.requestSubmit(event.submitter);
  });
  addEventListener("pageshow", event => { if (event.persisted) looked = false; });
};

dropOld(browserStorage(), Date.now());
// The server says that it has it.
if (document.querySelector("#kept, #outcome")) draft.drop();
if (area) begin();
