// What keys do in a code field.

const WITH_COMMAND = {
  z: "undo", Z: "redo", y: "redo", f: "find", g: "goToLine", "/": "toggleComment", "]": "deeper", "[": "outdent",
};
const ALONE = { F3: "findNext", F8: "nextProblem", Tab: "indent", Escape: "leave" };
const WITH_SHIFT = { F3: "findPrevious", F8: "previousProblem", Tab: "outdent" };
const WITH_ALT = { ArrowUp: "moveUp", ArrowDown: "moveDown", F8: "nextProblem" };

/** The name of what a keydown event asks for; undefined if it's left to the browser. Command is Ctrl, or Cmd on a Mac. */
export function actionOf(event) {
  const { altKey, ctrlKey, metaKey, shiftKey } = event;
  // AltGr, by which many keyboards type brackets, comes as Ctrl and Alt.
  if (event.isComposing || event.getModifierState("AltGraph")) return undefined;
  if (ctrlKey !== metaKey && !altKey) return WITH_COMMAND[commandKey(event)];
  if (ctrlKey || metaKey) return undefined;
  if (altKey) return shiftKey ? undefined : WITH_ALT[event.key];
  return (shiftKey ? WITH_SHIFT : ALONE)[event.key];
}

// On a keyboard without Latin letters, the one that the key has on others.
function commandKey({ key, code, shiftKey }) {
  const letter = /^[ -~]$/.test(key) ? key.toLowerCase() : /^Key([A-Z])$/.exec(code)?.[1].toLowerCase() ?? key;
  if (!shiftKey || letter === "/") return letter; // some keyboards have / on a shifted key
  return letter === "z" ? "Z" : undefined;
}
