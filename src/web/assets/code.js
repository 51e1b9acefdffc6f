// A text field for code. It stays a textarea: what is drawn around it, and what keys do in it, comes on top. Without this script,
// or if drawing fails, it's a plain text field.

import { History } from "./code-history.js";
import { actionOf } from "./code-keys.js";
import { languageOf } from "./code-language.js";
import { Layer } from "./code-layer.js";
import { Marks, underlined } from "./code-marks.js";
import { erased, pairAt, typed } from "./code-pairs.js";
import { FindPanel } from "./code-panel.js";
import { StatusBar } from "./code-status.js";
import { CodeText } from "./code-text.js";
import { deeper, indent, moveLines, newLine, outdent, toggleComment, unindent } from "./indent.js";

const KEEP_AFTER_MS = 400; // without a change
const NATIVE_LENGTH = 1_000; // characters; the browser's own command takes seconds for many lines

const EDITS = {
  indent, deeper, outdent, toggleComment,
  moveUp: selection => moveLines(selection, -1),
  moveDown: selection => moveLines(selection, 1),
};

/**
 * Turns a textarea into a code field. `path()` gives the path of its file, and `kept()` the `Draft` (drafts.js) in which the
 * history of its changes is kept, for as long as drafts are.
 */
export const codeField = (area, options = {}) => new CodeField(area, options);

/** A textarea with code. */
class CodeField {
  #area;
  #path;
  #kept;
  #text;
  #history = new History();
  #marks = new Marks();
  #layer = null; // null if the field is a plain one
  #panel;
  #bar;
  #pair = []; // the offsets of the brackets at the cursor
  #closers = []; // the offsets of closing characters that this script has put
  #before; // the selection before the change that is being made
  #kind = ""; // of the change that is being made by this script
  #timer = 0;

