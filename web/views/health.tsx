// Whether the daemon can do its work, how far its parts are, and who looks.
import { h, ComponentChildren } from "preact";
import { get, Problem } from "../api";
import { number } from "../format";
import { Reading, useReading } from "../reading";
import { link } from "../route";
import { Overdue, Status, Totals } from "../schema";
import { useSession } from "../session";
import { Loading, ProblemNote } from "../parts/notes";
import { At } from "../parts/time";

function Part({ name, state, children }: { name: string; state: "good" | "bad" | "warn" | "plain";
  children: ComponentChildren; }) {
  const word = { good: "in order", bad: "not in order", warn: "behind", plain: "" }[state];
  return (
    <div class={`part is-${state}`}>
      <dt>{name}</dt>
      <dd>{word !== "" && <strong>{word}</strong>} {children}</dd>
    </div>
  );
}

function Mirror({ reading, isKept }: { reading: Reading<Status>; isKept: boolean }) {
  if (!isKept) return <Part name="Mirror in Postgres" state="plain">this daemon keeps none</Part>;
  if (reading.value !== null && reading.problem === null) {
    return <Part name="Mirror in Postgres" state="good">it has everything that was acknowledged</Part>;
  }
  if (reading.problem === null) return <Part name="Mirror in Postgres" state="plain">being asked</Part>;
  const isBehind = reading.problem.code === "mirror.behind";
  return (
    <Part name="Mirror in Postgres" state={isBehind ? "warn" : "bad"}>
      {reading.problem.message} <code>{reading.problem.code}</code>
    </Part>
  );
}

function Expected({ reading }: { reading: Reading<Overdue> }) {
  const { value, problem } = reading;
  const name = "Expected successes";
  if (value === null) return <Part name={name} state="plain">{problem?.message ?? "being asked"}</Part>;
  if (value.expected_count === 0) return <Part name={name} state="plain">the catalog expects none</Part>;
  const scopes = value.expected_count === 1 ? "scope" : "scopes";
  if (value.overdue_count === 0) {
    return <Part name={name} state="good">in {number(value.expected_count)} {scopes}</Part>;
  }
  return (
    <Part name={name} state="bad">
      <a href={link(["types"])}>overdue in {number(value.overdue_count)}</a> of {number(value.expected_count)} {scopes}
    </Part>
  );
}

function readyText(problem: Problem | null): string {
  return problem === null ? "it can do all of its work" : problem.message;
}

export function HealthView() {
  const { session } = useSession();
  const ready = useReading("ready", (signal) => get<Status>("readyz", {}, signal));
  const totals = useReading("stats", (signal) => get<Totals>("v1/stats", {}, signal));
  const isKept = session?.features.includes("mirror") ?? false;
  const mirror = useReading(isKept ? "mirror" : null, (signal) => get<Status>("v1/mirror", {}, signal));
  const overdue = useReading("overdue", (signal) => get<Overdue>("v1/overdue", { limit: "1" }, signal));
  const all = totals.value;
  if (session === null) return <Loading />;
  const scope = session.workspace_id === null ? "the whole ledger"
    : `${session.workspace_id}${session.tenant_id === null ? "" : ` / ${session.tenant_id}`}`;
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Health</h1>
        <button type="button" class="quiet" onClick={() => { ready.again(); totals.again(); mirror.again();
            overdue.again(); }}>
          Refresh
        </button>
      </header>
      <dl class="parts">
        <Part name="Daemon" state={ready.problem !== null ? "bad" : ready.value === null ? "plain" : "good"}>
          {ready.value === null && ready.problem === null ? "being asked" : readyText(ready.problem)}
        </Part>
        <Part name="Rows" state={totals.problem !== null ? "warn" : all === null ? "plain" : "good"}>
          {all === null ? totals.problem?.message ?? "being asked" : `they show all ${number(all.head)} events`}
        </Part>
        <Mirror reading={mirror} isKept={isKept} />
        <Expected reading={overdue} />
      </dl>
      {totals.problem !== null && <ProblemNote reading={totals} />}
      {all !== null && (
        <dl class="facts">
          <div class="fact"><dt>Runs</dt><dd>{number(all.runs)}</dd></div>
          <div class="fact"><dt>Queued</dt><dd>{number(all.by_status.queued ?? 0)}</dd></div>
          <div class="fact"><dt>Running</dt><dd>{number(all.by_status.running ?? 0)}</dd></div>
          <div class="fact"><dt>Attempts</dt><dd>{number(all.attempts)}</dd></div>
          <div class="fact"><dt>Events</dt><dd>{number(all.events.total)}</dd></div>
        </dl>
      )}
      <section class="panel" aria-labelledby="head-you">
        <h2 id="head-you">This token</h2>
        <dl class="facts">
          <div class="fact"><dt>Sees</dt><dd>{scope}</dd></div>
          <div class="fact"><dt>May</dt><dd>{["read", ...session.rights].join(", ")}</dd></div>
          <div class="fact"><dt>Token</dt><dd class="mono">{session.caller}</dd></div>
          <div class="fact"><dt>Ends</dt><dd>{session.expires_at === null ? "never by itself"
            : <At time={session.expires_at} />}</dd></div>
          <div class="fact"><dt>Program</dt><dd>runledger {session.version}</dd></div>
          {session.ledger_id !== null && (
            <div class="fact"><dt>Ledger</dt><dd class="mono">{session.ledger_id}</dd></div>
          )}
        </dl>
      </section>
    </section>
  );
}
