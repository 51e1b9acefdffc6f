import assert from "node:assert/strict";
import { test } from "node:test";

import {
  findAll, firstEndingAfter, nextMatch, previousMatch, readQuery, replaced, replacedAll,
} from "../../src/web/assets/code-find.js";

const query = (wanted, more = {}) => readQuery({ wanted, matchCase: false, wholeWord: false, isPattern: false, ...more });
const find = (value, wanted, more) => findAll(value, query(wanted, more).pattern).map(([from, to]) => value.slice(from, to));

test("a text is found as it is written", () => {
  assert.deepEqual(find("a.b a+b A.B", "a.b"), ["a.b", "A.B"]);
  assert.deepEqual(find("a.b A.B", "a.b", { matchCase: true }), ["a.b"]);
  assert.deepEqual(find("$1 (x) [y] {z} \\n | ^ /", "|"), ["|"]);
  assert.deepEqual(find("aaa", "aa"), ["aa"], "matches don't overlap");
  assert.deepEqual(find("a\nb", "a\nb"), ["a\nb"]);
  for (const one of "\\^$.*+?()[]{}|/-#") assert.deepEqual(find(`a${one}b`, one), [one]);
});

test("a whole word ends where a name ends", () => {
  assert.deepEqual(findAll("at bat at_2 at9 (at) zàt", query("at", { wholeWord: true }).pattern), [[0, 2], [17, 19]]);
});

test("a pattern knows the ends of lines", () => {
  assert.deepEqual(find("let a;\nlet bc;", "^let (\\w+)", { isPattern: true }), ["let a", "let bc"]);
  assert.deepEqual(findAll("a\nb", query("^", { isPattern: true }).pattern), [[0, 0], [2, 2]]);
});

test("a pattern that can't be read is explained", () => {
  assert.match(query("(", { isPattern: true }).problem, /^This is no regular expression: .*group/);
  assert.match(query("a)|(b", { isPattern: true, wholeWord: true }).problem, /^This is no regular expression: /);
  assert.deepEqual(query(""), {});
});

test("searching goes on at the other end", () => {
  const found = [[2, 4], [6, 8], [10, 12]];
  assert.deepEqual([0, 2, 3, 10, 11].map(offset => nextMatch(found, offset)), [0, 0, 1, 2, 0]);
  assert.deepEqual([0, 2, 3, 99].map(offset => previousMatch(found, offset)), [2, 2, 0, 2]);
  assert.deepEqual([0, 4, 7, 12].map(offset => firstEndingAfter(found, offset)), [0, 1, 1, 3]);
});

test("one match is replaced, with what its pattern has captured", () => {
  const { pattern } = query("(?<=x)(\\w)=(\\w)", { isPattern: true });
  const value = "xa=b xc=d";
  assert.equal(replaced(value, pattern, [6, 9], "$2:$1", true), "d:c");
  assert.equal(replaced(value, pattern, [1, 4], "\\n\\t\\\\n", true), "\n\t\\n");
});

test("elsewhere a dollar is a dollar", () => {
  const { pattern } = query("a");
  assert.equal(replaced("a a", pattern, [2, 3], "$& \\n", false), "$& \\n");
  assert.equal(replacedAll("a a", pattern, "$1", false), "$1 $1");
});

test("all matches are replaced", () => {
  const { pattern } = query("^(?=\\w)", { isPattern: true });
  assert.equal(replacedAll("a\n\nb", pattern, "// ", true), "// a\n\n// b");
});
