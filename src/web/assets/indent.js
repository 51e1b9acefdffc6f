// Indentation in a plain text field: what a key does to a text and its selection. The result is an edit
// { from, to, text, select: [start, end] }, in which `text` replaces what is between `from` and `to`.

const INDENT = "    ";

const lineStart = (value, at) => value.lastIndexOf("\n", at - 1) + 1;

/** Enter: the new line is indented like the last one, and one step further after an opening bracket. */
export function newLine({ value, start, end }) {
  const line = value.slice(lineStart(value, start), start);
  const deeper = /[{([]\s*$/.test(line) ? INDENT : "";
  const text = "\n" + line.match(/^[ \t]*/)[0] + deeper;
  return { from: start, to: end, text, select: [start + text.length, start + text.length] };
}

/** Tab: moves selected lines one step to the right, or else the cursor to the next step. */
export function indent(selection) {
  const { value, start, end } = selection;
  if (value.slice(start, end).includes("\n")) return shift(selection, line => (line ? INDENT + line : line));
  const text = INDENT.slice((start - lineStart(value, start)) % INDENT.length);
  return { from: start, to: end, text, select: [start + text.length, start + text.length] };
}

/** Shift+Tab: moves all lines of the selection one step to the left. */
export const outdent = selection => shift(selection, line => line.replace(/^( {1,4}|\t)/, ""));

function shift({ value, start, end }, change) {
  const from = lineStart(value, start);
  const text = value.slice(from, end).split("\n").map(change).join("\n");
  return { from, to: end, text, select: [from, from + text.length] };
}
