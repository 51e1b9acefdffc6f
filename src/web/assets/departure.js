// Whoever leaves a page whose answer is not saved yet is held back until it is. Where it can't be saved they stay and are told
// why; a second click on the same link is taken at its word, and then the browser asks.

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
  #refused = null; // the address that could not be left for
  #busy = false;

  /** Holds back while `queue` (a `Saves`) has something unsaved; `stay()` is called when it could not be saved. */
  constructor(queue, stay) {
    this.#queue = queue;
    this.#stay = stay;
  }

  /** A click on a link; `go` leaves for it. */
  async click(event, link, here, go) {
    if (!leaves(event, link, here) || !this.#queue.unsaved || this.#refused === link.href) return;
    event.preventDefault();
    if (await this.#saved()) return go();
    this.#refused = link.href;
  }

  /** A form is about to be sent; `again` sends it anew. */
  async submit(event, again) {
    if (event.defaultPrevented || !this.#queue.unsaved) return;
    event.preventDefault();
    // Nobody else is to take this for a form that has been sent.
    event.stopImmediatePropagation();
    if (await this.#saved()) again();
  }

  async #saved() {
    if (this.#busy) return false;
    this.#busy = true;
    const saved = await this.#queue.flush();
    this.#busy = false;
    if (!saved && this.#queue.unsaved) this.#stay();
    // Where the attempt has ended meanwhile nothing holds anybody back.
    return !this.#queue.unsaved;
  }

  /** Watches a page. `except` are links that leave by their own rules. */
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
