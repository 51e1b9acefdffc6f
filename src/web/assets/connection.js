// The one connection of a page to the server, which all its scripts share: what one of them learns of the session or of the
// server's time holds for all.

import { Server } from "./server.js";

const meta = document.querySelector("meta[name=csrf-token]");
const owner = document.querySelector("[data-owner]")?.dataset.owner ?? "";

let told = () => {};

/** Calls `act` with the server's time in every response from now on (see ServerClock.sync). */
export const onTime = act => { told = act; };

export const server = new Server(meta.content, owner, {
  fetch: (url, init) => fetch(url, init),
  now: Date.now,
  told: (...times) => told(...times),
  adopt: token => {
    meta.content = token;
    for (const field of document.querySelectorAll("[name=_csrf]")) field.value = token;
  },
});
