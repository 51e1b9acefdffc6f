// Submitting an archive instead of the files in the editor.

import { server } from "./connection.js";
import { handedIn } from "./handin.js";

const PATIENCE_MS = 180_000; // a large file over a slow line

/** Makes the upload on an exercise's page work. `form` is its editor. */
export function watchUpload(form) {
  const button = document.querySelector("#upload-submit");
  const state = document.querySelector("#upload-state");
  button?.addEventListener("click", async () => {
    const file = document.querySelector("#upload input[type=file]").files[0];
    if (!file) {
      state.textContent = "Choose a file first.";
      return;
    }
    button.disabled = true;
    state.textContent = "Sending…";
    const result = handedIn(await server.sendSigned(() => send(form, file)), server.session, () => "");
    if (result.kind === "taken") location.href = "/submissions/" + result.id;
    else state.textContent = result.text ?? "Not submitted: the server's answer can't be read.";
    button.disabled = false;
  });
}

function send(form, file) {
  const { exercise, attempt, position } = form.dataset;
  const query = attempt ? "?" + new URLSearchParams({ attempt, position }) : "";
  const type = file.name.toLowerCase().endsWith(".zip") ? "application/zip" : "application/gzip";
  return server.ask("/api/v1/exercises/" + exercise + "/submissions" + query, {
    method: "POST", body: file,
    headers: { "content-type": type, accept: "application/json", "x-csrf-token": server.token },
  }, PATIENCE_MS);
}
