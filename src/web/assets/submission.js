// The page of a submission while it is being graded. When it is finished, the page is loaded again with the result.

import { Progress } from "./progress.js";

const { submission } = document.querySelector("#result").dataset;
new Progress(document.querySelector("#progress"), submission, () => location.reload()).start();
