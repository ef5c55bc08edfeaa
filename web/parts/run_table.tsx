// The table of runs.
import { h } from "preact";
import { Counts, Run } from "../schema";
import { countsText, scopeText, shortId, standingOf } from "../format";
import { link } from "../route";
import { TableFrame } from "./table_frame";
import { StandingMark } from "./standing";
import { Ago, Span } from "./time";

// A row has little room, and most counts of most runs are zero; the run itself shows all of them.
function notZero(counts: Counts): Counts {
  return Object.fromEntries(Object.entries(counts).filter(([, value]) => value !== 0));
}

/** The first thing to know about how it went: why it failed, or what it counted. */
function Result({ run }: { run: Run }) {
  const counts = countsText(notZero(run.progress ?? run.summary_counts));
  const message = run.failure_summary[0]?.message ?? "";
  return (
    <div class="result">
      {run.reason_code !== null && <code class="reason">{run.reason_code}</code>}
      {counts !== "" && run.reason_code === null && (
        <span class="counts">{run.progress ? "so far: " : ""}{counts}</span>
      )}
      {run.reason_code !== null && message !== "" && <span class="soft" title={message}>{message}</span>}
    </div>
  );
}

function Row({ run, showScope }: { run: Run; showScope: boolean }) {
  const isOpen = run.status !== "completed";
  return (
    <tr class={`is-${standingOf(run)}`}>
      <td class="edge"><StandingMark standing={standingOf(run)} /></td>
      <th scope="row">
        <a class="row-link" href={link(["runs", run.run_id])}>{run.type}</a>
        <span class="mono soft id">{shortId(run.run_id)}</span>
      </th>
      {showScope && <td class="wide-2 clip" title={scopeText(run)}>{scopeText(run)}</td>}
      <td class="when"><Ago time={run.requested_at} /></td>
      <td class="num wide-1">
        <Span from={run.requested_at} to={run.started_at ?? run.completed_at} grows={isOpen} />
      </td>
      <td class="num wide-1"><Span from={run.started_at} to={run.completed_at} grows={isOpen} /></td>
      <td class="num wide-2" title={`attempt ${run.attempt} of at most ${run.max_attempts}`}>
        {run.attempt}<span class="soft">/{run.max_attempts}</span>
      </td>
      <td class="num wide-1">{run.deduped_count > 0 ? `×${run.deduped_count}` : <span class="none">–</span>}</td>
      <td class="wide-1 rest"><Result run={run} /></td>
      <td class="wide-3 clip" title={run.initiator ?? ""}>{run.initiator ?? <span class="none">–</span>}</td>
    </tr>
  );
}

export function RunTable({ runs, label, isOld = false, showScope = true }: {
  runs: Run[]; label: string; isOld?: boolean; showScope?: boolean;
}) {
  return (
    <TableFrame>
      <table class={isOld ? "runs is-old" : "runs"} aria-label={label}>
        <thead>
          <tr>
            <th scope="col">Outcome</th>
            <th scope="col">Type</th>
            {showScope && <th scope="col" class="wide-2">Scope</th>}
            <th scope="col">Requested</th>
            <th scope="col" class="num wide-1" title="From the request to the first start">Wait</th>
            <th scope="col" class="num wide-1" title="From the first start to the end">Took</th>
            <th scope="col" class="num wide-2" title="The last attempt, of at most so many">Attempt</th>
            <th scope="col" class="num wide-1" title="Requests that were answered with this run">Deduped</th>
            <th scope="col" class="wide-1">Result</th>
            <th scope="col" class="wide-3">Initiator</th>
          </tr>
        </thead>
        <tbody>{runs.map((run) => <Row key={run.run_id} run={run} showScope={showScope} />)}</tbody>
      </table>
    </TableFrame>
  );
}
