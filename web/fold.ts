// The fold of a run's events into its row and attempts, as the daemon computes them (projections/folds/): the time
// slider shows a run as it was after any of its events. A test compares it with what `as_of` answers, byte by byte.
import { Attempt, Counts, Event, Policy, Run } from "./schema";

export interface Story {
  run: Run;
  attempts: Attempt[];
  policy: Policy | null;
  due: string | null | undefined; // From when the next attempt may be claimed; undefined if too few events tell it.
  held: Counts; // What the latest attempt reported; it becomes the run's when the run is completed.
}

function happened(event: Event): string {
  return event.occurred_at ?? event.recorded_at;
}

function isImported(event: Event): boolean {
  return event.imported === true;
}

function begin(event: Event & { kind: "requested" }): Story {
  const { data } = event;
  const id = event.run_id ?? ""; // Only events of the ledger itself are of no run and no scope.
  const run: Run = {
    run_id: id,
    id,
    workspace_id: event.workspace_id ?? "",
    tenant_id: event.tenant_id,
    type: data.type,
    status: "queued",
    outcome: "pending",
    run_identity_hash: data.identity,
    attempt: 0,
    max_attempts: data.policy.max_attempts,
    deduped_count: 0,
    initiator: data.initiator,
    reason_code: null,
    summary_counts: {},
    failure_summary: [],
    context: data.input,
    requested_at: happened(event),
    started_at: null,
    completed_at: null,
    created_at: event.recorded_at,
    updated_at: event.recorded_at,
    run_version: event.run_version,
    last_sequence: event.sequence,
    labels: data.labels ?? {},
    parent_run_id: data.parent_run_id ?? null,
    root_run_id: data.root_run_id ?? null,
    rerun_of: data.rerun_of,
    caller: event.caller ?? "system",
    imported_open: isImported(event),
    skipped_count: 0,
    traceparent: data.traceparent ?? null,
  };
  return { run, attempts: [], policy: data.policy, due: isImported(event) ? null : event.recorded_at, held: {} };
}

function complete(story: Story, outcome: Run["outcome"], at: string): void {
  const { run } = story;
  run.status = "completed";
  run.outcome = outcome;
  run.completed_at = at;
  run.imported_open = false;
  run.summary_counts = story.held;
  story.held = {};
  story.due = null;
}

function start(story: Story, event: Event & { kind: "attempt-started" }): void {
  const { run } = story;
  run.status = "running";
  if (!isImported(event)) run.imported_open = false;
  story.due = null;
  run.attempt = event.data.attempt;
  story.held = {};
  run.started_at = run.started_at ?? happened(event);
  story.attempts.push({
    attempt: event.data.attempt,
    token: event.scope_sequence,
    worker: event.data.worker,
    started_at: happened(event),
    finished_at: null,
    outcome: null,
    summary_counts: {},
    failures: [],
    late: false,
  });
}

function finish(story: Story, event: Event & { kind: "attempt-finished" }): void {
  const { run } = story;
  const { data } = event;
  const found = story.attempts.map((each) => each.attempt).lastIndexOf(data.attempt);
  if (found >= 0) {
    const { attempt, token, worker, started_at } = story.attempts[found];
    story.attempts[found] = {
      attempt, token, worker, started_at,
      finished_at: happened(event),
      outcome: data.outcome,
      summary_counts: data.summary_counts,
      failures: data.failures,
      late: data.disposition === "late",
    };
  }
  if (data.disposition === "late") return;
  story.held = data.summary_counts;
  run.failure_summary = data.failures;
  run.reason_code = data.failures.length > 0 ? data.failures[0].reason_code : null;
  if (data.disposition === "completes") {
    complete(story, data.outcome === "lost" ? "failed" : data.outcome, happened(event));
  } else if (data.disposition === "retries") {
    run.status = "queued";
    story.due = isImported(event) ? null : data.not_before;
  }
}

/** Returns the story after one more event; the one before stays as it was. */
function evolve(before: Story | null, event: Event): Story {
  if (before === null) {
    if (event.kind !== "requested") throw new Error("expected a run to begin with its request");
    return begin(event);
  }
  const story: Story = { ...before, run: { ...before.run }, attempts: [...before.attempts] };
  const { run } = story;
  switch (event.kind) {
    case "requested": // Only the first event is one.
    case "restored": // It is of no run, as are the next ones.
    case "erased":
    case "recovered":
      break;
    case "deduped":
      if (event.data.stage === "dispatch") run.deduped_count += 1;
      else run.skipped_count += 1;
      break;
    case "attempt-started":
      start(story, event);
      break;
    case "attempt-finished":
      finish(story, event);
      break;
    case "failed":
      run.reason_code = event.data.reason_code;
      if (event.data.failures.length > 0) run.failure_summary = event.data.failures;
      complete(story, event.data.outcome, happened(event));
      break;
    case "adopted":
      if (run.status === "completed") break;
      run.status = "queued";
      run.imported_open = false;
      story.due = event.recorded_at;
      break;
  }
  run.run_version = event.run_version;
  run.last_sequence = event.sequence;
  run.updated_at = event.recorded_at;
  return story;
}

/** The stories after each of the events, which begin with the run's first. */
export function storiesOf(events: Event[]): Story[] {
  const stories: Story[] = [];
  for (const event of events) stories.push(evolve(stories[stories.length - 1] ?? null, event));
  return stories;
}

/**
 * The `due` of a story whose last events are these: the ones that a run of very many events is read with. Undefined if
 * none of them says it.
 */
export function dueAfter(events: Event[]): string | null | undefined {
  for (let i = events.length - 1; i >= 0; --i) {
    const event = events[i];
    switch (event.kind) {
      case "requested": return isImported(event) ? null : event.recorded_at;
      case "adopted": return event.recorded_at;
      case "attempt-started":
      case "failed": return null;
      case "attempt-finished":
        if (event.data.disposition === "late") break;
        return event.data.disposition === "retries" && !isImported(event) ? event.data.not_before : null;
      case "deduped":
      case "restored":
      case "erased":
      case "recovered": break;
    }
  }
  return undefined;
}

export interface Change { field: string; before: string; after: string }

const kAlwaysMoves = new Set(["run_version", "last_sequence", "updated_at", "id"]);

function asText(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (typeof value === "string") return value;
  return JSON.stringify(value);
}

/** What differs between two stories of one run, field by field, without what moves with every event. */
export function changesBetween(before: Story, after: Story): Change[] {
  const changes: Change[] = [];
  const compare = (field: string, a: unknown, b: unknown) => {
    if (asText(a) !== asText(b)) changes.push({ field, before: asText(a), after: asText(b) });
  };
  for (const name of Object.keys(after.run) as (keyof Run)[]) {
    if (!kAlwaysMoves.has(name)) compare(name, before.run[name], after.run[name]);
  }
  if (before.due !== undefined && after.due !== undefined) compare("due_at", before.due, after.due);
  after.attempts.forEach((attempt, i) => {
    const old = before.attempts[i] as Attempt | undefined;
    if (old === attempt) return;
    for (const name of Object.keys(attempt) as (keyof Attempt)[]) {
      if (name !== "attempt") compare(`attempt ${attempt.attempt}: ${name}`, old?.[name], attempt[name]);
    }
  });
  return changes;
}
