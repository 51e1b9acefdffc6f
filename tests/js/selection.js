// Texts with a selection, and edits of them (see indent.js). In these texts `<` and `>` are the ends of the selection, or `|` is
// the cursor.

/** A text with its selection as { value, start, end }. */
export function selection(text) {
  if (text.includes("|")) return { value: text.replace("|", ""), start: text.indexOf("|"), end: text.indexOf("|") };
  return { value: text.replace("<", "").replace(">", ""), start: text.indexOf("<"), end: text.indexOf(">") - 1 };
}

/** What an edit makes of a text with a selection; null stays null. */
export function edited({ value }, edit) {
  if (!edit) return null;
  const { from, to, text, select: [start, end] } = edit;
  const after = value.slice(0, from) + text + value.slice(to);
  if (start === end) return after.slice(0, start) + "|" + after.slice(start);
  return after.slice(0, start) + "<" + after.slice(start, end) + ">" + after.slice(end);
}
