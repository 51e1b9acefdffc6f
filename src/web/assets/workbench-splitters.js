// Lines between the panes of the workbench. Each can be dragged, or moved by the arrow keys, and its place is kept in this
// browser. (The pattern "window splitter" of the ARIA Authoring Practices Guide.)

const KEPT = "workbench sizes";
const STEP = 2; // percent

// Each line sizes one pane, which lies at the edge `from` of the workbench. Sizes are percentages of the workbench.
const LINES = [
  { name: "statement", pane: "statement-pane", from: "left", label: "Width of the statement", usual: 34 },
  { name: "results", pane: "results-pane", from: "right", label: "Width of the results", usual: 28 },
  { name: "height", pane: "results-pane", from: "bottom", label: "Height of the results", usual: 42 },
];
const [LEAST, MOST] = [15, 65];

/** Puts the lines into the workbench, where its style sheet shows those that its width calls for. */
export function addSplitters(workbench, storage) {
  const sizes = kept(storage);
  const keep = (name, size) => {
    sizes[name] = size;
    try {
      storage?.setItem(KEPT, JSON.stringify(sizes));
    } catch {
      // A browser that stores nothing forgets the sizes.
    }
  };
  for (const line of LINES) new Splitter(workbench, line, sizes[line.name] ?? line.usual, keep);
}

function kept(storage) {
  try {
    return { ...JSON.parse(storage?.getItem(KEPT)) };
  } catch {
    return {};
  }
}

class Splitter {
  #workbench;
  #line;
  #keep;
  #size = 0;
  #element = document.createElement("div");

  constructor(workbench, line, size, keep) {
    this.#workbench = workbench;
    this.#line = line;
    this.#keep = keep;
    const element = this.#element;
    element.className = "splitter";
    element.dataset.line = line.name;
    element.tabIndex = 0;
    const orientation = line.from === "bottom" ? "horizontal" : "vertical";
    const attributes = {
      role: "separator", "aria-label": line.label, "aria-controls": line.pane, "aria-orientation": orientation,
      "aria-valuemin": LEAST, "aria-valuemax": MOST,
    };
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    element.addEventListener("keydown", event => this.#key(event));
    element.addEventListener("dblclick", () => this.#set(line.usual));
    element.addEventListener("pointerdown", event => element.setPointerCapture(event.pointerId));
    element.addEventListener("pointermove", event => { if (element.hasPointerCapture(event.pointerId)) this.#drag(event); });
    element.addEventListener("pointerup", () => keep(line.name, this.#size));
    workbench.querySelector("#" + line.pane)[line.from === "left" ? "after" : "before"](element);
    this.#draw(size);
  }

  #draw(size) {
    this.#size = Math.min(MOST, Math.max(LEAST, Number(size) || this.#line.usual));
    this.#workbench.style.setProperty("--" + this.#line.name, this.#size + "%");
    this.#element.setAttribute("aria-valuenow", String(Math.round(this.#size)));
  }

  #set(size) {
    this.#draw(size);
    this.#keep(this.#line.name, this.#size);
  }

  #drag({ clientX, clientY }) {
    const { left, right, bottom, width, height } = this.#workbench.getBoundingClientRect();
    const part = { left: (clientX - left) / width, right: (right - clientX) / width, bottom: (bottom - clientY) / height };
    this.#draw(part[this.#line.from] * 100);
  }

  #key(event) {
    const more = { left: "ArrowRight", right: "ArrowLeft", bottom: "ArrowUp" }[this.#line.from];
    const less = { left: "ArrowLeft", right: "ArrowRight", bottom: "ArrowDown" }[this.#line.from];
    const [larger, smaller] = [this.#size + STEP, this.#size - STEP];
    const to = { [more]: larger, [less]: smaller, Home: LEAST, End: MOST, Enter: this.#line.usual }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.#set(to);
  }
}
