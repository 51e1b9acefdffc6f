// Elements that scripts add to a page.

/** A button with this label that does this. */
export function button(label, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = label;
  made.addEventListener("click", act);
  return made;
}

/** A paragraph with these texts and elements. */
export function paragraph(...content) {
  const made = document.createElement("p");
  made.append(...content);
  return made;
}
