// How the style sheet is linted: what repeats itself, overrides itself or can't work.

export default {
  extends: ["stylelint-config-recommended"],
  rules: {
    "declaration-block-no-redundant-longhand-properties": true,
    "no-descending-specificity": null, // the sheet goes from the general to the pages
    "selector-max-id": null,
  },
};
