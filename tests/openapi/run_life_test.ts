// A run's whole life through a client that is generated from the OpenAPI document, against a real daemon.
//
// That this file compiles under strict types is the first half of the test: bodies are written as a user would write
// them, and answers are read without a cast. The arguments are the daemon's program and the document.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, before, test } from "node:test";

import { checkedClient, type Document, type RunledgerClient, type Schemas } from "./checked_client.js";
import { Daemon } from "./daemon.js";

const [program, documentPath] = process.argv.slice(2);
assert(program !== undefined && documentPath !== undefined, "expected two arguments: the program and the document");
const document = JSON.parse(readFileSync(documentPath, "utf8")) as Document;
const type = "assignments.fetch";

let daemon: Daemon;
let client: RunledgerClient;

before(async () => {
  daemon = await Daemon.start(program);
  client = checkedClient(daemon.url, document, daemon.issueToken(["request", "work", "audit"], "north"));
});
after(() => daemon.end());

// Returns the data of an answer, which must not be a refusal.
function need<Data>(answer: { data?: Data; error?: unknown }): NonNullable<Data> {
  assert(answer.data !== undefined && answer.data !== null, `expected data, found ${JSON.stringify(answer.error)}`);
  return answer.data;
}

async function request(policy: string, ofType = type): Promise<string> {
  const input = { policy_ids: [policy], page: 1 };
  const body: Schemas["RequestRun"] = { type: ofType, input, labels: { team: "blue" } };
  return need(await client.POST("/v1/runs", { body })).run_id;
}

async function start(id: string): Promise<{ id: string; n: number; token: number }> {
  const path = { id };
  const { attempt, token } = need(
    await client.POST("/v1/runs/{id}/attempts", { params: { path }, body: { worker: "w-1" } }),
  );
  assert(attempt !== null && token !== null);
  return { id, n: attempt, token };
}

async function show(id: string): Promise<Schemas["RunStory"]> {
  return need(await client.GET("/v1/runs/{id}", { params: { path: { id } } }));
}

async function streamedText(stream: ReadableStream<Uint8Array>, until: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  const reader = stream.getReader();
  while (!text.includes(until)) {
    const { done, value } = await reader.read();
    assert(!done, `expected the stream to go on, found its end after ${text}`);
    text += decoder.decode(value, { stream: true });
  }
  await reader.cancel();
  return text;
}

test("an equal request is deduplicated", async () => {
  const body = { type, input: { policy_ids: ["twice"] } };
  const first = await client.POST("/v1/runs", { body, params: { header: { "Idempotency-Key": randomUUID() } } });
  const second = await client.POST("/v1/runs", { body });
  assert.deepEqual([first.response.status, second.response.status], [201, 200]);
  assert.equal(need(second).rule, "active_run");
  assert.equal(need(second).run_id, need(first).run_id);
});

test("an attempt is started, kept alive and finished", async () => {
  const { id, n, token } = await start(await request("whole"));
  const path = { id, n };
  const alive = need(await client.POST("/v1/runs/{id}/attempts/{n}/heartbeat", { params: { path }, body: { token } }));
  assert.equal(alive.decision, "alive");
  const finish: Schemas["FinishAttempt"] = {
    token,
    outcome: "partially_succeeded",
    summary_counts: { total: 2, failed: 1, unlisted: 1 },
    failures: [{ reason_code: "graph.throttled", message: "429 after 5 tries" }, { reason_code: "graph.gone" }],
  };
  const finished = need(
    await client.POST("/v1/runs/{id}/attempts/{n}/finish", { params: { path }, body: finish }),
  );
  assert.equal(finished.outcome, "partially_succeeded");
  assert.deepEqual(finished.warnings?.map((warning) => warning.path), ["summary_counts.unlisted"]);

  const { run, attempts, events } = await show(id);
  assert.deepEqual(run.context?.["policy_ids"], ["whole"]);
  assert.deepEqual(run.summary_counts, { failed: 1, total: 2 });
  assert.equal(run.labels["team"], "blue");
  assert.equal(attempts[0]?.outcome, "partially_succeeded");
  for (const event of events) {
    if (event.kind === "requested") assert.equal(event.data.input["page"], 1);
    if (event.kind === "attempt-started") assert.equal(event.data.worker, "w-1");
    if (event.kind === "attempt-finished") assert.equal(event.data.summary_counts["failed"], 1);
  }
  assert.deepEqual(events.map((event) => event.kind), ["requested", "attempt-started", "attempt-finished"]);
});

