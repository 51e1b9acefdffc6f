// What is drawn around the text of a code field: its tokens in colour below the transparent text of the field, and the numbers of
// its lines. Both hold only the lines that can be seen, in elements that scroll as the field does. Screen readers and keyboards
// know nothing of it.

const OVERSCAN = 12; // lines above and below what is seen, so that fast scrolling shows no gap
const LONGEST = 2_000; // characters of a line that is coloured; longer ones would slow down every key
const PROBED = 64; // lines by which the height of one is measured
const USUAL_HEIGHT_PX = 23; // of a line in a field that isn't shown

/** The layer and the numbers of one field. */
export class Layer {
  #area;
  #gutter = new Lines("code-gutter");
  #code = new Lines("code-layer");
  #probe = document.createElement("div");
  #first = 0; // the first line that is in the page
  #numbers = new Map(); // the elements of the numbers that are in the page

  /** `choose(line)` is called when the number of a line is clicked. */
  constructor(area, choose) {
    this.#area = area;
    this.#probe.className = "code-probe";
    this.#probe.textContent = "\n".repeat(PROBED);
    this.#code.element.append(this.#probe);
    area.before(this.#gutter.element, this.#code.element);
    this.#gutter.element.addEventListener("click", event => {
      const line = event.target.closest("[data-line]");
      if (line) choose(Number(line.dataset.line));
    });
  }

  /** Whether code.css is there, without which the layer would be a second text beside the first. */
  get isStyled() { return getComputedStyle(this.#code.element).position === "absolute"; }

  /** Calls `act` whenever the size of a line or of the field has changed. */
  watch(act) {
    const observer = new ResizeObserver(act);
    observer.observe(this.#probe);
    observer.observe(this.#area);
  }

  /**
   * Draws the lines of a `CodeText`. `decorate(line)` gives the parts [from, to, class] of a line to be set off, and
   * `mark(line)` what is beside its number: { level, title } or null.
   */
  draw(text, decorate, mark) {
    const { lines } = text;
    const { scrollTop, scrollLeft, scrollWidth, clientHeight } = this.#area; // read at once, before anything is changed
    const height = this.#lineHeight();
    const first = Math.max(Math.floor(scrollTop / height) - OVERSCAN, 0);
    const last = Math.min(first + Math.ceil(clientHeight / height) + 2 * OVERSCAN, lines.length);
    this.#first = first;
    const range = { first, height, total: lines.length };
    this.#field.style.setProperty("--code-digits", Math.max(String(lines.length).length, 2));
    const shown = Array.from({ length: last - first }, (_, index) => first + index);
    this.#code.show(shown.map(line => colouredLine(lines[line], decorate(line))), { ...range, width: scrollWidth });
    this.#gutter.show(this.#numbersOf(shown, mark), range);
    for (const { element } of [this.#code, this.#gutter]) element.scrollTop = scrollTop;
    this.#code.element.scrollLeft = scrollLeft;
  }

  // The numbers of these lines. Those that stay as they are stay in the page.
  #numbersOf(lines, mark) {
    const numbers = new Map(lines.map(line => {
      const { level = "", title = "" } = mark(line) ?? {};
      const key = [line, level, title].join(" ");
      return [key, this.#numbers.get(key) ?? numberOf(line, level, title)];
    }));
    this.#numbers = numbers;
    return [...numbers.values()];
  }

  /** Scrolls the field until a column of a line can be seen. `draw()` draws the lines that are seen by then. */
  reveal(line, column, draw) {
    const area = this.#area;
    const height = this.#lineHeight();
    const { scrollTop, clientHeight, clientWidth } = area;
    const top = line * height;
    const bottom = top + 3 * height - clientHeight; // with the paddings of the field
    const isFar = top < scrollTop - height || bottom > scrollTop + height;
    const wanted = isFar ? top - clientHeight / 3 : Math.max(Math.min(scrollTop, top), bottom);
    area.scrollTop = wanted;
    if (area.scrollWidth <= clientWidth) return;
    draw();
    const left = this.#code.leftOf(line - this.#first, column);
    const isSeen = left >= area.scrollLeft && left + 2 * height <= area.scrollLeft + clientWidth;
    if (!isSeen) area.scrollLeft = left - clientWidth / 3;
  }

  /** Takes the layer away, so that the field is a plain one. */
  remove() {
    this.#gutter.element.remove();
    this.#code.element.remove();
  }

  get #field() { return this.#area.parentElement; }

  // Exactly as tall as the browser makes them, also at 110 % zoom: a rounded height would be lines off after thousands.
  #lineHeight() { return this.#probe.getBoundingClientRect().height / PROBED || USUAL_HEIGHT_PX; }
}

/** A column of lines, of which only some are in the page. */
class Lines {
  element = document.createElement("pre");
  #inner = document.createElement("div");

  constructor(name) {
    this.element.className = name;
    this.element.setAttribute("aria-hidden", "true");
    this.#inner.className = "code-lines";
    this.element.append(this.#inner);
  }

  /** Shows these elements as the lines from `first` on, of `total`. Sizes are in pixels. */
  show(elements, { first, height, total, width = 0 }) {
    const { style } = this.#inner;
    style.paddingTop = first * height + "px";
    style.minHeight = (total - first) * height + "px";
    style.minWidth = width + "px";
    replace(this.#inner, elements);
  }

  /** How far a column is from the left end of one of the lines that are in the page, in pixels. */
  leftOf(index, column) {
    const line = this.#inner.children[index];
    const range = document.createRange();
    let left = column;
    const texts = document.createTreeWalker(line, 4); // text nodes
    while (texts.nextNode() && left > texts.currentNode.length) left -= texts.currentNode.length;
    if (column === 0) return 0;
    range.setStart(line, 0);
    range.setEnd(texts.currentNode, Math.min(left, texts.currentNode.length));
    return range.getBoundingClientRect().right - this.#inner.getBoundingClientRect().left;
  }
}

// Makes `wanted` the children of an element, and touches only those that differ.
function replace(parent, wanted) {
  const stay = new Set(wanted);
  for (const child of [...parent.children]) if (!stay.has(child)) child.remove();
  wanted.forEach((child, index) => {
    if (parent.children[index] !== child) parent.insertBefore(child, parent.children[index] ?? null);
  });
}

const made = new WeakMap(); // by line: its element, and what is set off in it

function colouredLine(line, decorations) {
  const key = decorations.join(" ");
  const known = made.get(line);
  if (known?.key === key) return known.element;
  const element = document.createElement("div");
  const tokens = line.text.length > LONGEST ? [{ text: line.text, kind: "" }] : line.tokens;
  element.append(...pieces(tokens, decorations).map(pieceOf), "\n");
  made.set(line, { key, element });
  return element;
}

function pieceOf({ text, classes }) {
  if (classes === "") return text;
  const span = document.createElement("span");
  span.className = classes;
  span.textContent = text;
  return span;
}

/**
 * The tokens of a line as pieces { text, classes }, cut where the `decorations` [from, to, class] begin and end. The texts of all
 * pieces make up the line.
 */
export function pieces(tokens, decorations) {
  const edges = edgesOf(decorations);
  const open = new Map(); // the classes at this place, by decoration
  const found = [];
  let at = 0;
  let next = 0; // the first edge that is still ahead
  for (const { text, kind } of tokens) {
    const begin = at;
    const end = begin + text.length;
    while (at < end) {
      for (; next < edges.length && edges[next].at <= at; next += 1) pass(edges[next], open);
      const stop = Math.min(end, edges[next]?.at ?? end);
      found.push({ text: text.slice(at - begin, stop - begin), classes: classesOf(kind, open) });
      at = stop;
    }
  }
  return found;
}

// Where decorations begin and end, from left to right.
function edgesOf(decorations) {
  const edges = decorations.flatMap(([from, to, name], index) => {
    return from < to ? [{ at: from, index, name }, { at: to, index }] : [];
  });
  return edges.sort((one, other) => one.at - other.at);
}

function pass({ index, name }, open) {
  if (name === undefined) open.delete(index);
  else open.set(index, name);
}

// In the order in which the decorations were given, each class once.
function classesOf(kind, open) {
  const names = [...open].sort(([one], [other]) => one - other).map(([, name]) => name);
  return [...new Set([kind, ...names])].join(" ").trim();
}

function numberOf(line, level, title) {
  const element = document.createElement("div");
  element.textContent = line + 1 + "\n";
  element.dataset.line = line;
  element.className = level;
  element.title = title;
  return element;
}
