// The answer in a form as a list of [name, value] pairs, and back.

// Fields that are not part of the answer.
const NOT_ANSWERS = new Set(["_csrf", "revision", "do"]);

/** The form's current content. */
export function read(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_ANSWERS.has(name) && typeof value === "string");
}

/**
 * The content that the server put into the form. It differs from `read` when the candidate typed before the scripts had
 * loaded, or when the browser has restored what was typed before a reload.
 */
export function served(form) {
  const fields = [];
  for (const control of form.elements) {
    if (!control.name || NOT_ANSWERS.has(control.name) || ["submit", "button", "fieldset"].includes(control.type)) continue;
    if (control.type === "radio" || control.type === "checkbox") {
      if (control.defaultChecked) fields.push([control.name, control.value]);
    } else if (control.type === "select-one") {
      const option = [...control.options].find(option => option.defaultSelected) ?? control.options[0];
      fields.push([control.name, option.value]);
    } else fields.push([control.name, control.defaultValue]);
  }
  return fields;
}

/** Whether there is no text and nothing is chosen. */
export const isEmpty = fields => fields.every(([, value]) => value.trim() === "");

/** Fills a form with `fields`, and empties whatever they don't name. */
export function fill(form, fields) {
  const left = fields.map(field => [...field]);
  const take = matches => {
    const index = left.findIndex(matches);
    return index < 0 ? null : left.splice(index, 1)[0];
  };
  for (const control of form.elements) {
    if (!control.name || NOT_ANSWERS.has(control.name) || control.type === "submit" || control.type === "hidden") continue;
    if (control.type === "radio" || control.type === "checkbox") {
      control.checked = take(([name, value]) => name === control.name && value === control.value) !== null;
    } else if ("value" in control && control.type !== "fieldset") {
      control.value = take(([name]) => name === control.name)?.[1] ?? "";
    }
  }
}

/**
 * Sorts the items of an ordering question by their numbers. Items without a number come last, in the order in which they
 * stood.
 */
export function arrange(list) {
  const place = item => Number(item.querySelector("select").value) || Infinity;
  const sorted = [...list.children].map((item, index) => ({ item, index, at: place(item) }));
  sorted.sort((one, other) => (one.at === other.at ? one.index - other.index : one.at - other.at));
  list.append(...sorted.map(({ item }) => item));
}
