// Leaving a page with an unsaved answer, by a link or by a form's button. The answer is saved first. If that fails, the page
// stays and says why; a second click on the same link leaves, and then the browser asks for confirmation.

/** Whether a click on `link` leaves the page in this tab. `here` is the page's address. */
export function leaves(event, link, here) {
  if (!link || event.defaultPrevented || event.button > 0) return false;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return false;
  if ((link.target && link.target !== "_self") || link.hasAttribute("download")) return false;
  const [to, from] = [new URL(link.href), new URL(here)];
  return to.hash === "" || to.origin + to.pathname + to.search !== from.origin + from.pathname + from.search;
}

export class Departure {
  #queue;
  #stay;
  #refused = null; // the link that was clicked when the save failed
  #busy = false;

  /** `queue` is a `Saves`. `stay()` is called when its answer couldn't be saved. */
  constructor(queue, stay) {
    this.#queue = queue;
    this.#stay = stay;
  }

  /** Handles a click on a link; `go` follows it. */
  async click(event, link, here, go) {
    if (!leaves(event, link, here) || !this.#queue.unsaved || this.#refused === link.href) return;
    event.preventDefault();
    if (await this.#saved()) return go();
    this.#refused = link.href;
  }

  /** Handles a form that is about to be sent; `again` sends it once the answer is saved. */
  async submit(event, again) {
    if (event.defaultPrevented || !this.#queue.unsaved) return;
    event.preventDefault();
    // The guard against double clicks must not count this one.
    event.stopImmediatePropagation();
    if (await this.#saved()) again();
  }

  async #saved() {
    if (this.#busy) return false;
    this.#busy = true;
    const saved = await this.#queue.flush();
    this.#busy = false;
    if (!saved && this.#queue.unsaved) this.#stay();
    // If the attempt has ended meanwhile, there is nothing left to save.
    return !this.#queue.unsaved;
  }

  /** Watches a page. Links that match the selector `except` are left alone. */
  watch(page, except = "") {
    page.addEventListener("click", event => {
      const link = event.target.closest("a[href]");
      if (link && !(except && link.matches(except))) this.click(event, link, location.href, () => { location.href = link.href; });
    });
    page.addEventListener("submit", event => {
      const { target: form, submitter } = event;
      this.submit(event, () => form.requestSubmit(submitter));
    }, { capture: true });
    addEventListener("beforeunload", event => {
      if (!this.#queue.unsaved) return;
      event.preventDefault();
      event.returnValue = ""; // what older browsers look at
      this.#queue.flush();
    });
  }
}
