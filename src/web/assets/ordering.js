// Buttons that move the items of an ordering question up and down. The first move gives every item a number.

/** Adds the buttons to one list. */
export function addMoves(list) {
  const number = () => {
    [...list.children].forEach((item, index) => { item.querySelector("select").value = String(index + 1); });
    list.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const button = (item, label, sign, move) => {
    const made = document.createElement("button");
    made.type = "button";
    made.textContent = sign;
    made.setAttribute("aria-label", label);
    made.setAttribute("aria-describedby", item.querySelector("span[id]").id);
    made.addEventListener("click", () => { move(); number(); made.focus(); });
    return made;
  };
  for (const item of list.children) {
    const moves = document.createElement("span");
    moves.className = "move";
    moves.append(
      button(item, "Move up", "↑", () => item.previousElementSibling?.before(item)),
      button(item, "Move down", "↓", () => item.nextElementSibling?.after(item)),
    );
    item.append(moves);
  }
}
