// What a result says about places in the candidate's files: errors and warnings of the compiler, and panics.

/**
 * The problems that a result's element names, as a Map from a file's path to its problems, as `CodeField.mark` takes them. Lines
 * and columns are those of the files that were submitted.
 */
export function problemsIn(result) {
  const found = new Map();
  const add = (file, problem) => found.set(file, [...(found.get(file) ?? []), problem]);
  for (const { dataset } of result.querySelectorAll("[data-level][data-line]")) {
    const [line, column] = placeOf(dataset);
    add(dataset.file, {
      line, column, endLine: Number(dataset.endLine) || line, endColumn: Number(dataset.endColumn) || column + 1,
      level: dataset.level, text: dataset.message,
    });
  }
  for (const test of result.querySelectorAll(".test.wrong")) {
    const title = test.querySelector(".test-title").textContent;
    const named = new Map([...test.querySelectorAll("a.place")].map(place => [place.textContent, place]));
    for (const [name, { dataset, parentElement }] of named) {
      const [line, column] = placeOf(dataset);
      const { level, said } = about(name, parentElement.closest("pre").textContent.split("\n"));
      add(dataset.file, { line, column, endLine: line, endColumn: column + 1, level, text: title + ": " + said });
    }
  }
  return new Map([...found].map(([file, problems]) => [file, merged(problems)]));
}

// Many tests may panic at one place. It is marked once, in the first one's words.
function merged(problems) {
  const panics = new Map();
  for (const problem of problems.filter(({ level }) => level === "panic")) {
    const place = problem.line + ":" + problem.column;
    panics.set(place, [...(panics.get(place) ?? []), problem]);
  }
  const marked = [...panics.values()].map(([first, ...more]) => {
    const others = more.length === 0 ? "" : ` (and in ${more.length} more)`;
    return { ...first, text: first.text + others };
  });
  return [...problems.filter(({ level }) => level !== "panic"), ...marked];
}

// What a test's message says about a place: that the code panicked there, or that a rule for the source is broken there.
function about(name, lines) {
  const panic = lines.findLastIndex(line => line.includes("panicked at " + name));
  const isLong = lines[panic]?.endsWith(name + ":"); // the panic's own words follow
  if (panic >= 0) return { level: "panic", said: (isLong && lines[panic + 1]) || "it panicked here" };
  const line = lines.find(line => line.includes(name));
  return { level: "warning", said: line.slice(line.indexOf(name) + name.length).replace(/^:\s*/, "") };
}

/** Line and column that an element's `data-` attributes say. */
export const placeOf = ({ line, column }) => [Number(line), Number(column) || 1];

/**
 * Where the lines of the text `before` are in the text `now`, which was edited since: a function from a line's number to its
 * number now, or to null if it is among the lines that changed. All numbers count from 1.
 */
export function linesNow(before, now) {
  const [old, current] = [before.split("\n"), now.split("\n")];
  let start = 0;
  while (start < old.length && start < current.length && old[start] === current[start]) start += 1;
  let end = 0;
  const most = Math.min(old.length, current.length) - start;
  while (end < most && old[old.length - 1 - end] === current[current.length - 1 - end]) end += 1;
  return line => {
    if (line <= start) return line;
    return line > old.length - end ? line + current.length - old.length : null;
  };
}

/** The problems at the lines where they are in `now`, without those whose lines have changed since they were in `before`. */
export function problemsNow(problems, before, now) {
  const lineNow = linesNow(before, now);
  const moved = problems.map(problem => {
    const line = lineNow(problem.line);
    return line && { ...problem, line, endLine: problem.endLine + line - problem.line };
  });
  return moved.filter(Boolean);
}
