// A form is sent once, however often its button is pressed while the answer is on its way.

const LONGEST_MS = 10_000; // after this somebody may have stopped the page from loading, and wants to send again

/** Which forms are on their way. */
export class Once {
  #sentAt = new WeakMap();
  #later;

  /** `later(act, milliseconds)` is a timer. */
  constructor(later = (act, milliseconds) => setTimeout(act, milliseconds)) {
    this.#later = later;
  }

  /** Whether `form` may be sent at `now` (in milliseconds); from then on it is on its way. */
  send(form, now) {
    if (now - (this.#sentAt.get(form) ?? -Infinity) < LONGEST_MS) return false;
    this.#sentAt.set(form, now);
    return true;
  }

  /** The page is shown again: nothing is on its way any more. */
  forget() {
    this.#sentAt = new WeakMap();
  }

  /** Watches the forms of a page that change something. */
  watch(page) {
    const buttons = form => form.querySelectorAll("button:not([type=button])");
    const free = form => buttons(form).forEach(button => button.removeAttribute("aria-disabled"));
    page.addEventListener("submit", event => {
      const form = event.target;
      if (event.defaultPrevented || form.method !== "post") return;
      if (!this.send(form, Date.now())) return event.preventDefault();
      // They keep the focus, and the one that was pressed is still sent with the form.
      buttons(form).forEach(button => button.setAttribute("aria-disabled", "true"));
      this.#later(() => free(form), LONGEST_MS);
    });
    addEventListener("pageshow", event => {
      if (!event.persisted) return;
      this.forget();
      for (const form of page.forms) free(form);
    });
  }
}
