// What a response to something that was sent means for the text that was sent. Everything that is not surely taken counts as
// not taken: a page of a captive portal with status 200 is no save.

// The kinds of outcome:
// - "saved": the server has it.
// - "later": it was not taken, but may be when it is sent again. `certain` says whether the server surely stored nothing; where
//   it is false, the same body must be sent again under the same revision before any newer one.
// - "signed_out": there is no session, or the page's token belongs to an older one.
// - "conflict": another device or tab saved this item meanwhile; `revision` is the one that is stored.
// - "over": the attempt has ended, by the deadline ("time_up") or because it was submitted ("attempt_over").
// - "refused": sending the same again would be refused again; `detail` says why and `errors` where.

/** Whether a request was refused because nobody is signed in, or because the page's token belongs to an older session. */
export const isSignedOut = answer => answer?.status === 401 || (answer?.status === 403 && answer.body?.code === "csrf");

/** The wait that a `Retry-After` header asks for, in milliseconds; 0 where it asks for none. `now` is this machine's time. */
export function retryAfter(header, now) {
  if (!header) return 0;
  const seconds = /^\d+$/.test(header.trim()) ? Number(header) * 1000 : Date.parse(header) - now;
  return Number.isFinite(seconds) ? Math.max(0, seconds) : 0;
}

// Nothing came back at all: the connection broke, or it took too long. Whether the server got it is not known.
const noConnection = () => ({ kind: "later", certain: false, after: 0, detail: "there is no connection to the server" });

/** The outcome of what `Server.post` gave back. */
export function outcomeOf(answer) {
  if (!answer) return noConnection();
  const { status, body, after } = answer;
  const code = body?.code;
  const detail = body?.detail || "the server answered with status " + status;
  if (status >= 200 && status < 300) {
    if (Number.isInteger(body?.revision)) return { kind: "saved", body };
    return { kind: "later", certain: false, after, detail: "something other than the server answered" };
  }
  if (isSignedOut(answer)) return { kind: "signed_out", detail };
  if (code === "time_up" || code === "attempt_over") return { kind: "over", code, detail };
  if (code === "older_revision" && Number.isInteger(body.stored?.revision)) {
    return { kind: "conflict", revision: body.stored.revision, detail };
  }
  // A limit is checked before anything is stored.
  if (status === 429) return { kind: "later", certain: true, after, detail };
  if (status === 408 || status >= 500) return { kind: "later", certain: code === "overloaded", after, detail };
  return { kind: "refused", detail: withoutPointers(body) || detail, errors: body?.errors ?? [] };
}

// The details of the places that are wrong, without the JSON pointers that a program reads.
function withoutPointers(body) {
  return (body?.errors ?? []).map(error => error.detail).filter(Boolean).join("; ");
}

/**
 * The name of the form field that a JSON pointer into a save means, such as `blank.1` for `/answer/blanks/1`; null for the
 * answer as a whole.
 */
export function fieldOf(pointer) {
  const [, answer, part, id] = (pointer ?? "").split("/").map(text => text.replaceAll("~1", "/").replaceAll("~0", "~"));
  if (answer !== "answer" || !part) return null;
  if (part === "blanks" && id) return "blank." + id;
  if (part === "pairs" && id) return "pair." + id;
  return ["value", "text", "choice", "choices"].includes(part) ? part : null;
}
