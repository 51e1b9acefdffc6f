// Sends a form once, however often its button is pressed while the response is on its way.

const LONGEST_MS = 10_000; // after this the user may have stopped the page from loading, and may send the form again

/** The forms that are on their way. */
export class Once {
  #sentAt = new WeakMap();
  #later;

  /** `later(act, milliseconds)` is a timer. */
  constructor(later = (act, milliseconds) => setTimeout(act, milliseconds)) {
    this.#later = later;
  }

  /** Marks `form` as sent at `now` (in milliseconds). Returns false if it is on its way already. */
  send(form, now) {
    if (now - (this.#sentAt.get(form) ?? -Infinity) < LONGEST_MS) return false;
    this.#sentAt.set(form, now);
    return true;
  }

  /** Forgets all forms: the page is shown again. */
  forget() {
    this.#sentAt = new WeakMap();
  }

  /** Watches the forms of a page whose method is POST. */
  watch(page) {
    const buttons = form => form.querySelectorAll("button:not([type=button])");
    const free = form => buttons(form).forEach(button => button.removeAttribute("aria-disabled"));
    page.addEventListener("submit", event => {
      const form = event.target;
      if (event.defaultPrevented || form.method !== "post") return;
      if (!this.send(form, Date.now())) return event.preventDefault();
      // A disabled button would lose the focus, and its name and value would not be sent.
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
