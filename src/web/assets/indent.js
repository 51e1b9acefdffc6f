// Indentation in a text field: what a key does to a text and its selection. The result is an edit
// { from, to, text, select: [start, end] }, in which `text` replaces what is between `from` and `to`.

const INDENT = "    ";

const lineStart = (value, at) => value.lastIndexOf("\n", at - 1) + 1;

const indentAt = (value, at) => value.slice(lineStart(value, at)).match(/^[ \t]*/)[0];

/**
 * Enter: the new line is indented like the last one, and one step further after an opening bracket. Between two brackets, the
 * closing one goes to a line of its own.
 */
export function newLine({ value, start, end }) {
  const line = value.slice(lineStart(value, start), start);
  const indentation = line.match(/^[ \t]*/)[0];
  const opener = /[{([](?=[ \t]*$)/.exec(line)?.[0];
  const text = "\n" + indentation + (opener ? INDENT : "");
  const closes = opener && value[end] === { "{": "}", "(": ")", "[": "]" }[opener];
  const select = [start + text.length, start + text.length];
  return { from: start, to: end, text: closes ? text + "\n" + indentation : text, select };
}

/** Tab: moves selected lines one step to the right, or else the cursor to the next step. */
export function indent(selection) {
  const { value, start, end } = selection;
  if (value.slice(start, end).includes("\n")) return deeper(selection);
  const text = INDENT.slice((start - lineStart(value, start)) % INDENT.length);
  return { from: start, to: end, text, select: [start + text.length, start + text.length] };
}

/** Moves all lines of the selection one step to the right, and back. Shift+Tab moves them back. */
export const deeper = selection => changeLines(selection, lines => lines.map(line => (line ? INDENT + line : line)));
export const outdent = selection =>
  changeLines(selection, lines => lines.map(line => line.replace(/^( {1,4}|\t)/, "")));

/** Backspace in the indentation of a line takes away a whole step. Null where it takes one character as ever. */
export function unindent({ value, start, end }) {
  const before = value.slice(lineStart(value, start), start);
  if (start !== end || !/^ +$/.test(before)) return null;
  const from = start - (((before.length - 1) % INDENT.length) + 1);
  return { from, to: start, text: "", select: [from, from] };
}

/** A closing bracket that begins a line is indented like the line at `opener`, where its bracket was opened. */
export function closeLine({ value, start, end }, bracket, opener) {
  const from = lineStart(value, start);
  if (!/^[ \t]*$/.test(value.slice(from, start))) return null;
  const text = indentAt(value, opener) + bracket;
  return { from, to: end, text, select: [from + text.length, from + text.length] };
}

/**
 * Ctrl+/: comments out all lines of the selection, or takes the comment away if all of them have it. Null in a language without
 * comments, of which `marker` is empty.
 */
export function toggleComment(selection, marker) {
  if (marker === "") return null;
  // Doc comments are text that can be commented out.
  const commented = new RegExp(String.raw`^(\s*)${marker}(?![/!]) ?`);
  return changeLines(selection, lines => {
    const written = lines.filter(line => line.trim());
    if (written.every(line => commented.test(line))) return lines.map(line => line.replace(commented, "$1"));
    const column = Math.min(...written.map(line => line.match(/^[ \t]*/)[0].length));
    return lines.map(line => (line.trim() ? line.slice(0, column) + marker + " " + line.slice(column) : line));
  });
}

/** Alt+Up and Alt+Down: moves the lines of the selection by one line, up (-1) or down (1). Null at the end of the text. */
export function moveLines(selection, by) {
  const { value, start, end } = selection;
  const [from, to] = wholeLines(selection);
  if (by < 0 ? from === 0 : to === value.length) return null;
  const moved = value.slice(from, to);
  if (by < 0) {
    const above = lineStart(value, from - 1);
    const other = value.slice(above, from - 1);
    const step = other.length + 1;
    return { from: above, to, text: moved + "\n" + other, select: [start - step, end - step] };
  }
  const below = lineEnd(value, to + 1);
  const other = value.slice(to + 1, below);
  const step = other.length + 1;
  return { from, to: below, text: other + "\n" + moved, select: [start + step, end + step] };
}

const lineEnd = (value, at) => (value.indexOf("\n", at) < 0 ? value.length : value.indexOf("\n", at));

// Where the selected lines begin and end. A line of which the selection holds nothing but its beginning is none of them.
function wholeLines({ value, start, end }) {
  const last = end > start && value[end - 1] === "\n" ? end - 1 : end;
  return [lineStart(value, start), lineEnd(value, last)];
}

// Exchanges the selected lines. The cursor stays where it is in its line; a selection grows to whole lines.
function changeLines(selection, change) {
  const { value, start, end } = selection;
  const [from, to] = wholeLines(selection);
  const old = value.slice(from, to);
  const text = change(old.split("\n")).join("\n");
  if (start !== end) return { from, to, text, select: [from, from + text.length] };
  const at = Math.max(from, start + text.length - old.length);
  return { from, to, text, select: [at, at] };
}
