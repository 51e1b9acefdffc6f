// The fields of a form as a list of names and values, and back.

// What a form sends beside the answer.
const NOT_ANSWERS = new Set(["_csrf", "revision", "do"]);

/** What is filled in, as [name, value] pairs in the form's order. */
export function read(form) {
  return [...new FormData(form)].filter(([name, value]) => !NOT_ANSWERS.has(name) && typeof value === "string");
}

/**
 * What the server filled in, in the same shape. It differs from `read` where somebody typed before the scripts were there, or
 * where the browser has put back what was typed before a reload.
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

/** Whether nothing is filled in: no text, nothing chosen. */
export const isEmpty = fields => fields.every(([, value]) => value.trim() === "");

/** Fills a form as `fields` say; what they don't name is emptied. */
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

/** Puts the items of a list that is to be ordered where their numbers say; those without a number stay behind, in order. */
export function arrange(list) {
  const place = item => Number(item.querySelector("select").value) || Infinity;
  const sorted = [...list.children].map((item, index) => ({ item, index, at: place(item) }));
  sorted.sort((one, other) => (one.at === other.at ? one.index - other.index : one.at - other.at));
  list.append(...sorted.map(({ item }) => item));
}
