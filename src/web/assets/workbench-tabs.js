// A row of tabs (the pattern "tabs" of the ARIA Authoring Practices Guide): one of several panels is shown.

/** Tabs over panels. */
export class Tabs {
  #list = document.createElement("div");
  #tabs = new Map(); // from panel to button
  #show;

  /** `label` names the row to screen readers. `show(panel, on)` shows or hides a panel. */
  constructor(label, show) {
    this.#show = show;
    this.#list.className = "tabs";
    this.#list.setAttribute("role", "tablist");
    this.#list.setAttribute("aria-label", label);
    this.#list.addEventListener("keydown", event => this.#key(event));
  }

  /** The row, to be put into the page. */
  get element() { return this.#list; }

  /** The panel that is shown. */
  get selected() {
    return [...this.#tabs].find(([, tab]) => tab.getAttribute("aria-selected") === "true")?.[0] ?? null;
  }

  /** Adds a tab for a panel, which has an id. Returns its button. */
  add(label, panel) {
    const tab = document.createElement("button");
    tab.type = "button";
    tab.id = panel.id + "-tab";
    tab.textContent = label;
    tab.setAttribute("role", "tab");
    tab.setAttribute("aria-controls", panel.id);
    tab.setAttribute("aria-selected", "false");
    tab.tabIndex = -1;
    tab.addEventListener("click", () => this.select(panel));
    this.#tabs.set(panel, tab);
    this.#list.append(tab);
    return tab;
  }

  /** Shows a panel and hides the others. */
  select(panel) {
    for (const [other, tab] of this.#tabs) {
      const on = other === panel;
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
      this.#show(other, on);
    }
  }

  /** Focuses the tab of the panel that is shown. */
  focus() { this.#tabs.get(this.selected)?.focus(); }

  /** Takes away the tab of a panel. If that is shown, the one before it is shown instead, or else the one behind. */
  remove(panel) {
    const panels = [...this.#tabs.keys()];
    const at = panels.indexOf(panel);
    if (this.selected === panel) this.select(panels[at - 1] ?? panels[at + 1] ?? null);
    this.#tabs.get(panel).remove();
    this.#tabs.delete(panel);
  }

  #key(event) {
    const panels = [...this.#tabs.keys()];
    const at = panels.indexOf(this.selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: -1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.select(panels.at(to % panels.length));
    this.focus();
  }
}
