// Problems at places of a text that is edited: they stay with their lines.

import { unitsOf } from "./code-text.js";

/** How a problem is called, by its level. */
const NAMES = { error: "Error", warning: "Warning", panic: "Panic" };

/** The problems of one text, by line. */
export class Marks {
  #marks = []; // { problem, line, edited }; lines count from 0
  #last = null; // the mark that was chosen last

  /** `problems` are { line, column, endLine, endColumn, level, text }, counted from 1. */
  set(problems) {
    this.#marks = problems.map(problem => ({ problem, line: problem.line - 1, edited: false }));
    this.#marks.sort((one, other) => one.line - other.line || one.problem.column - other.problem.column);
    this.#last = null;
  }

  /** The marks of a line, in the order of their columns. */
  of(line) { return this.#marks.filter(mark => mark.line === line); }

  /** Moves the marks after a change of the text (see `CodeText.update`). Those of lines that are gone go too. */
  move({ line, cut, put }) {
    this.#marks = this.#marks.flatMap(mark => {
      if (mark.line < line) return [mark];
      if (mark.line >= line + cut) return [this.#moved(mark, { line: mark.line + put - cut })];
      return mark.line < line + put ? [this.#moved(mark, { edited: true })] : [];
    });
  }

  #moved(mark, change) {
    const moved = { ...mark, ...change };
    if (this.#last === mark) this.#last = moved;
    return moved;
  }

  /** The next mark from this line and column on (1) or back (-1), and after the last one the first. Null if there is none. */
  next(line, column, by) {
    if (this.#marks.length === 0) return null;
    const at = this.#marks.indexOf(this.#last);
    // The one that was chosen last comes first if the cursor is still there: a line may have several.
    const index = this.#marks[at]?.line === line ? at + by : this.#beside(line, column, by);
    return this.#choose(this.#marks.at(index % this.#marks.length));
  }

  #beside(line, column, by) {
    const isAfter = mark => mark.line > line || (mark.line === line && mark.problem.column - 1 > column);
    const after = this.#marks.findIndex(isAfter);
    const end = after < 0 ? this.#marks.length : after;
    return by > 0 ? end : end - 1;
  }

  /** A mark of this line; the next one of them when asked again. Null if there is none. */
  nextOf(line) {
    const marks = this.of(line);
    return marks.length === 0 ? null : this.#choose(marks[(marks.indexOf(this.#last) + 1) % marks.length]);
  }

  #choose(mark) {
    this.#last = mark;
    return mark;
  }

  /** What is read out of a mark: "Error 1 of 3, line 4: mismatched types". */
  describe(mark) {
    const { level, text } = mark.problem;
    const place = this.#marks.length > 1 ? ` ${this.#marks.indexOf(mark) + 1} of ${this.#marks.length}` : "";
    const edited = mark.edited ? " (edited since)" : "";
    return `${NAMES[level]}${place}, line ${mark.line + 1}${edited}: ${text}`;
  }
}

/** The part of a line that a mark underlines, as offsets [from, to] in the line; null if the line was edited since. */
export function underlined({ problem, edited }, text) {
  if (edited) return null;
  const from = Math.min(unitsOf(text, problem.column - 1), Math.max(text.length - 1, 0));
  const isOneLine = problem.endLine === problem.line && problem.endColumn > 0;
  const to = isOneLine ? unitsOf(text, problem.endColumn - 1) : text.length;
  return [from, Math.max(to, Math.min(from + 1, text.length))];
}
