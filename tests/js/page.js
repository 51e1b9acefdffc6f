// A page as a browser has it, from jsdom, and a script of quorate that runs in it.

import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";

import { settled } from "./fakes.js";

const ASSETS = new URL("../../src/web/assets", import.meta.url).pathname;
const packages = process.env.QUORATE_TEST_PACKAGES ?? new URL("../../target/npm", import.meta.url).pathname;
const { JSDOM } = createRequire(join(packages, "package.json"))("jsdom");

/** Where a page is that the browser, not a script, has sent. */
export const BY_BROWSER = "sent by the browser";

const HEAD = '<meta name="csrf-token" content="token-1">';

/**
 * Opens a page with this body at this address and runs the script in it. `reply(request)` returns what the server responds: a
 * value of `response` (fakes.js), or null for a connection that fails. Each script gets modules of its own, as on a page that
 * is loaded anew; `storage` is what the browser keeps from page to page. `awake()` is the time for which the machine has not
 * slept, in milliseconds. `narrow` says whether the screen is a phone's. The page has the script's exports as `module`.
 */
export async function open(script, body, { address, storage, reply, awake = Date.now, narrow = false }) {
  const { window } = new JSDOM(`<!doctype html><head>${HEAD}</head><body>${body}</body>`, {
    url: address, pretendToBeVisual: true, // or it would be a hidden page
  });
  const page = { window, document: window.document, at: address, visits: [address], sent: [], streams: [], reloads: 0 };
  page.media = Object.assign(new window.EventTarget(), { matches: narrow });
  const url = () => new URL(page.at, address);
  const location = {
    get href() { return page.at; }, set href(to) { page.at = to; },
    get pathname() { return url().pathname; }, get search() { return url().search; },
    reload: () => { page.reloads += 1; },
  };
  const history = {
    pushState: (state, title, to) => { page.at = page.visits[page.visits.length] = new URL(to, address).href; },
    replaceState: (state, title, to) => { page.at = page.visits[page.visits.length - 1] = new URL(to, address).href; },
  };
  const give = (name, value) => Object.defineProperty(globalThis, name, { configurable: true, writable: true, value });
  const { document, FormData, DOMParser, Event, CustomEvent, getComputedStyle, navigator } = window;
  const given = { document, FormData, DOMParser, Event, CustomEvent, getComputedStyle, navigator, location, history };
  for (const [name, value] of Object.entries(given)) give(name, value);
  give("localStorage", storage);
  give("addEventListener", window.addEventListener.bind(window));
  give("matchMedia", () => page.media);
  give("EventSource", class extends Stream {
    constructor(to) {
      super(to);
      page.streams.push(this);
    }
  });
  give("performance", { now: awake, timeOrigin: 0, getEntriesByType: () => [] });
  give("fetch", async (url, init = {}) => {
    const request = { url, method: init.method ?? "GET", fields: [...new URLSearchParams(init.body)] };
    page.sent.push(request);
    const answer = reply(request);
    if (!answer) throw new TypeError("no connection");
    return answer;
  });
  // Of execCommand, which jsdom has not, the scripts have a fallback.
  document.execCommand = () => false;
  // A form that a script hands to the browser, which jsdom can't send.
  window.HTMLFormElement.prototype.requestSubmit = () => { page.at = BY_BROWSER; };
  // Which jsdom has not.
  const formAction = { get() { return new URL(this.getAttribute("formaction") ?? this.form.action, address).href; } };
  Object.defineProperty(window.HTMLButtonElement.prototype, "formAction", formAction);
  page.module = await load(script);
  return Object.assign(page, actions(page));
}

/** A stream of events, which a test sends. */
class Stream {
  static CLOSED = 2;
  #listeners = [];
  readyState = 1;

  constructor(url) {
    this.url = url;
  }

  addEventListener(name, act) { this.#listeners.push([name, act]); }

  close() { this.readyState = Stream.CLOSED; }

  /** Sends an event of this name with this data. */
  async tell(name, data) {
    for (const [known, act] of this.#listeners) if (known === name) act({ data: JSON.stringify(data) });
    await settled();
  }

  /** Ends, as when the server or a proxy closes it. */
  async end() {
    this.close();
    this.onerror();
    await settled();
  }
}

async function load(script) {
  const folder = mkdtempSync(join(tmpdir(), "quorate-assets-"));
  try {
    cpSync(ASSETS, folder, { recursive: true });
    const module = await import(pathToFileURL(join(folder, script)));
    await settled();
    return module;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const actions = (page, { window, document } = page) => ({
  find: selector => document.querySelector(selector),
  text: selector => document.querySelector(selector).textContent.trim(),
  /** Types into a field, in place of what it holds. */
  type(selector, text) {
    const field = document.querySelector(selector);
    field.value = text;
    field.dispatchEvent(new window.Event("input", { bubbles: true }));
  },
  /** Presses the button with this label or selector, and waits for what comes of it. */
  async press(which) {
    const labelled = [...document.querySelectorAll("button")].find(button => button.textContent.trim() === which);
    (labelled ?? document.querySelector(which)).click();
    await settled();
  },
  /** Fires an event of the window. Returns it. */
  fire(type, more = {}) {
    const event = Object.assign(new window.Event(type, { cancelable: true }), more);
    window.dispatchEvent(event);
    return event;
  },
  /** Goes one page back, as the browser's button does. */
  async back() {
    page.visits.pop();
    page.at = page.visits.at(-1);
    window.dispatchEvent(new window.Event("popstate"));
    await settled();
  },
  /** The messages that the page shows now. */
  notices() {
    const shown = [...document.querySelectorAll(".note, .alert")].filter(one => !one.hidden);
    return shown.map(one => one.querySelector("p").textContent);
  },
});
