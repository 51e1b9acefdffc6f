// The page's connection to the server. All scripts of a page share it, so a renewed token or a corrected time reaches all of
// them.

import { Server } from "./server.js";

const meta = document.querySelector("meta[name=csrf-token]");
const owner = document.querySelector("[data-owner]")?.dataset.owner ?? "";

let listener = () => {};

/** Calls `act` with each server time that a later response has. Its parameters are those of `ServerClock.sync`. */
export const onServerTime = act => { listener = act; };

export const server = new Server(meta.content, owner, {
  fetch: (url, init) => fetch(url, init),
  now: Date.now,
  served: (...times) => listener(...times),
  adopt: token => {
    meta.content = token;
    for (const field of document.querySelectorAll("[name=_csrf]")) field.value = token;
  },
});
