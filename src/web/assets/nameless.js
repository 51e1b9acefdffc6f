// What is said beside a file that has text but no path. The page says the same where the server has refused it.

const SAID = "Type a path: text without one can't be handed in.";
const ID = "nameless-problem";

/** Says it beside the field of the path, which is focused. */
export function sayNameless(field) {
  if (!field.hasAttribute("aria-invalid")) {
    document.querySelector("#" + ID)?.remove();
    const line = document.createElement("p");
    line.id = ID;
    line.className = "field-problem";
    line.setAttribute("role", "alert");
    line.textContent = SAID;
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-errormessage", ID);
    field.closest("label").after(line);
  }
  field.focus();
}

/** Takes back what is said of a form's file once it has a path. */
export function watchNameless(form) {
  form.addEventListener("input", ({ target }) => {
    if (target.name !== "path" || !target.value.trim() || !target.hasAttribute("aria-invalid")) return;
    document.getElementById(target.getAttribute("aria-errormessage"))?.remove();
    target.removeAttribute("aria-invalid");
    target.removeAttribute("aria-errormessage");
  });
}