test("a run is claimed, and retried after a failure", async () => {
  const id = await request("claimed", "demo.claimed");
  const claimed = need(await client.POST("/v1/claims", { body: { types: ["demo.claimed"], worker: "w-2" } }));
  assert.equal(claimed.run_id, id);
  assert.deepEqual(claimed.input["policy_ids"], ["claimed"]);
  assert(claimed.attempt !== null && claimed.token !== null);
  const path = { id, n: claimed.attempt };
  const body = { token: claimed.token, outcome: "failed" } as const;
  const failed = need(await client.POST("/v1/runs/{id}/attempts/{n}/finish", { params: { path }, body }));
  assert.equal(failed.status, "queued");
  assert.equal((await show(id)).run.outcome, "pending");
});

test("a worker that has only the input starts by identity", async () => {
  const body: Schemas["StartByIdentity"] = { type, input: { policy_ids: ["own queue"] }, worker: "w-3" };
  const startAs = (starter: string) =>
    client.POST("/v1/attempts", { body, params: { header: { "Runledger-Starter": starter } } });
  const [first, second] = [await startAs("process-1"), await startAs("process-2")];
  assert.deepEqual([first.response.status, second.response.status], [201, 200]);
  const started = need(first);
  assert.equal(started.decision, "started");
  assert.equal(started.warnings, undefined);
  assert.equal(need(second).rule, "attempt_active");
  assert.equal(need(second).run_id, started.run_id);
  assert(started.attempt !== null && started.token !== null);
  const path = { id: started.run_id, n: started.attempt };
  const finish = { token: started.token, outcome: "succeeded" } as const;
  const finished = need(await client.POST("/v1/runs/{id}/attempts/{n}/finish", { params: { path }, body: finish }));
  assert.equal(finished.status, "completed");
  assert.equal(need(await startAs("process-3")).rule, "cooldown");
});

test("an answer says from where to read on", async () => {
  const requested = need(await client.POST("/v1/runs", { body: { type, input: { policy_ids: ["read on"] } } }));
  const { run_id: id, run_version: version, position } = requested;
  assert.equal((await show(id)).run.run_version, version);
  assert(position !== null);
  await client.POST("/v1/runs/{id}/cancel", { params: { path: { id } } });
  const page = await client.GET("/v1/events", { params: { query: { after: position } }, parseAs: "text" });
  const events = need(page).trim().split("\n").map((line) => JSON.parse(line) as Schemas["Event"]);
  assert.deepEqual(events.map((event) => [event.kind, event.run_version]), [["failed", version + 1]]);
  const mirror = await client.GET("/v1/mirror", { params: { query: { position, wait_seconds: 1 } } });
  assert.equal(mirror.error?.code, "mirror.absent");
  const rebuilt = await client.POST("/v1/mirror/rebuild", { params: { query: { dry_run: 1 } } });
  assert.equal(rebuilt.error?.code, "access.denied");
  const other = checkedClient(daemon.url, document, daemon.issueToken(["audit"], "south"));
  const foreign = await other.GET("/v1/events", { params: { query: { after: position } }, parseAs: "text" });
  assert.equal(foreign.error?.code, "position.invalid");
});

test("a claim finds no run", async () => {
  const { data, response } = await client.POST("/v1/claims", { body: { types: ["nothing.due"], wait_seconds: 0 } });
  assert.equal(data, undefined);
  assert.equal(response.status, 204);
});

test("a run is cancelled, and another one failed", async () => {
  const [first, second] = [await request("cancelled"), await request("failed")];
  const cancelled = need(await client.POST("/v1/runs/{id}/cancel", { params: { path: { id: first } } }));
  assert.equal(cancelled.outcome, "cancelled");
  const body = { reason_code: "operator.gave_up", message: "no longer needed", initiator: "ann" };
  const failed = need(await client.POST("/v1/runs/{id}/fail", { params: { path: { id: second } }, body }));
  assert.equal(failed.outcome, "failed");
  const ended = (await show(second)).events.at(-1);
  assert(ended?.kind === "failed");
  assert.equal(ended.data.reason_code, "operator.gave_up");
});

