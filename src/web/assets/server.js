// The server as a page's scripts see it: requests that never hang and never throw, and a token that is renewed when somebody has
// signed in again in another tab.

import { isSignedOut, retryAfter } from "./outcome.js";

const PATIENCE_MS = 30_000;
// Browsers send at most 64 KiB, in all, for pages that are gone.
const KEEPALIVE_BYTES = 60_000;

/** Says who is signed in: `{"csrf": "…", "user": "…", "server_now": "…"}`, or 401. */
const SESSION = "/session";

/** Where somebody signs in, in a tab of its own. */
export const SIGN_IN = "/login";

export class Server {
  #token;
  #owner;
  #effects;
  #session = "open";

  /**
   * `token` goes with everything that is sent; `owner` is whose page this is, or empty. The effects are
   * - `fetch(url, init)` and `now()`, this machine's time in milliseconds,
   * - `adopt(token)`: called when the token has been renewed,
   * - `told(served, asked, answered, grain)`: called with the server's time in each response (see ServerClock.sync).
   */
  constructor(token, owner, effects) {
    this.#token = token;
    this.#owner = owner;
    this.#effects = effects;
  }

  /** As last seen: "open", "ended", "somebody_else" where another person has signed in since, or "unreachable". */
  get session() { return this.#session; }

  get token() { return this.#token; }

  /**
   * Sends a request. Gives back `{ status, url, redirected, text, body, after }`, in which `body` is what the text holds as JSON
   * or else null and `after` is the wait that it asks for in milliseconds; null where nothing came back within `patience`
   * milliseconds.
   */
  async ask(url, init = {}, patience = PATIENCE_MS) {
    const asked = this.#effects.now();
    try {
      const response = await this.#effects.fetch(url, { signal: AbortSignal.timeout?.(patience), ...init });
      const text = await response.text();
      const answered = this.#effects.now();
      const body = parsed(text);
      this.#tell(response, body, asked, answered);
      return {
        status: response.status, url: response.url, redirected: response.redirected, text, body,
        after: retryAfter(response.headers.get("retry-after"), answered),
      };
    } catch {
      return null;
    }
  }

  /**
   * Sends the fields of a form, [name, value] pairs, as a browser would. Where the session is over it looks once whether there is
   * a new one, and sends again with that.
   */
  async post(url, fields, patience = PATIENCE_MS) {
    return this.sendSigned(() => this.ask(url, this.#form(fields), patience));
  }

  /** Runs a request that carries the token, a second time where the token had to be renewed. */
  async sendSigned(request) {
    const answer = await request();
    if (!isSignedOut(answer)) return answer;
    return (await this.renew()) ? request() : answer;
  }

  /** Asks who is signed in, and takes over the token of that session. Gives back whether the page can go on with it. */
  async renew() {
    const answer = await this.ask(SESSION, { headers: { accept: "application/json" }, cache: "no-store" });
    const found = answer?.status === 200 && typeof answer.body?.csrf === "string" ? answer.body : null;
    if (found && this.#owner && found.user && found.user !== this.#owner) {
      this.#session = "somebody_else";
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

  /** The body of a form with the token, for what is sent as the page goes away. */
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

  // A response says the time to the millisecond in its body, or to the second in its header.
  #tell(response, body, asked, answered) {
    const exact = Date.parse(body?.server_now);
    const [served, grain] = Number.isFinite(exact) ? [exact, 1] : [Date.parse(response.headers.get("date")), 1000];
    if (Number.isFinite(served)) this.#effects.told(served, asked, answered, grain);
  }
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
