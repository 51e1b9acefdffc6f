// How long to wait before something is sent again.

const FIRST_MS = 1_000;
const LONGEST_MS = 60_000;

/**
 * Milliseconds until the next try after `failures` failed ones in a row. They double up to a minute. `random` (from 0 to 1)
 * spreads the tries of many browsers that failed at the same moment. It is never sooner than the server asked for (`after`).
 */
export function wait(failures, random, after = 0) {
  const steady = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(Math.max(steady * (0.5 + random / 2), after * (1 + random / 10)));
}
