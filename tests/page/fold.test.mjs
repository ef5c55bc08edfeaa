// The page's fold of a run equals what the daemon answers with `as_of`, at every version, byte for byte.
import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { endsOf } from "./built/ends.mjs";
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

// A lease so short that an attempt is lost while the test waits for it.
const kBrief = { type: "demo.brief", label: "Brief", scope: "tenant", max_attempts: 3, backoff_seconds: 1,
  lease_seconds: 1, cooldown_seconds: 0 };

// Two runs that the journal leaves open, so that the import adopts them: one waits, one has an attempt.
const kLeftOpen = [
  { kind: "requested", run: "waits", workspace: "acme", tenant: "north", type: "demo.sync", input: { open: 1 } },
  { kind: "requested", run: "works", workspace: "acme", tenant: "north", type: "demo.sync", input: { open: 2 } },
  { kind: "attempt-started", run: "works", attempt: "a1", worker: "elsewhere" },
].map((line) => `${JSON.stringify({ ...line, at: "2026-01-05T23:00:00Z" })}\n`).join("");

const folder = mkdtempSync(join(tmpdir(), "runledger-fold-"));
let daemon;
let token;
before(async () => {
  const catalog = join(folder, "catalog.json");
  writeFileSync(catalog, JSON.stringify({ types: [kBrief] }));
  daemon = await Daemon.make({ journal: journalOfTheDay() + kLeftOpen, adopt: true, options: ["--catalog", catalog] });
  token = daemon.token(["request", "work", "audit"]);
});
after(async () => {
  await daemon?.end();
  rmSync(folder, { recursive: true });
});

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

/** Expects that attempts end here when the daemon says that they do. Returns how many were compared. */
async function compareEnds(id, listed) {
  const { run, attempts, events } = await daemon.ask(token, "GET", `/v1/runs/${id}`);
  const ends = endsOf({ run, attempts }, events);
  for (const [i, attempt] of attempts.entries()) {
    const told = listed.find((each) => each.run_id === id && each.attempt === attempt.attempt);
    assert.equal(ends[i], told.ended_at, `run ${id}, attempt ${attempt.attempt}`);
  }
  return attempts.length;
}

/** Every attempt of the ledger. */
async function listAttempts() {
  const all = [];
  for (let cursor = ""; cursor !== null;) {
    const page = await daemon.ask(token, "GET", `/v1/attempts?limit=1000${cursor === "" ? "" : `&cursor=${cursor}`}`);
    all.push(...page.attempts);
    cursor = page.next_cursor;
  }
  return all;
}

/** Waits until the ledger has recorded an event of this kind of the run. */
async function recorded(id, isIt) {
  const abort = new AbortController();
  const changes = await fetch(`${daemon.url}/v1/changes?follow=1`,
    { headers: { Authorization: `Bearer ${token}` }, signal: abort.signal });
  const news = changes.body[Symbol.asyncIterator]();
  for (;;) {
    const found = (await daemon.ask(token, "GET", `/v1/runs/${id}`)).events.find(isIt);
    if (found !== undefined) return abort.abort();
    await news.next();
  }
}

const start = (id, body) => daemon.ask(token, "POST", `/v1/runs/${id}/attempts`, body);
const finish = (id, { attempt, token: fence }) => daemon.ask(token, "POST",
  `/v1/runs/${id}/attempts/${attempt}/finish`, { token: fence, outcome: "succeeded", summary_counts: { done: 7 } });
const requestOne = async (type, input) => (await daemon.ask(token, "POST", "/v1/runs",
  { workspace: "acme", tenant: "north", type, input })).run_id;

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

test("lost, late, superseded and adopted are the same at every version, and end when the daemon says", async () => {
  const lost = await requestOne(kBrief.type, { life: "lost" });
  const first = await start(lost, { worker: "silent" });
  await recorded(lost, (event) => event.kind === "attempt-finished" && event.data.outcome === "lost");
  assert.equal((await finish(lost, first)).decision, "late");
  await finish(lost, await start(lost, { worker: "next" }));

  const cancelled = await requestOne("demo.sync", { life: "cancelled" });
  const open = await start(cancelled, { worker: "slow" });
  await daemon.ask(token, "POST", `/v1/runs/${cancelled}/cancel`, {});
  assert.equal((await finish(cancelled, open)).decision, "late");

  const runs = (await daemon.ask(token, "GET", "/v1/runs?limit=1000&status=queued")).runs.map((run) => run.run_id);
  const adopted = [];
  for (const id of runs) {
    const { events } = await daemon.ask(token, "GET", `/v1/runs/${id}`);
    if (events.some((event) => event.kind === "adopted")) adopted.push(id);
  }
  assert.equal(adopted.length, 2);
  for (const id of adopted) await finish(id, await start(id, { worker: "here" }));

  const listed = await listAttempts();
  const own = [lost, cancelled, ...adopted];
  await compareAll(own);
  assert.ok(await compareEnds(lost, listed) === 2 && await compareEnds(cancelled, listed) === 1);
  for (const id of adopted) await compareEnds(id, listed);
  // One of the adopted runs had an attempt that the journal left open.
  const superseded = listed.filter((each) => adopted.includes(each.run_id) && each.outcome === null);
  assert.deepEqual(superseded.map((each) => each.worker), ["elsewhere"]);
});

test("the attempts of every imported run end when the daemon says", async () => {
  const listed = await listAttempts();
  const compared = await each(new Set(listed.map((attempt) => attempt.run_id)), (id) => compareEnds(id, listed));
  assert.ok(compared.length > 200, `${compared.length} runs`);
});

test(`${kHistories} random histories are the same at every version`, async () => {
  console.log(`seed ${seed}`);
  const ids = await each(Array.from({ length: kHistories }, (_, number) => number), live);
  const compared = await compareAll(ids);
  assert.ok(compared > 2 * kHistories, `${compared} versions`);
  console.log(`${compared} versions of ${ids.length} runs compared`);
});
