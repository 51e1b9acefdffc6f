// The state of an answer's saves, in words.

/** The line below the answer. `queue` is a `Saves`. */
export function statusText(queue) {
  switch (queue.state) {
    case "saved": return "saved";
    case "typing": return "not saved yet";
    case "saving": return "saving…";
    case "waiting": return "not saved: " + queue.detail + "; trying again soon";
    case "signed_out": return "not saved: you are signed out";
    case "conflict": return "not saved: another device or tab saved an answer to this item";
    case "refused": return "not saved"; // why stands beside the field
    default: return queue.lost ? "not saved: the attempt had ended" : "saved";
  }
}

/** Whether the line should stand out. */
export const isFailure = queue => queue.lost || ["waiting", "signed_out", "conflict", "refused"].includes(queue.state);

const KEPT = "Your answer is kept in this browser until then.";

/** That a session has ended, what to do, and what `then`. */
export const sessionEnded = then => "Your session has ended. Sign in again in another tab" + then;

/** What a signed-out candidate has to do. `session` is that of `Server`. */
export function signInText(session) {
  if (session === "other_user") {
    return "Another user has signed in in this browser. Sign in as yourself in another tab, then come back. " + KEPT;
  }
  return sessionEnded(", then come back. " + KEPT);
}

/** Why the attempt has ended; `code` is the server's. */
export function endText(code) {
  if (code === "attempt_over") return "This attempt has been submitted, on another page or device.";
  return "The time is up.";
}

/** Why the page stayed when the candidate wanted to leave. */
export function stayText(queue) {
  const reasons = {
    signed_out: "you are signed out",
    conflict: "another device or tab saved an answer to this item. Choose below which one counts",
  };
  const why = reasons[queue.state] ?? queue.detail;
  return "Your answer is not saved: " + why + ". To leave all the same, follow the link again.";
}
