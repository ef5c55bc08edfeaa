// The types of operation: their policies, how many runs there are of each, and which have not succeeded in time.
import { h } from "preact";
import { get } from "../api";
import { duration, number } from "../format";
import { useReading } from "../reading";
import { link } from "../route";
import { Overdue, Totals, TypeEntry, Types } from "../schema";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { TableFrame } from "../parts/table_frame";
import { At } from "../parts/time";

function seconds(value: number): string {
  return value === 0 ? "none" : duration(value * 1000);
}

function Cooldown({ entry }: { entry: TypeEntry }) {
  if (entry.cooldown_seconds === 0) return <span class="none">none</span>;
  const after = entry.cooldown_after.length === 0 ? "" : ` after ${entry.cooldown_after.join(", ")}`;
  return <span>{duration(entry.cooldown_seconds * 1000)} from {entry.cooldown_from}{after}</span>;
}

/** What a request may ask for instead: the bounds that the entry names. */
function boundsOf(entry: TypeEntry): string {
  const names = Object.keys(entry).filter((name) => /_(min|max)$/.test(name) && name !== "backoff_seconds_max");
  return [...new Set(names.map((name) => name.replace(/_(min|max)$/, "")))].filter((name) => name !== "backoff")
    .join(", ");
}

function Row({ entry, runs }: { entry: TypeEntry; runs: number }) {
  const bounds = boundsOf(entry);
  return (
    <tr>
      <th scope="row">
        <a class="mono" href={link(["runs"], { type: entry.type })}>{entry.type}</a>
        {entry.label !== undefined && <div class="soft">{entry.label}</div>}
        {entry.expect_every_seconds !== undefined && (
          <div class="soft">expected every {duration(entry.expect_every_seconds * 1000)}</div>
        )}
      </th>
      <td class="num">{number(runs)}</td>
      <td class="wide-2">{entry.scope}</td>
      <td class="num wide-1">{entry.max_attempts}</td>
      <td class="num wide-1">{seconds(entry.backoff_seconds)} <span class="soft">to</span>{" "}
        {seconds(entry.backoff_max_seconds)}</td>
      <td class="num wide-1">{seconds(entry.lease_seconds)}</td>
      <td><Cooldown entry={entry} /></td>
      <td class="wide-2">
        {entry.identity_fields.length === 0 ? <span class="soft">the whole input</span>
          : <code>{entry.identity_fields.join(", ")}</code>}
      </td>
      <td class="wide-3">{bounds === "" ? <span class="none">–</span> : bounds}</td>
    </tr>
  );
}

/** The scopes in which a type has not succeeded for longer than the catalog expects. */
function OverdueNote({ overdue }: { overdue: Overdue }) {
  if (overdue.overdue_count === 0) return null;
  const left = overdue.overdue_count - overdue.overdue.length;
  return (
    <Note kind="warn" title={`Overdue in ${number(overdue.overdue_count)} of ${number(overdue.expected_count)} scopes`}>
      <ul class="plain">
        {overdue.overdue.map((each) => {
          const scope: Record<string, string> = { type: each.type, workspace: each.workspace_id };
          if (each.tenant_id !== null) scope.tenant = each.tenant_id;
          return (
            <li key={`${each.type} ${each.workspace_id} ${each.tenant_id ?? ""}`}>
              <a class="mono" href={link(["runs"], scope)}>{each.type}</a>{" "}
              {each.workspace_id}{each.tenant_id !== null && ` / ${each.tenant_id}`}{" "}
              <span class="soft">
                last success {each.last_succeeded_at === null ? "never" : <At time={each.last_succeeded_at} />},
                expected every {duration(each.expect_every_seconds * 1000)}
              </span>
            </li>
          );
        })}
      </ul>
      {left > 0 && <p class="soft">and {number(left)} more</p>}
    </Note>
  );
}

export function TypesView() {
  const types = useReading("types", (signal) => get<Types>("v1/types", {}, signal));
  const totals = useReading("stats", (signal) => get<Totals>("v1/stats", {}, signal));
  const overdue = useReading("overdue", (signal) => get<Overdue>("v1/overdue", { limit: "20" }, signal));
  const counts = totals.value?.by_type ?? {};
  const listed = types.value?.types ?? [];
  const others = Object.entries(counts).filter(([type]) => !listed.some((entry) => entry.type === type));
  return (
    <section>
      <header class="view-head"><h1 tabIndex={-1}>Types</h1></header>
      <ProblemNote reading={types} />
      {overdue.value !== null && <OverdueNote overdue={overdue.value} />}
      {types.value === null && types.problem === null && <Loading />}
      {listed.length > 0 && (
        <TableFrame>
          <table aria-label="Types of operation">
            <thead>
              <tr>
                <th scope="col">Type</th>
                <th scope="col" class="num">Runs</th>
                <th scope="col" class="wide-2">Scope</th>
                <th scope="col" class="num wide-1">Attempts</th>
                <th scope="col" class="num wide-1">Backoff</th>
                <th scope="col" class="num wide-1">Lease</th>
                <th scope="col">Cooldown</th>
                <th scope="col" class="wide-2">Identity</th>
                <th scope="col" class="wide-3" title="Parts of the policy that a request may change within bounds">
                  A request may set
                </th>
              </tr>
            </thead>
            <tbody>
              {listed.map((entry) => <Row key={entry.type} entry={entry} runs={counts[entry.type] ?? 0} />)}
            </tbody>
          </table>
        </TableFrame>
      )}
      {others.length > 0 && (
        <Note title="Types that have runs, but no entry in the catalog of this daemon">
          <ul class="plain">
            {others.map(([type, runs]) => (
              <li key={type}>
                <a class="mono" href={link(["runs"], { type })}>{type}</a> <span class="soft">{number(runs)} runs</span>
              </li>
            ))}
          </ul>
        </Note>
      )}
    </section>
  );
}
