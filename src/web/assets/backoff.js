// How long to wait before sending something again.

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * Milliseconds to wait after `failures` failures in a row. The wait doubles each time, up to a minute. `random` (from 0 to 1)
 * keeps browsers that failed together from coming back together. The wait is never shorter than the server asked for
 * (`after`).
 */
export function wait(failures, random, after = 0) {
  const steady = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(Math.max(steady * (0.5 + random / 2), after * (1 + random / 10)));
}
