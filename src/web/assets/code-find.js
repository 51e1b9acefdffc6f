// Find and replace: where a text holds what is looked for, and what replacing it makes.

/** So many matches of a text are looked at. */
export const MOST_FOUND = 10_000;

/**
 * What is looked for: { wanted, matchCase, wholeWord, isPattern }. A pattern is a regular expression, in which ^ and $ are the
 * ends of a line. Returns { pattern } or, if it can't be read, { problem }. Both are missing if nothing is looked for.
 */
export function readQuery({ wanted, matchCase, wholeWord, isPattern }) {
  if (wanted === "") return {};
  const source = isPattern ? wanted : wanted.replace(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`);
  const whole = wholeWord ? String.raw`(?<![\p{L}\p{N}_])(?:${source})(?![\p{L}\p{N}_])` : source;
  try {
    new RegExp(source, "u"); // by itself, so that a stray bracket can't hide in the one around it
    return { pattern: new RegExp(whole, matchCase ? "gmu" : "gimu") };
  } catch (error) {
    // Browsers say "Invalid regular expression: /(/u: Unterminated group" or only the end of it.
    return { problem: "This is no regular expression: " + error.message.split(": ").at(-1).toLowerCase() + "." };
  }
}

/** The matches of a pattern as offsets [from, to], up to `MOST_FOUND` of them. */
export function findAll(value, pattern) {
  const found = [];
  for (const match of value.matchAll(pattern)) {
    found.push([match.index, match.index + match[0].length]);
    if (found.length === MOST_FOUND) break;
  }
  return found;
}

/** The index of the first match that ends after an offset. Matches don't overlap. */
export function firstEndingAfter(found, offset) {
  let [low, high] = [0, found.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (found[middle][1] > offset) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The index of the first match at or after an offset, or of the last one before it; after the ends it goes on at the other. */
export function nextMatch(found, offset) {
  const index = found.findIndex(([from]) => from >= offset);
  return index < 0 ? 0 : index;
}

export function previousMatch(found, offset) {
  const index = found.findLastIndex(([from]) => from < offset);
  return index < 0 ? found.length - 1 : index;
}

/** What the match [from, to] of a pattern becomes: `$1` and the like work as in String.replace if `isPattern` is set. */
export function replaced(value, pattern, [from, to], by, isPattern) {
  const once = new RegExp(pattern.source, pattern.flags.replace("g", "y"));
  once.lastIndex = from;
  const whole = value.replace(once, template(by, isPattern));
  return whole.slice(from, whole.length - (value.length - to));
}

/** The text in which all matches are replaced. */
export const replacedAll = (value, pattern, by, isPattern) => value.replace(pattern, template(by, isPattern));

function template(by, isPattern) {
  if (!isPattern) return by.replaceAll("$", "$$$$");
  return by.replace(/\\([nt\\])/g, (_, letter) => ({ n: "\n", t: "\t", "\\": "\\" })[letter]);
}