  constructor(area, { path = () => "", kept = null }) {
    this.#area = area;
    this.#path = path;
    this.#kept = kept;
    this.#text = new CodeText(languageOf(path()).lex, area.value);
    this.#before = this.selection;
    this.#bar = new StatusBar(area.parentElement, { find: () => this.#panel.open(), problem: () => this.#nextProblem(1) });
    this.#panel = new FindPanel(this, area.parentElement, area.getAttribute("aria-label") ?? "the file");
    this.#addLayer();
    this.#listen();
    if (!this.#takeOver()) queueMicrotask(() => this.#dropKept());
  }

  // ---- for the page ----

  /** Takes over a text that a script has put into the textarea. It can be undone in one step. */
  draw() {
    // After a reload this is the draft, and its history is there as well.
    const isKept = this.#history.isEmpty && this.#takeOver();
    this.#changed(isKept ? "replay" : "script");
  }

  /**
   * Marks problems { line, column, endLine, endColumn, level, text } in place of those before. Lines and columns count from 1;
   * `level` is "error", "warning" or "panic". When one of them is gone to, the textarea fires "code-problem" with it as `detail`.
   */
  mark(problems) {
    this.#marks.set(problems);
    this.#bar.count(problems.length);
    this.redraw();
  }

  /** Moves the cursor to a line and a column, which count from 1. */
  goTo(line, column) {
    const closed = this.#area.closest("details");
    if (closed) closed.open = true;
    const at = this.#text.offsetOf(line - 1, column - 1);
    this.#area.focus({ preventScroll: true });
    this.select(at, at);
    this.#area.scrollIntoView({ block: "nearest" });
  }

  // ---- for the panel ----

  get value() { return this.#area.value; }

  get selection() { return [this.#area.selectionStart, this.#area.selectionEnd]; }

  /** Selects a part of the text and scrolls to it. */
  select(from, to) {
    this.#area.setSelectionRange(from, to);
    this.#history.pause();
    this.#reveal(from);
    this.redraw();
  }

  focus() { this.#area.focus(); }

  /** Makes an edit (see indent.js), which is one step to undo. Null is none. */
  replace(edit) { this.#make(edit, "edit"); }

  /** Draws what can be seen. A field whose drawing fails becomes a plain one. */
  redraw() {
    try {
      this.#layer?.draw(this.#text, line => this.#decorations(line), line => this.#numberMark(line));
    } catch (error) {
      this.#becomePlain();
      reportError(error);
    }
  }

  // ---- drawing ----

  #addLayer() {
    const layer = new Layer(this.#area, line => this.#showOf(line));
    if (!layer.isStyled) return layer.remove();
    this.#layer = layer;
    this.#area.parentElement.classList.add("coloured");
    layer.watch(() => this.redraw());
    this.redraw();
  }

  #becomePlain() {
    this.#area.parentElement.classList.remove("coloured");
    this.#layer.remove();
    this.#layer = null;
  }

  #reveal(offset) {
    const line = this.#text.lineAt(offset);
    this.#layer?.reveal(line, offset - this.#text.start(line), () => this.redraw());
  }

  // The parts of a line that are set off.
  #decorations(line) {
    const { text } = this.#text.lines[line];
    const start = this.#text.start(line);
    const end = start + text.length;
    const marked = this.#marks.of(line).map(mark => [underlined(mark, text), mark.problem.level]).filter(([part]) => part);
    const pair = this.#pair.filter(at => at >= start && at < end);
    const found = this.#panel.matchesIn(start, end);
    return [
      ...marked.map(([[from, to], level]) => [from, to, level]),
      ...pair.map(at => [at - start, at - start + 1, this.#pair.length === 2 ? "pair" : "single"]),
      ...found.map(([from, to, isCurrent]) => [
        Math.max(from - start, 0), Math.min(to, end) - start, isCurrent ? "current" : "found",
      ]),
    ];
  }

  #numberMark(line) {
    const marks = this.#marks.of(line);
    if (marks.length === 0) return null;
    const level = ["error", "panic", "warning"].find(level => marks.some(mark => mark.problem.level === level));
    const edited = marks.every(mark => mark.edited) ? " edited" : "";
    return { level: level + edited, title: marks.map(mark => this.#marks.describe(mark)).join("\n") };
  }

  // ---- events ----

  #listen() {
    const area = this.#area;
    area.addEventListener("beforeinput", event => this.#beforeInput(event));
    area.addEventListener("input", event => this.#changed(this.#kind || event.inputType || "script"));
    area.addEventListener("keydown", event => this.#pressed(event));
    area.addEventListener("scroll", () => this.redraw());
    area.addEventListener("compositionupdate", event => this.#compose(event.data));
    area.addEventListener("compositionend", () => this.#compose(""));
    area.addEventListener("blur", () => this.#history.pause());
    document.addEventListener("selectionchange", () => this.#selected());
    addEventListener("pagehide", () => this.#keep());
  }

  // Input methods underline what is being composed, which needs the field's own text. A phone's keyboard composes every word that
  // is typed; colours stay while that is plain Latin.
  #compose(data) {
    this.#area.parentElement.classList.toggle("composing", /[^ -~]/.test(data));
  }

  #beforeInput(event) {
    if (this.#kind) return;
    const { inputType, data, isComposing } = event;
    this.#before = this.selection;
    if (isComposing) return;
    if (inputType === "historyUndo") this.#answer(event, () => this.#undo());
    else if (inputType === "historyRedo") this.#answer(event, () => this.#redo());
    else this.#answer(event, this.#making(this.#editFor(inputType, data)));
  }

  // Does something in place of the browser.
  #answer(event, act) {
    if (!act) return;
    event.preventDefault();
    act();
  }

  // The edit in place of a change that the browser is about to make; null to let it.
  #editFor(inputType, data) {
    const selection = this.#selection;
    if (inputType === "insertLineBreak") return newLine(selection);
    if (inputType === "deleteContentBackward") return erased(selection) ?? unindent(selection);
    if (inputType !== "insertText" || data?.length !== 1) return null;
    return typed(selection, data, { text: this.#text, isOurs: at => this.#closers.includes(at) });
  }

  #making(edit) { return edit && (() => this.replace(edit)); }

  #pressed(event) {
    const action = actionOf(event);
    // Esc followed by Tab leaves the field.
    const leaves = this.#area.dataset.leave && event.key === "Tab";
    if (event.key !== "Shift") delete this.#area.dataset.leave;
    if (action === "leave") this.#area.dataset.leave = "yes";
    else if (action && !leaves) this.#answer(event, () => this.#do(action));
  }

  #do(action) {
    const commands = {
      undo: () => this.#undo(),
      redo: () => this.#redo(),
      find: () => this.#panel.open(),
      findNext: () => this.#panel.go(1),
      findPrevious: () => this.#panel.go(-1),
      goToLine: () => this.#panel.open("line"),
      nextProblem: () => this.#nextProblem(1),
      previousProblem: () => this.#nextProblem(-1),
    };
    if (action in commands) commands[action]();
    else this.replace(EDITS[action](this.#selection, languageOf(this.#path()).comment));
  }

  get #selection() {
    const [start, end] = this.selection;
    return { value: this.value, start, end };
  }

  #selected() {
    if (document.activeElement !== this.#area) return;
    const [start, end] = this.selection;
    const pair = (start === end && pairAt(this.#text, start)) || [];
    const known = pair.filter(at => at !== null);
    if (known.join() === this.#pair.join()) return;
    this.#pair = known;
    this.redraw();
  }

  // ---- changes ----

  #make(edit, kind) {
    if (!edit) return;
    const { from, to, text, select, closes } = edit;
    this.#before = this.selection;
    this.#kind = kind;
    if (this.value.slice(from, to) !== text) this.#put(from, to, text);
    this.#kind = "";
    if (closes) this.#closers.push(select[0]);
    this.#area.setSelectionRange(...select);
    if (select[0] === select[1] || kind === "replay") this.#reveal(select[0]);
  }

  // In both ways the textarea fires "input".
  #put(from, to, text) {
    const area = this.#area;
    area.setSelectionRange(from, to);
    // This old command, unlike setting the value, keeps the "Undo" of the browser's menus alive, which leads to our own.
    const isNative = document.activeElement === area && to - from + text.length < NATIVE_LENGTH;
    if (isNative && document.execCommand(text === "" ? "delete" : "insertText", false, text)) return;
    area.setRangeText(text, from, to, "end");
    area.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #undo() { this.#make(this.#history.undo(this.value), "replay"); }

  #redo() { this.#make(this.#history.redo(this.value), "replay"); }

  #changed(kind) {
    this.#text.relex(languageOf(this.#path()).lex); // a new file may have got its name
    const change = this.#text.update(this.value);
    if (!change) return this.redraw();
    if (kind !== "replay") this.#history.record(change, kind, this.#before);
    const { from, removed, inserted } = change;
    const moved = at => (at < from ? at : at + inserted.length - removed.length);
    this.#closers = this.#closers.filter(at => at < from || at >= from + removed.length).map(moved);
    this.#pair = [];
    this.#marks.move(change);
    this.#panel.look();
    this.redraw();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keep(), KEEP_AFTER_MS);
  }

  #keep() {
    clearTimeout(this.#timer);
    if (this.#kept && !this.#history.isEmpty) this.#history.keep(this.#kept(), this.value);
  }

  #takeOver() { return Boolean(this.#kept) && this.#history.takeOver(this.#kept(), this.value); }

  // A history of neither the text that the server sent nor of the draft would be of something that was dropped.
  #dropKept() {
    if (this.#history.isEmpty) this.#kept?.().drop();
  }

  // ---- problems ----

  #nextProblem(by) {
    const [start] = this.selection;
    const line = this.#text.lineAt(start);
    this.#show(this.#marks.next(line, start - this.#text.start(line), by));
  }

  #showOf(line) {
    const mark = this.#marks.nextOf(line);
    if (mark) this.#show(mark);
  }

  #show(mark) {
    if (!mark) return this.#bar.say("No problem is marked.");
    this.goTo(mark.line + 1, mark.edited ? 1 : mark.problem.column);
    this.#bar.say(this.#marks.describe(mark));
    this.#area.dispatchEvent(new CustomEvent("code-problem", { bubbles: true, detail: mark.problem }));
  }
}
