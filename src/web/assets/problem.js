// What is wrong with an answer, beside the field that it is about.

import { fieldOf } from "./outcome.js";

const ID = "answer-problem";

/** Names what is wrong with an answer that was refused; `errors` are those of the refusal. */
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

/** Takes it away again. */
export function clearProblem(form) {
  form.querySelector("#" + ID)?.remove();
  for (const field of form.querySelectorAll("[aria-invalid]")) {
    field.removeAttribute("aria-invalid");
    field.removeAttribute("aria-errormessage");
  }
}
