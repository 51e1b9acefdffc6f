// The message about an answer that the server can't accept, beside the field that it is about.

import { fieldOf } from "./outcome.js";

const ID = "answer-problem";

/** Shows the message `detail` beside the field that `errors` (of the refusal) point to. */
export function showProblem(form, detail, errors) {
  clearProblem(form);
  const name = errors.map(error => fieldOf(error.pointer)).find(Boolean);
  const field = [...form.elements].find(element => element.name === name) ?? form.querySelector("fieldset");
  if (!field) return;
  const line = document.createElement("p");
  line.id = ID;
  line.className = "field-problem";
  line.textContent = detail;
  if (field.matches("fieldset")) field.append(line);
  else (field.closest("p, li, .choice") ?? field).after(line);
  field.setAttribute("aria-invalid", "true");
  field.setAttribute("aria-errormessage", ID);
}

/** Removes the message. */
export function clearProblem(form) {
  form.querySelector("#" + ID)?.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}
