// The page that says that an account is deleted: the drafts of that account leave this browser, and those of others stay.

import { browserStorage, erase } from "./drafts.js";

erase(browserStorage(), document.querySelector("[data-erased]").dataset.erased, Date.now());
