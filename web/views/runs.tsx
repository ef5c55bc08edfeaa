// The list of runs, newest first.
import { h } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { get } from "../api";
import { Filter, filtersIn, kRunFilters, queryOf, wordOf } from "../filter";
import { number } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { go, link, Route } from "../route";
import { Run, RunPage, Totals } from "../schema";
import { announce } from "../parts/announce";
import { CopyAs } from "../parts/copy_as";
import { FilterBar, useKnown } from "../parts/filter_bar";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { Paging } from "../parts/paging";
import { RunTable } from "../parts/run_table";
import { SavedViews } from "../parts/saved";
import { useSession } from "../session";

const kPage = 50;

// Each is a filter of its own, and none two at once: the list can answer these at any time.
const kFacets: readonly (readonly [string, string])[] = [
  ["status", "queued"], ["status", "running"], ["outcome", "succeeded"], ["outcome", "partially_succeeded"],
  ["outcome", "failed"], ["outcome", "blocked"], ["outcome", "cancelled"],
];

const kReadEvery = 1000; // Milliseconds; however fast runs change, the list is read again no more often.

interface Shown {
  key: string;
  page: RunPage;
  newer: Run[];
  isReplaced: boolean; // The next page takes its place, whatever it has.
}

/** Rows that are on screen change in their place; new ones wait until somebody wants them, so that nothing moves. */
function joined(shown: Shown | null, key: string, page: RunPage): Shown {
  const isNew = shown === null || shown.key !== key || shown.isReplaced || shown.page.runs.length === 0;
  if (isNew) return { key, page, newer: [], isReplaced: false };
  const fresh = new Map(page.runs.map((run) => [run.run_id, run]));
  const runs = shown.page.runs.map((run) => fresh.get(run.run_id) ?? run);
  const known = new Set(runs.map((run) => run.run_id));
  const first = page.runs.findIndex((run) => known.has(run.run_id));
  const newer = page.runs.slice(0, first < 0 ? page.runs.length : first);
  return { key, page: { ...shown.page, runs }, newer, isReplaced: false };
}

/** Rows on screen that a newer page has no more, because of their state or of newer runs, and that may have changed. */
function strays(shown: Shown, page: RunPage, changed: ReadonlySet<string> | null): string[] {
  const fresh = new Set(page.runs.map((run) => run.run_id));
  return shown.page.runs.filter((run) => !fresh.has(run.run_id))
    .filter((run) => (changed === null ? run.status !== "completed" : changed.has(run.run_id)))
    .map((run) => run.run_id);
}

function withRows(shown: Shown | null, runs: Run[]): Shown | null {
  if (shown === null) return null;
  const fresh = new Map(runs.map((run) => [run.run_id, run]));
  return { ...shown, page: { ...shown.page, runs: shown.page.runs.map((run) => fresh.get(run.run_id) ?? run) } };
}

async function readRows(ids: string[], signal: AbortSignal): Promise<Run[]> {
  const pages = await Promise.all(ids.map((id) =>
    get<RunPage>("v1/runs", { id_prefix: id, view: "summary", limit: 1 }, signal)));
  return pages.flatMap((page) => page.runs);
}

function Facets({ filters }: { filters: Filter[] }) {
  const others = filters.filter(([name]) => name !== "status" && name !== "outcome");
  // The totals know neither times nor what was typed beyond scope and type, so no number is shown that would be wrong.
  const canCount = others.every(([name]) => ["workspace", "tenant", "type"].includes(name));
  const query = queryOf(others, kRunFilters, 0);
  const totals = useReading(canCount ? `stats?${query}` : null, (signal) => get<Totals>("v1/stats", query, signal));
  useNews(2 * kReadEvery, totals.refresh);
  const counted = canCount && totals.value !== null ? totals.value : null;
  const chosen = filters.filter(([name]) => name === "status" || name === "outcome");
  const facet = (name: string | null, value: string, count: number | undefined) => {
    const isChosen = name === null ? chosen.length === 0 : chosen.length === 1 && chosen[0][0] === name &&
      chosen[0][1] === value;
    const to = link(["runs"], new URLSearchParams(name === null ? others : [...others, [name, value]]));
    return (
      <a key={value} href={to} class={`facet is-${value}`} aria-current={isChosen ? "true" : undefined}>
        {wordOf(value)}{count !== undefined && <span class="facet-count">{number(count)}</span>}
      </a>
    );
  };
  return (
    <nav class="facets" aria-label="Runs by how they stand">
      {facet(null, "all", counted?.runs)}
      {kFacets.map(([name, value]) => facet(name, value,
        counted === null ? undefined : (name === "status" ? counted.by_status : counted.by_outcome)[value] ?? 0))}
    </nav>
  );
}

