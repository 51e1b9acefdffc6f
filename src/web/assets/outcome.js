// What the response to a save means. Unless the server has confirmed a save, it counts as not saved: the page of a captive portal
// also has status 200.

// The kinds of outcome:
// - "saved": the server has it.
// - "later": the save failed, but may succeed later. `certain` is true if the server has surely stored nothing. Otherwise the
//   same body must be sent again with the same revision before a newer one.
// - "signed_out": there is no session, or the page's token belongs to an older session.
// - "conflict": another device or tab has saved this item meanwhile; `revision` is the stored one.
// - "over": the attempt has ended, at its deadline ("time_up") or because it was submitted ("attempt_over").
// - "refused": the same body would be refused again; `detail` says why and `errors` says where.

/** Whether a request was refused for lack of a session, or because the page's token belongs to an older one. */
export const isSignedOut = answer => answer?.status === 401 || (answer?.status === 403 && answer.body?.code === "csrf");

/** The wait that a `Retry-After` header asks for, in milliseconds; 0 if there is none. `now` is this machine's time. */
export function retryAfter(header, now) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

// No response: the connection broke, or it took too long. The server may have stored the save.
const noConnection = () => ({ kind: "later", certain: false, after: 0, detail: "there is no connection to the server" });

/** The outcome of a save, from the response of `Server.post`. */
export function outcomeOf(answer) {
  if (!answer) return noConnection();
  const { status, body, after } = answer;
  const code = body?.code;
  const detail = body?.detail || "the server responded with status " + status;
  if (status >= 200 && status < 300) {
    if (Number.isInteger(body?.revision)) return { kind: "saved", body };
    return { kind: "later", certain: false, after, detail: "the response did not come from the server" };
  }
  if (isSignedOut(answer)) return { kind: "signed_out", detail };
  if (code === "time_up" || code === "attempt_over") return { kind: "over", code, detail };
  if (code === "older_revision" && Number.isInteger(body.stored?.revision)) {
    return { kind: "conflict", revision: body.stored.revision, detail };
  }
  // Rate limits are checked before anything is stored.
  if (status === 429) return { kind: "later", certain: true, after, detail };
  if (status === 408 || status >= 500) return { kind: "later", certain: code === "overloaded", after, detail };
  return { kind: "refused", detail: withoutPointers(body) || detail, errors: body?.errors ?? [] };
}

// The messages of all errors, without their JSON pointers.
function withoutPointers(body) {
  return (body?.errors ?? []).map(error => error.detail).filter(Boolean).join("; ");
}

/**
 * The name of the form field at a JSON pointer, such as `blank.1` for `/answer/blanks/1`; null if the pointer means the answer as
 * a whole.
 */
export function fieldOf(pointer) {
  const [, answer, part, id] = (pointer ?? "").split("/").map(text => text.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (answer !== "answer" || !part) return null;
  if (part === "blanks" && id) return "blank." + id;
  if (part === "pairs" && id) return "pair." + id;
  return ["value", "text", "choice", "choices"].includes(part) ? part : null;
}
