// One of several choices can be taken back: a browser alone can only change it for another.

/** Adds a button to the choices of a fieldset that takes the chosen one back; it is there while one is chosen. */
export function addClear(fieldset) {
  const choices = [...fieldset.querySelectorAll("input[type=radio]")];
  if (choices.length === 0 || fieldset.disabled) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet clear-choice";
  button.textContent = "Clear my choice";
  const show = () => { button.hidden = !choices.some(choice => choice.checked); };
  button.addEventListener("click", () => {
    for (const choice of choices) choice.checked = false;
    choices[0].focus();
    fieldset.dispatchEvent(new Event("change", { bubbles: true }));
  });
  fieldset.addEventListener("change", show);
  choices.at(-1).closest(".choice").after(button);
  show();
}
