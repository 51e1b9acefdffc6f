// Requests to the server. They never hang or throw, and they renew the page's token after the user has signed in again in another
// tab.

import { isSignedOut, retryAfter } from "./outcome.js";

const PATIENCE_MS = 30_000;
// Browsers limit requests that outlive their page to 64 KiB in total.
const KEEPALIVE_BYTES = 60_000;

// Returns `{"csrf": "…", "user": "…", "server_now": "…"}` for the current session, or 401.
const SESSION = "/session";

/** What a message (notice.js) offers to somebody whose session has ended. */
export const SIGN_IN = { label: "Sign in in a new tab", href: "/login" };

export class Server {
  #token;
  #owner;
  #effects;
  #session = "open";

  /**
   * `token` is the page's CSRF token; `owner` is the id of the user whose page this is, or empty. The effects are
   * - `fetch(url, init)`; `now()`: this machine's time in milliseconds,
   * - `adopt(token)`: called with each new token,
   * - `served(...)`: called with each server time that a response has; its parameters are those of `ServerClock.sync`.
   */
  constructor(token, owner, effects) {
    this.#token = token;
    this.#owner = owner;
    this.#effects = effects;
  }

  /** The session when last seen: "open", "ended", "other_user" (another user has signed in since) or "unreachable". */
  get session() { return this.#session; }

  get token() { return this.#token; }

  /**
   * Sends a request. Resolves to `{ status, url, redirected, text, body, after }`: `body` is the text parsed as JSON (null if it
   * isn't JSON), and `after` is the wait that it asks for in milliseconds. Resolves to null if there is no response within
   * `patience` milliseconds.
   */
  async ask(url, init = {}, patience = PATIENCE_MS) {
    const asked = this.#effects.now();
    try {
      const response = await this.#effects.fetch(url, { signal: AbortSignal.timeout?.(patience), ...init });
      const text = await response.text();
      const answered = this.#effects.now();
      const body = parsed(text);
      this.#tell(body, asked, answered);
      return {
        status: response.status, url: response.url, redirected: response.redirected, text, body,
        after: retryAfter(response.headers.get("retry-after"), answered),
      };
    } catch {
      return null;
    }
  }

  /**
   * Sends the fields of a form ([name, value] pairs) as a browser would. If the session has ended, looks once for a new one and
   * sends them again.
   */
  async post(url, fields, patience = PATIENCE_MS) {
    return this.sendSigned(() => this.ask(url, this.#form(fields), patience));
  }

  /** Runs a request that carries the token, and runs it again if the token could be renewed. */
  async sendSigned(request) {
    const answer = await request();
    if (!isSignedOut(answer)) return answer;
    return (await this.renew()) ? request() : answer;
  }

  /** Asks for the current session and takes over its token. Resolves to whether the page can go on with it. */
  async renew() {
    const answer = await this.ask(SESSION, { headers: { accept: "application/json" }, cache: "no-store" });
    const found = answer?.status === 200 && typeof answer.body?.csrf === "string" ? answer.body : null;
    if (found && this.#owner && found.user && found.user !== this.#owner) {
      this.#session = "other_user";
      return false;
    }
    if (!found) {
      if (!answer) this.#session = "unreachable";
      else if (answer.status === 401) this.#session = "ended";
      return false;
    }
    this.#session = "open";
    this.#token = found.csrf;
    this.#effects.adopt(found.csrf);
    return true;
  }

  /** The body of a form, with the token. */
  encode(fields) {
    return new URLSearchParams([["_csrf", this.#token], ...fields]);
  }

  #form(fields) {
    const body = this.encode(fields).toString();
    return {
      method: "POST", body, keepalive: body.length <= KEEPALIVE_BYTES,
      headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded" },
    };
  }

  // Only the body says the server's time: a `Date` header may be that of a proxy, and would end an attempt if it is wrong.
  #tell(body, asked, answered) {
    const served = Date.parse(body?.server_now);
    if (Number.isFinite(served)) this.#effects.served(served, asked, answered);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
