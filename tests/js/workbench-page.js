// The page of an exercise and of a submission as the server makes them, as far as the scripts need it.

/** The field of a file that was added and handed in, as the server makes it. */
const addedFile = ([path, text], index) => `<details open><summary>${path || "New file"}</summary><div class="file-body">
  <label>Path<input name="path" value="${path}"${path ? "" : ' aria-invalid="true"'}></label>
  <div><textarea class="code" name="text" id="added-${index}">${text}</textarea></div></div></details>`;

/** The body of an exercise's page: one file with this text, those that were `added` as [path, text], and where it comes from. */
export const exercise = ({
  text = "fn old() {}", added = [], origin = "starter", submission = "", questions = "", wrong = "",
} = {}) => `
  <div id="workbench">
  <section class="statement" id="statement-pane"></section>
  <section id="code-pane">${wrong && `<p class="alert" id="wrong">${wrong}</p>`}
  <form method="post" action="/exercises/clock/submissions" id="editor" data-exercise="clock" data-owner="usr_ada"
    data-origin="${origin}"${submission && ` data-submission="${submission}"`}>
  <input type="hidden" name="_csrf" value="token-1">
  <p class="files-origin"><a id="from-starter" data-once-submitted hidden>Start again</a></p>
  <div id="files">${questions}
  <details open><summary>src/lib.rs</summary><div class="file-body"><input type="hidden" name="path" value="src/lib.rs">
  <div><textarea class="code" name="text" id="file-0">${text}</textarea></div></div></details>
  ${added.map(addedFile).join("")}
  <details id="new-file"><summary>Add a file</summary><div class="file-body"><label>Path<input name="path"></label>
  <div><textarea class="code" name="text" id="new-text"></textarea></div></div></details></div>
  <div class="bench-bar">
  <p class="actions"><button name="mode" value="public" id="run-public">Run public tests</button>
  <button name="mode" value="graded" id="submit">Submit</button>
  <button name="since" value="starter" formaction="/exercises/clock/changes">the starter</button></p>
  <span id="draft-state"></span><p id="editor-help">Tab indents. <span id="keys" hidden>Keys</span></p></div></form></section>
  <section id="results-pane"><p id="results-status"></p><div id="results"></div></section></div>`;

const submission = (result, files) => `<!doctype html><h1>Submission</h1>
  <header class="head"><p class="muted">Handed in <time datetime="2026-02-01T10:00:00Z">2026-02-01 10:00 UTC</time></p></header>
  <div id="result">${result}</div>
  ${Object.entries(files).map(file).join("")}`;

const file = ([path, text]) => `<details data-path="${path}"><pre><code>${text}</code></pre></details>`;

/** The page of a submission that is being graded. */
export const running = () => submission(`
  <section id="progress"><h2 id="progress-title">Waiting</h2><p id="place"></p>
  <ol><li data-stage="policy">Checking</li><li data-stage="run">Running</li></ol>
  <progress id="tests-done" hidden></progress><p id="progress-said"></p><ul id="live-tests"></ul></section>`, {});

/** The page of a submission that was graded. `more` is what follows its verdict. */
export const graded = ({ verdict = "Accepted", more = "", files = { "src/lib.rs": "fn old() {}" } } = {}) =>
  submission(`<section id="outcome"><h2>${verdict}</h2> <p>3 of 3 points</p></section>${more}`, files);

/** A message of the compiler about a place in `src/lib.rs`, as the page of a submission shows it. */
export const diagnostic = (line, column, message = "mismatched types") => `<pre data-level="error"
  data-message="${message}" data-file="src/lib.rs" data-line="${line}" data-column="${column}" data-end-line="${line}"
  data-end-column="${column + 3}">error: ${message}\n --&gt; ${place(line, column)}\n</pre>`;

/** A place in `src/lib.rs` as a link. */
export const place = (line, column) => `<a class="place" href="#file-0" data-file="src/lib.rs" data-line="${line}"
  data-column="${column}">src/lib.rs:${line}:${column}</a>`;

/** A test that failed with this message. */
export const failed = (title, message) =>
  `<ul><li class="test wrong"><span class="test-title">${title}</span><pre>${message}</pre></li></ul>`;
