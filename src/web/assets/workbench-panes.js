// The panes of the workbench on a narrow screen: one at a time, chosen by tabs. On a wide one they stand side by side.

import { Tabs } from "./workbench-tabs.js";

/** The width below which there is room for one pane; the style sheet has the same. */
export const NARROW = "(max-width: 49.99rem)";

const PANES = [["Statement", "statement-pane"], ["Code", "code-pane"], ["Results", "results-pane"]];

/** The panes of a workbench. */
export class Panes {
  #tabs;
  #panes;
  #media = matchMedia(NARROW);
  #chosen;

  constructor(workbench) {
    this.#panes = PANES.map(([, id]) => workbench.querySelector("#" + id));
    this.#tabs = new Tabs("Parts of this page", (pane, on) => { pane.hidden = this.#media.matches && !on; });
    PANES.forEach(([label], index) => this.#tabs.add(label, this.#panes[index]));
    this.#tabs.element.classList.add("pane-tabs");
    this.#tabs.element.addEventListener("click", () => { this.#chosen = this.#tabs.selected; });
    workbench.before(this.#tabs.element);
    this.#chosen = this.#panes[0];
    this.#media.addEventListener("change", () => this.#arrange());
    this.#arrange();
  }

  /** On a narrow screen, shows the pane with this id. If the focus was in the one that is hidden, it goes to the tab. */
  show(id) {
    const focused = this.#focused();
    this.#chosen = this.#panes.find(pane => pane.id === id);
    this.#tabs.select(this.#chosen);
    if (focused?.hidden) this.#tabs.focus();
  }

  #focused() { return this.#panes.find(pane => pane.contains(document.activeElement)) ?? null; }

  #arrange() {
    const narrow = this.#media.matches;
    // A pane that somebody is in stays when the screen becomes narrow, such as by turning it.
    if (narrow) this.#chosen = this.#focused() ?? this.#chosen;
    this.#tabs.element.hidden = !narrow;
    for (const pane of this.#panes) {
      if (narrow) pane.setAttribute("role", "tabpanel");
      else pane.removeAttribute("role");
      // On a wide screen it scrolls for itself, by the keyboard as well.
      if (narrow || pane.id === "code-pane") pane.removeAttribute("tabindex");
      else pane.tabIndex = 0;
    }
    this.#tabs.select(this.#chosen);
  }
}
