// Requests and starts that were answered with a run that was there already: one by one, or by identity and rule.
import { h } from "preact";
import { get } from "../api";
import { Filter, filtersIn, kDuplicateFilters, queryOf } from "../filter";
import { kRuleWords, number, scopeText, shortId } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { go, link, Route } from "../route";
import { Duplicate, DuplicateGroup, DuplicateGroups, DuplicatePage } from "../schema";
import { FilterBar, useKnown } from "../parts/filter_bar";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { Paging } from "../parts/paging";
import { TableFrame } from "../parts/table_frame";
import { Ago, At } from "../parts/time";

const kPage = 50;
const kReadEvery = 2000;

export function DuplicateTable({ duplicates, isOld = false }: { duplicates: Duplicate[]; isOld?: boolean }) {
  return (
    <TableFrame>
      <table class={isOld ? "runs is-old" : "runs"} aria-label="What was turned away, newest first">
        <thead>
          <tr>
            <th scope="col">Recorded</th><th scope="col">What</th><th scope="col">Answered with</th>
            <th scope="col" class="wide-1">By</th><th scope="col" class="wide-1">Why</th>
            <th scope="col" class="wide-2">Scope</th><th scope="col" class="wide-3">Worth asking again</th>
          </tr>
        </thead>
        <tbody>
          {duplicates.map((each) => (
            <tr key={each.sequence}>
              <td class="when"><Ago time={each.recorded_at} /></td>
              <td>{each.stage === "dispatch" ? "request" : "start"}</td>
              <th scope="row">
                <a class="row-link" href={link(["runs", each.run_id], { at: each.run_version })}>{each.type}</a>
                <span class="mono soft id">{shortId(each.run_id)}</span>
              </th>
              <td class="clip wide-1" title={each.asked_by ?? each.caller}>{each.asked_by ?? shortId(each.caller)}</td>
              <td class="rest wide-1">
                <div class="result"><span>{kRuleWords[each.rule]}</span> <code class="soft">{each.rule}</code></div>
              </td>
              <td class="clip wide-2">{scopeText(each)}</td>
              <td class="when wide-3"><At time={each.retry_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function GroupTable({ groups, isOld }: { groups: DuplicateGroup[]; isOld: boolean }) {
  return (
    <TableFrame>
      <table class={isOld ? "runs is-old" : "runs"} aria-label="Identities that were asked for again, the most first">
        <thead>
          <tr>
            <th scope="col" class="num">Times</th><th scope="col">Type</th><th scope="col">Why</th>
            <th scope="col" class="wide-1">By</th><th scope="col" class="wide-2">Scope</th>
            <th scope="col" class="wide-1">Last</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={`${group.run_identity_hash} ${group.rule}`}>
              <td class="num"><strong>{number(group.count)}</strong></td>
              <th scope="row">
                <a class="row-link" href={link(["identity", group.run_identity_hash])}>{group.type}</a>
                <span class="mono soft id">{group.run_identity_hash.slice(0, 12)}</span>
              </th>
              <td>{kRuleWords[group.rule]}</td>
              <td class="clip wide-1" title={group.initiators.join(", ")}>
                {group.initiators.length === 0 ? <span class="none">–</span> : group.initiators.join(", ")}
                {group.initiators_count > group.initiators.length &&
                  ` and ${group.initiators_count - group.initiators.length} more`}
              </td>
              <td class="clip wide-2">{scopeText(group)}</td>
              <td class="when wide-1"><Ago time={group.last_at} /></td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}

function Nothing() {
  return <Note title="Nothing was turned away"><p>Every request that matches became a run of its own.</p></Note>;
}

function Groups({ filters }: { filters: Filter[] }) {
  const reading = useReading(`groups ${new URLSearchParams(filters)}`, (signal) => {
    const query = queryOf(filters, kDuplicateFilters, Date.now());
    query.set("group", "identity");
    return get<DuplicateGroups>("v1/duplicates", query, signal);
  });
  useNews(kReadEvery, reading.refresh);
  const found = reading.value;
  return (
    <div>
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.groups.length === 0 && <Nothing />}
      {found !== null && found.groups.length > 0 && <GroupTable groups={found.groups} isOld={reading.isOld} />}
      {found !== null && found.groups.length > 0 && (
        <p class="soft">
          The newest {number(found.counted)}, {number(found.groups_count)} identities and rules
          {found.reached !== null && <span>, back to <At time={found.reached} /></span>}.
        </p>
      )}
    </div>
  );
}

function Feed({ filters, cursor }: { filters: Filter[]; cursor: string | null }) {
  const reading = useReading(`feed ${new URLSearchParams(filters)} ${cursor ?? ""}`, (signal) => {
    const query = queryOf(filters, kDuplicateFilters, Date.now());
    query.set("limit", String(kPage));
    if (cursor !== null) query.set("cursor", cursor);
    return get<DuplicatePage>("v1/duplicates", query, signal);
  });
  useNews(kReadEvery, reading.refresh);
  const found = reading.value;
  return (
    <div>
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.duplicates.length > 0 && (
        <DuplicateTable duplicates={found.duplicates} isOld={reading.isOld} />
      )}
      {found !== null && found.duplicates.length === 0 && found.next_cursor === null && <Nothing />}
      {found !== null && (
        <Paging search={found} count={found.duplicates.length} limit={kPage} cursor={cursor} path={["duplicates"]}
          filters={filters} />
      )}
    </div>
  );
}

export function DuplicatesView({ route }: { route: Route }) {
  const filters = filtersIn(route.query, kDuplicateFilters);
  const isGrouped = route.query.get("by") === "identity";
  const known = useKnown();
  const to = (changed: Filter[], grouped: boolean) =>
    link(["duplicates"], new URLSearchParams(grouped ? [...changed, ["by", "identity"]] : changed));
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Duplicates</h1>
        <nav class="facets tabs" aria-label="How duplicates are shown">
          <a class="facet" href={to(filters, false)} aria-current={isGrouped ? undefined : "true"}>one by one</a>
          <a class="facet" href={to(filters, true)} aria-current={isGrouped ? "true" : undefined}>by identity</a>
        </nav>
      </header>
      <FilterBar filters={filters} keys={kDuplicateFilters} known={known} example="rule:cooldown since:24h"
        onChange={(changed) => go(to(changed, isGrouped))} />
      {isGrouped ? <Groups filters={filters} /> : <Feed filters={filters} cursor={route.query.get("cursor")} />}
    </section>
  );
}
