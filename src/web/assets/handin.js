// What the response to a submission means, and what the page says about it.

import { isSignedOut } from "./outcome.js";

const KEPT = " Your text is kept in this browser.";

/**
 * What a response (from `Server.post`) means:
 * - "taken": there is a submission with this `id`,
 * - "refused": `text` says why and what to do; `signIn` is true if signing in helps,
 * - "unknown": this script can't read the response, so the browser should send the form and show it.
 * `wrong(html)` finds the error message in an HTML page.
 */
export function handedIn(answer, session, wrong) {
  if (!answer) return refused("Not submitted: there is no connection to the server." + KEPT + " Submit again when it is back.");
  const { status, body } = answer;
  if (status < 300 && body?.id) return { kind: "taken", id: body.id };
  if (isSignedOut(answer)) return { ...refused(signIn(session)), signIn: true };
  const detail = body?.detail ?? (status >= 400 ? wrong(answer.text) : "");
  const again = answer.after ? " Submit again in " + Math.ceil(answer.after / 1000) + " seconds." : "";
  if (detail) return refused("Not submitted: " + detail + "." + again + (status >= 500 || again ? KEPT : ""));
  if (status >= 500 || status === 429) {
    return refused("Not submitted: the server can't take it now." + KEPT + (again || " Submit again in a while."));
  }
  return { kind: "unknown" };
}

const refused = text => ({ kind: "refused", text: text.replace(/([.!?])\.(?= |$)/g, "$1") });

function signIn(session) {
  const why = session === "other_user" ? "Another user has signed in in this browser." : "Your session has ended.";
  return "Not submitted: " + why + KEPT + " Sign in again in another tab, then come back and submit.";
}