function NothingYet({ filtered, clear }: { filtered: boolean; clear: string }) {
  if (filtered) {
    return (
      <Note title="No run matches">
        <p>All runs that you may see were looked at. <a href={clear}>Remove the filters</a></p>
      </Note>
    );
  }
  return (
    <Note title="No runs yet">
      <p>The first one is one command away:</p>
      <pre class="command">
        {`curl ${location.origin}/v1/runs -H "Authorization: Bearer $TOKEN" \\\n` +
          "     -H 'Content-Type: application/json' \\\n" +
          "     -d '{\"workspace\":\"acme\",\"tenant\":\"north\",\"type\":\"demo.sync\",\"input\":{\"n\":1}}'"}
      </pre>
    </Note>
  );
}

export function RunsView({ route }: { route: Route }) {
  const { session } = useSession();
  const filters = filtersIn(route.query, kRunFilters);
  const cursor = route.query.get("cursor");
  const address = link(["runs"], new URLSearchParams(filters));
  const key = `${address} ${cursor ?? ""}`;
  const reading = useReading(key, (signal) => {
    const query = queryOf(filters, kRunFilters, Date.now());
    query.set("view", "summary");
    query.set("limit", String(kPage));
    if (cursor !== null) query.set("cursor", cursor);
    return get<RunPage>("v1/runs", query, signal);
  });
  const known = useKnown();
  const [shown, setShown] = useState<Shown | null>(null);
  const changed = useRef<Set<string> | null>(new Set()); // Null: nobody knows which.
  useNews(kReadEvery, (runs) => {
    if (runs.size === 0) changed.current = null;
    runs.forEach((run) => changed.current?.add(run));
    reading.refresh();
  });
  useEffect(() => {
    if (reading.value === null) return undefined;
    const now = joined(shown, key, reading.value);
    setShown(now);
    const ids = strays(now, reading.value, changed.current);
    changed.current = new Set();
    if (ids.length === 0) return undefined;
    const abort = new AbortController();
    let isRead = false;
    readRows(ids, abort.signal).then((runs) => {
      isRead = true;
      setShown((before) => withRows(before, runs));
    }, () => undefined);
    return () => {
      abort.abort();
      if (!isRead) ids.forEach((id) => changed.current?.add(id)); // The next read makes up for it.
    };
  }, [reading.value]);
  const showNewest = () => {
    if (shown !== null) setShown({ ...shown, isReplaced: true });
    reading.again();
  };
  // While the daemon is away, the last rows stay, unless they answer another question than the one that is asked now.
  const isForeign = shown?.key !== key;
  const isRefused = reading.problem !== null && (!reading.problem.passes || isForeign);
  const page = isRefused ? null : shown?.page ?? null;
  const isOther = (isForeign || shown?.isReplaced || reading.isOld) && reading.problem === null;
  useEffect(() => {
    if (page !== null && !isOther) announce(`${page.runs.length} runs${page.next_cursor === null ? "" : " and more"}`);
  }, [page, isOther]);

  const change = (to: Filter[]) => go(link(["runs"], new URLSearchParams(to)));
  const older = page?.next_cursor ?? null;
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Runs</h1>
        <SavedViews />
        <span class="push" />
        <CopyAs runs={page?.runs ?? []} query={queryOf(filters, kRunFilters, Date.now())} />
        <button type="button" class="quiet" onClick={showNewest} title="Read again">Refresh</button>
      </header>
      <FilterBar filters={filters} keys={kRunFilters} known={known} example="outcome:failed since:24h"
        onChange={change} />
      <Facets filters={filters} />
      <ProblemNote reading={reading} />
      {page === null && reading.problem === null && <Loading />}
      {shown !== null && !isForeign && shown.newer.length > 0 && cursor === null && (
        <p class="newer"><button type="button" class="pill" onClick={showNewest}>
          {shown.newer.length === kPage ? `${kPage} or more newer` : `${shown.newer.length} newer`}
        </button></p>
      )}
      {page !== null && page.runs.length > 0 && (
        <RunTable runs={page.runs} label="Runs, newest first" isOld={isOther || reading.problem !== null}
          showScope={session?.tenant_id == null} />
      )}
      {page !== null && page.runs.length === 0 && older === null && !isOther && (
        <NothingYet filtered={filters.length > 0 || cursor !== null} clear={link(["runs"])} />
      )}
      {page !== null && !isOther && (
        <Paging search={page} count={page.runs.length} limit={kPage} cursor={cursor} path={["runs"]}
          filters={filters} />
      )}
    </section>
  );
}

