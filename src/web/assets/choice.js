// A button that clears a choice. Radio buttons alone can be changed but not unchosen.

/** Adds the button to a fieldset with radio buttons. It is shown while one of them is chosen. */
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
