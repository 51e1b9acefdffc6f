// As much of a browser's page as the scripts of an answer need: elements, selectors, events that bubble, forms.

/** One step of a selector, such as `input:not([type=radio], .x)`. */
function matchesStep(element, step) {
  const [, tag, rest] = /^([a-z0-9]*)(.*)$/s.exec(step);
  if (tag && element.tag !== tag) return false;
  return [...rest.matchAll(/#([\w-]+)|\.([\w-]+)|\[([\w-]+)(?:="?([^"\]]*)"?)?\]|:not\(([^)]*)\)/g)].every(part => {
    const [, id, name, attribute, value, not] = part;
    if (id) return element.id === id;
    if (name) return element.classList.contains(name);
    if (attribute) return element.has(attribute) && (value === undefined || element.attribute(attribute) === value);
    return !element.matches(not);
  });
}

/** Splits at the commas that stand in no parentheses. */
const alternatives = selector => selector.split(/,(?![^(]*\))/).map(one => one.trim());

export class Element {
  parent = null;
  children = [];
  #listeners = [];
  #own = new Map(); // attributes

  constructor(tag, properties = {}, ...children) {
    this.tag = tag;
    Object.assign(this, { id: "", className: "", textContent: "", hidden: false, disabled: false, dataset: {} }, properties);
    this.append(...children);
  }

  get classList() {
    const names = () => this.className.split(" ").filter(Boolean);
    return {
      contains: name => names().includes(name),
      toggle: (name, on) => { this.className = names().filter(one => one !== name).concat(on ? name : []).join(" "); },
    };
  }

  get parentElement() { return this.parent; }

  attribute(name) { return this.#own.get(name) ?? this[name] ?? this.dataset[name.replace("data-", "")]; }

  has(name) { return this.attribute(name) !== undefined; }

  setAttribute(name, value) { this.#own.set(name, value); }

  removeAttribute(name) { this.#own.delete(name); }

  hasAttribute(name) { return this.has(name); }

  append(...children) { this.#insert(this.children.length, children); }

  replaceChildren(...children) {
    this.children = [];
    this.append(...children);
  }

  before(...added) { this.parent.#insert(this.parent.children.indexOf(this), added); }

  after(...added) { this.parent.#insert(this.parent.children.indexOf(this) + 1, added); }

  remove() { this.parent.children = this.parent.children.filter(child => child !== this); }

  #insert(at, added) {
    for (const child of added) child.parent = this;
    this.children.splice(at, 0, ...added);
  }

  /** This element and all inside it. */
  * all() {
    yield this;
    for (const child of this.children) yield* child.all();
  }

  matches(selector) {
    return alternatives(selector).some(one => {
      const steps = one.split(/ (?![^([]*[)\]])/);
      if (!matchesStep(this, steps.pop())) return false;
      return steps.length === 0 || Boolean(this.parent?.closest(steps.join(" ")));
    });
  }

  closest(selector) { return this.matches(selector) ? this : this.parent?.closest(selector) ?? null; }

  querySelectorAll(selector) { return [...this.all()].filter(element => element !== this && element.matches(selector)); }

  querySelector(selector) { return this.querySelectorAll(selector)[0] ?? null; }

  addEventListener(type, act) { this.#listeners.push([type, act]); }

  /** Fires an event that bubbles. */
  fire(type, more = {}) {
    const event = { type, target: this, defaultPrevented: false, button: 0, ...more };
    event.preventDefault = () => { event.defaultPrevented = true; };
    event.stopImmediatePropagation = () => {};
    for (let at = this; at; at = at.parent) {
      for (const [, act] of at.#listeners.filter(([known]) => known === type)) act(event);
    }
    return event;
  }

  /** Of a form: its controls. Each can be found by its name as well. */
  get elements() {
    const controls = this.querySelectorAll("input, textarea, select, button, fieldset");
    return Object.assign(controls, Object.fromEntries(controls.filter(one => one.name).map(one => [one.name, one])));
  }
}

/** A text field. */
export const textarea = (name, value) =>
  new Element("textarea", { name, id: name, type: "textarea", value, defaultValue: value });

/** A radio button. */
export const radio = (name, value, checked = false) =>
  new Element("input", { name, type: "radio", value, checked, defaultChecked: checked });

/** A hidden field. */
export const hidden = (name, value) => new Element("input", { name, type: "hidden", value, defaultValue: value });

/** What a browser sends of a form. */
export class FormData {
  #form;

  constructor(form) {
    this.#form = form;
  }

  * [Symbol.iterator]() {
    for (const control of this.#form.elements) {
      if (!control.name || control.disabled || control.type === "submit" || control.checked === false) continue;
      yield [control.name, control.value];
    }
  }
}