test("runs are listed page by page", async () => {
  await request("listed-1");
  await request("listed-2");
  const query = { type: [type], status: ["queued" as const], limit: 1 };
  const first = need(await client.GET("/v1/runs", { params: { query } }));
  assert.equal(first.runs.length, 1);
  assert(first.next_cursor !== null);
  const next = need(await client.GET("/v1/runs", { params: { query: { ...query, cursor: first.next_cursor } } }));
  assert.notEqual(next.runs[0]?.run_id, first.runs[0]?.run_id);
});

test("duplicates are listed, counted and explained", async () => {
  const id = await request("doubled");
  assert.equal(await request("doubled"), id);
  const body: Schemas["RequestRun"] = { type, input: { policy_ids: ["doubled"], page: 1 } };
  const explained = need(await client.POST("/v1/explain", { body }));
  assert.equal(explained.would_be, "deduped");
  const page = need(await client.GET("/v1/duplicates", { params: { query: { rule: ["active_run"], limit: 1 } } }));
  assert("duplicates" in page);
  assert.equal(page.duplicates[0]?.run_id, id);
  const counted = need(await client.GET("/v1/duplicates", { params: { query: { group: "identity" } } }));
  assert("groups" in counted);
  assert(counted.groups.some((group) => group.run_id === id && group.count === 1));
  const why = need(await client.GET("/v1/runs/{id}/why", { params: { path: { id } } }));
  assert(["due", "in_line"].includes(why.reason));
});

test("totals and types have names of their own", async () => {
  const totals = need(await client.GET("/v1/stats", { params: { query: { type: [type] } } }));
  assert("runs" in totals, "a time was not asked for");
  assert.equal(totals.by_type[type], totals.runs);
  assert((totals.events.by_kind["requested"] ?? 0) > 0);
  const { types } = need(await client.GET("/v1/types"));
  assert.deepEqual(types.find((each) => each.type === type)?.identity_fields, ["policy_ids", "policy_type"]);
});

test("events are read as lines and as a stream", async () => {
  const id = await request("followed");
  const path = { id };
  const lines = need(await client.GET("/v1/runs/{id}/events", { params: { path }, parseAs: "text" })).trim();
  const event = JSON.parse(lines) as Schemas["Event"];
  assert(event.kind === "requested");
  const page = await client.GET("/v1/events", { params: { query: { after: 0, limit: 1 } }, parseAs: "text" });
  assert.equal(page.response.headers.get("Runledger-Next-After"), "1");
  const following = { params: { query: { follow: 1, after: event.sequence - 1 } }, parseAs: "stream" } as const;
  const stream = (await client.GET("/v1/events", following)).data;
  assert(stream);
  assert.match(await streamedText(stream, "\n\n"), new RegExp(`id: *${event.sequence}\n`));
});

test("a refusal is a problem with a code", async () => {
  const unknown = await client.GET("/v1/runs/{id}", { params: { path: { id: randomUUID() } } });
  assert.equal(unknown.error?.code, "run.not_found");
  const invalid = await client.POST("/v1/runs", { body: { type: "Not A Type" } });
  assert.equal(invalid.error?.status, 400);
  // @ts-expect-error The document has no such outcome.
  const outcome: Schemas["FinishAttempt"] = { token: 1, outcome: "done" };
  // @ts-expect-error A count is a number.
  const counts: Schemas["Counts"] = { total: "2" };
  assert(outcome && counts);
});

test("the daemon serves the document, and says how it is", async () => {
  const anonymous = checkedClient(daemon.url, document);
  assert.deepEqual(need(await anonymous.GET("/openapi.json")), document);
  assert.equal(need(await anonymous.GET("/healthz")).status, "alive");
  assert.equal(need(await anonymous.GET("/readyz")).status, "ready");
  assert.equal((await anonymous.GET("/v1/types")).error?.code, "access.unauthenticated");
  const operator = checkedClient(daemon.url, document, daemon.issueToken(["operate"]));
  assert.match(need(await operator.GET("/metrics", { parseAs: "text" })), /^# HELP /m);
});
