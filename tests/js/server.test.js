import assert from "node:assert/strict";
import { test } from "node:test";

import { Server } from "../../src/web/assets/server.js";
import { Time, response } from "./fakes.js";

const CSRF = { code: "csrf", detail: "older than your session" };

/** A page of usr_ada with the token "old". The network responds with `replies` in turn. */
function page(...replies) {
  const time = new Time();
  const made = { time, asked: [], adopted: [], times: [] };
  made.server = new Server("old", "usr_ada", {
    fetch: async (url, init) => {
      made.asked.push([url, init.body ?? null, init.keepalive ?? false]);
      time.ms += 10;
      const reply = replies.shift();
      if (reply instanceof Error) throw reply;
      return reply;
    },
    now: time.now,
    adopt: token => made.adopted.push(token),
    served: (...times) => made.times.push(times),
  });
  return made;
}

test("a form is sent with the page's token", async () => {
  const { server, asked } = page(response(200, { revision: 1 }));
  assert.deepEqual((await server.post("/x", [["text", "a b\nщ"]])).body, { revision: 1 });
  assert.deepEqual(asked, [["/x", "_csrf=old&text=a+b%0A%D1%89", true]]);
});

test("a large body is sent without keepalive, which is limited to 64 KiB", async () => {
  const { server, asked } = page(response(200, {}));
  await server.post("/x", [["text", "щ".repeat(12_000)]]);
  assert.ok(asked[0][1].length > 64 * 1024);
  assert.equal(asked[0][2], false);
});

test("an old token is renewed, and the request is sent again", async () => {
  const session = response(200, { csrf: "new", user: "usr_ada" });
  const { server, asked, adopted } = page(response(403, CSRF), session, response(200, { revision: 1 }));
  const answer = await server.post("/x", [["text", "a"]]);
  assert.equal(answer.status, 200);
  const requests = asked.map(([url, body]) => [url, body]);
  assert.deepEqual(requests, [["/x", "_csrf=old&text=a"], ["/session", null], ["/x", "_csrf=new&text=a"]]);
  assert.deepEqual(adopted, ["new"]);
});

test("without a session the refusal stands", async () => {
  const { server } = page(response(401, {}), response(401, {}));
  assert.equal((await server.post("/x", [])).status, 401);
  assert.equal(server.session, "ended");
});

test("nothing is sent in the name of another user who has signed in since", async () => {
  const { server, asked, adopted } = page(response(403, CSRF), response(200, { csrf: "theirs", user: "usr_bob" }));
  assert.equal((await server.post("/x", [["text", "a"]])).status, 403);
  assert.equal(server.session, "other_user");
  assert.deepEqual([asked.length, adopted], [2, []]);
});

test("a server without /session changes nothing", async () => {
  const { server } = page(response(403, CSRF), response(404, "<html>"));
  assert.equal((await server.post("/x", [])).status, 403);
  assert.equal(server.session, "open");
});

test("a broken connection gives null, not an exception", async () => {
  const { server } = page(new TypeError("Failed to fetch"), new TypeError("Failed to fetch"));
  assert.equal(await server.post("/x", []), null);
  assert.equal(await server.renew(), false);
  assert.equal(server.session, "unreachable");
});

test("a response that is not JSON has a text and no body", async () => {
  const { server } = page(response(422, "<p id=wrong>no</p>", { headers: { "retry-after": "3" } }));
  const answer = await server.post("/x", []);
  assert.deepEqual([answer.body, answer.text, answer.after], [null, "<p id=wrong>no</p>", 3_000]);
});

test("the server's time is that of the body, not that of a proxy's header", async () => {
  const date = "Sun, 01 Feb 2026 11:00:00 GMT";
  const { server, times, time } = page(
    response(404, "", { headers: { date } }),
    response(200, { server_now: "2026-02-01T10:00:00.250Z" }, { headers: { date } }),
    response(200, {}),
  );
  const began = time.ms;
  for (let count = 0; count < 3; count += 1) await server.ask("/x");
  const served = Date.parse("2026-02-01T10:00:00.250Z");
  assert.deepEqual(times, [[served, began + 10, began + 20]]);
});
