// Failures by cause: type and reason code, with the shapes of their messages.
import { h } from "preact";
import { get } from "../api";
import { Filter, filtersIn, kFailureFilters, queryOf } from "../filter";
import { number } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { go, link, Route } from "../route";
import { FailureGroup, FailureGroups } from "../schema";
import { FilterBar, useKnown } from "../parts/filter_bar";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { TableFrame } from "../parts/table_frame";
import { Ago, At } from "../parts/time";

const kReadEvery = 3000;
const kShapesMost = 3; // Of a group; its runs have the others.

/** The runs of a group. Those of a journal ended long before they were recorded, so no time would find them. */
function runsOf(group: FailureGroup, filters: Filter[], since: string): string {
  const others = filters.filter(([name]) => name === "workspace" || name === "tenant");
  return link(["runs"], new URLSearchParams([...others, ["type", group.type], ["reason_code", group.reason_code],
    ["status", "completed"], ...(group.run_id === null ? [] : [["completed_since", since]])]));
}

function Shapes({ group }: { group: FailureGroup }) {
  return (
    <ul class="shapes">
      {group.shapes.slice(0, kShapesMost).map((shape) => (
        <li key={shape.shape}>
          <span class="num">{number(shape.runs)}</span>
          <span class="shape">{shape.shape === "" ? <span class="soft">no message</span> : shape.shape}</span>
          {shape.run_id !== null && <a href={link(["runs", shape.run_id])}>newest</a>}
        </li>
      ))}
    </ul>
  );
}

function Group({ group, most, filters, since }: {
  group: FailureGroup; most: number; filters: Filter[]; since: string;
}) {
  return (
    <tr class="is-failed">
      <th scope="row" class="edge">
        <a class="row-link" title="The newest run of this cause"
          href={group.run_id === null ? runsOf(group, filters, since) : link(["runs", group.run_id])}>
          <code class="reason">{group.reason_code}</code>
        </a>
        <div class="soft">{group.type}</div>
      </th>
      <td class="share">
        <svg width="100%" height="18" aria-hidden="true">
          <rect width={`${(100 * group.count) / most}%`} height="18" rx="2" class="bar is-failed" />
        </svg>
      </td>
      <td class="num"><a href={runsOf(group, filters, since)}>{number(group.count)}</a></td>
      <td class="num wide-1">{group.run_id === null ? <span class="none">–</span> : group.scopes}</td>
      <td class="when wide-1">{group.last_at === null ? "–" : <Ago time={group.last_at} />}</td>
      <td class="rest wide-1"><Shapes group={group} /></td>
    </tr>
  );
}

export function FailuresView({ route }: { route: Route }) {
  const filters = filtersIn(route.query, kFailureFilters);
  const known = useKnown();
  const key = `failures ${new URLSearchParams(filters)}`;
  const reading = useReading(key, (signal) =>
    get<FailureGroups>("v1/failures", queryOf(filters, kFailureFilters, Date.now()), signal));
  useNews(kReadEvery, reading.refresh);
  const found = reading.value;
  const most = Math.max(1, ...(found?.groups ?? []).map((group) => group.count));
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Failures</h1>
        {found !== null && (
          <span class="soft">ended without success from <At time={found.since} /> to <At time={found.until} /></span>
        )}
        <button type="button" class="quiet" onClick={reading.again}>Refresh</button>
      </header>
      <FilterBar filters={filters} keys={kFailureFilters} known={known} example="since:7d type:demo.sync"
        onChange={(to) => go(link(["failures"], new URLSearchParams(to)))} />
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.groups.length === 0 && (
        <Note title="No failure in this time"><p>Nothing ended without success.</p></Note>
      )}
      {found !== null && found.groups.length > 0 && (
        <TableFrame>
          <table class={reading.isOld ? "is-old" : ""} aria-label="Failures by cause">
            <thead>
              <tr>
                <th scope="col">Cause</th><th scope="col" class="share"><span class="unseen">Share</span></th>
                <th scope="col" class="num">Runs</th>
                <th scope="col" class="num wide-1" title="Tenants and workspaces that were hit">Scopes</th>
                <th scope="col" class="wide-1">Last</th><th scope="col" class="wide-1">Messages</th>
              </tr>
            </thead>
            <tbody>
              {found.groups.map((group) => (
                <Group key={`${group.type} ${group.reason_code}`} group={group} most={most} filters={filters}
                  since={found.since} />
              ))}
            </tbody>
          </table>
        </TableFrame>
      )}
      {found !== null && found.groups.length > 0 && (
        <p class="soft">
          Counts are exact, by when the ledger recorded the ends.{" "}
          {found.messages_of.runs === 0 ? "None of these runs ended in this time by the clock of its source, so " +
            "there are no messages to show." : (
            <span>
              Scopes, times and messages are of the newest {number(found.messages_of.runs)} of these runs
              {found.messages_of.reached !== null && <span>, back to <At time={found.messages_of.reached} /></span>}.
            </span>
          )}
          {found.left_out > 0 && ` ${number(found.left_out)} failures of rarer causes are not listed.`}
        </p>
      )}
    </section>
  );
}
