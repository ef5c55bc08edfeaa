// The page's fold of a run equals what the daemon answers with `as_of`, at every version, byte for byte.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { storiesOf } from "./built/fold.mjs";
import { Daemon, journalOfTheDay } from "./world.mjs";

const kHistories = Number(process.env.LEDGER_TESTS_HISTORIES ?? 1000);
const kAtOnce = 8;

// Each history has a generator of its own, made of its number and a seed that is printed, so a failure can be repeated.
const seed = Number(process.env.LEDGER_TESTS_SEED ?? Date.now() % 1e9);
function generator(number) {
  let state = (seed + number * 7919) % 2147483646 + 1;
  return (n) => {
    state = (state * 48271) % 2147483647;
    return (state >> 8) % n;
  };
}

let daemon;
let token;
before(async () => {
  daemon = await Daemon.make({ journal: journalOfTheDay() });
  token = daemon.token(["request", "work", "audit"]);
});
after(() => daemon.end());

/** Expects that every version of the run is the same here and there. Returns how many were compared. */
async function compare(id) {
  const now = await daemon.ask(token, "GET", `/v1/runs/${id}`);
  assert.equal(now.next_events_after, null);
  const stories = storiesOf(now.events);
  assert.equal(stories.length, now.run.run_version);
  for (const [i, event] of now.events.entries()) {
    const then = await daemon.ask(token, "GET", `/v1/runs/${id}?as_of=${event.sequence}`);
    const where = `seed ${seed}, run ${id}, version ${i + 1}`;
    assert.equal(JSON.stringify(stories[i].run), JSON.stringify(then.run), where);
    assert.equal(JSON.stringify(stories[i].attempts), JSON.stringify(then.attempts), where);
  }
  return stories.length;
}

/** Calls `act` with each of these, a few at a time, and returns what it returned. */
async function each(of, act) {
  const results = [];
  const left = [...of];
  await Promise.all(Array.from({ length: kAtOnce }, async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) results.push(await act(next));
  }));
  return results;
}

async function compareAll(ids) {
  return (await each(ids, compare)).reduce((sum, versions) => sum + versions, 0);
}

/** A random life of one run, through the interface. Refusals are part of it: they must not leave a trace. */
async function live(number) {
  const random = generator(number);
  const one = (of) => of[random(of.length)];
  const scope = { workspace: "acme", ...(random(3) === 0 ? {} : { tenant: one(["north", "south"]) }) };
  const extra = { ...(random(2) ? { initiator: "ann" } : {}), ...(random(3) ? {} : { labels: { region: "eu" } }),
    ...(random(4) ? {} : { occurred_at: "2026-01-05T08:00:00.123456Z" }) };
  const input = { number, list: [1, 2.5, null, { deep: "ü" }] };
  const request = { ...scope, type: one(["demo.sync", "orders.export"]), input, ...extra };
  const id = (await daemon.ask(token, "POST", "/v1/runs", request)).run_id;
  let open = null;
  const tryTo = async (path, body) => daemon.ask(token, "POST", path, body).catch((error) => {
    assert.match(error.message, /: (409|400) /);
    return null;
  });
  for (let steps = 1 + random(9); steps > 0; --steps) {
    const what = random(10);
    if (what < 3) {
      await tryTo("/v1/runs", { ...request, ...(random(2) ? { force: true } : {}) });
    } else if (what < 6) {
      const body = { worker: one(["w1", "w2", ""]), ...(random(3) ? {} : { respect_not_before: true }) };
      const answer = await tryTo(`/v1/runs/${id}/attempts`, body);
      if (answer !== null && answer.decision === "started") open = answer;
    } else if (what < 9 && open !== null) {
      const outcome = one(["succeeded", "partially_succeeded", "blocked", "failed", "failed", "failed", "cancelled"]);
      await tryTo(`/v1/runs/${id}/attempts/${open.attempt}/finish`, {
        token: open.token, outcome, retryable: random(4) !== 0,
        ...(random(2) ? { summary_counts: { done: random(1000), total: Number.MAX_SAFE_INTEGER } } : {}),
        ...(random(2) ? { failures: [{ reason_code: "demo.broke", message: "it broke" }] } : {}),
      });
    } else if (what === 9) {
      await tryTo(`/v1/runs/${id}/${one(["cancel", "fail"])}`, random(2) ? { reason_code: "demo.gave_up" } : {});
    }
  }
  return id;
}

test("every run of an imported day is the same at every version", async () => {
  const page = await daemon.ask(token, "GET", "/v1/runs?limit=1000");
  const compared = await compareAll(page.runs.map((run) => run.run_id));
  assert.ok(compared > 900, `${compared} versions`);
});

test(`${kHistories} random histories are the same at every version`, async () => {
  console.log(`seed ${seed}`);
  const ids = await each(Array.from({ length: kHistories }, (_, number) => number), live);
  const compared = await compareAll(ids);
  assert.ok(compared > 2 * kHistories, `${compared} versions`);
  console.log(`${compared} versions of ${ids.length} runs compared`);
});
