// How the pages' scripts and their tests are linted. Formatting is not looked at; what can hide a mistake is.

import js from "@eslint/js";

// What scripts use of the browser. A name that is not here is a slip.
const browser = [
  "AbortSignal", "CustomEvent", "DOMParser", "Event", "EventSource", "FormData", "ResizeObserver", "URL", "URLSearchParams",
  "addEventListener", "clearTimeout", "crypto", "document", "fetch", "getComputedStyle", "history", "location", "matchMedia",
  "navigator", "performance", "queueMicrotask", "reportError", "setTimeout",
];
const names = list => Object.fromEntries(list.map(name => [name, "readonly"]));

export default [
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 2022, sourceType: "module" },
    linterOptions: { reportUnusedDisableDirectives: "error" },
    rules: {
      curly: ["error", "multi-line"],
      eqeqeq: "error",
      "func-style": "off",
      "max-len": ["error", { code: 130 }],
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-param-reassign": "error",
      "no-shadow": "off",
      "no-var": "error",
      "prefer-const": "error",
      "array-callback-return": "error",
      "no-promise-executor-return": "error",
      "require-atomic-updates": "off",
      "no-unused-private-class-members": "error",
      "no-restricted-properties": [
        "error",
        { property: "innerHTML", message: "Use textContent: what people typed must never become markup." },
        { property: "outerHTML", message: "Use textContent: what people typed must never become markup." },
        { property: "insertAdjacentHTML", message: "Use textContent: what people typed must never become markup." },
      ],
    },
  },
  { files: ["src/web/assets/*.js"], languageOptions: { globals: names(browser) } },
  { files: ["tests/js/*.js"], languageOptions: { globals: names(["URL", "URLSearchParams", "setImmediate"]) } },
];
