// The overview: what was completed and how, what waits, what fails, and what is asked for again and again.
import { h } from "preact";
import { useEffect } from "preact/hooks";
import { get } from "../api";
import { timeOf, wordOf } from "../filter";
import { duration, kRuleWords, number } from "../format";
import { whenKey } from "../keys";
import { useNews } from "../live";
import { Reading, useReading } from "../reading";
import { go, link, Route } from "../route";
import { DuplicateGroups, FailureGroups, Series, Totals, TotalsOfTime } from "../schema";
import { Histogram } from "../parts/histogram";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { StandingMark } from "../parts/standing";

const kRanges = ["1h", "24h", "7d", "30d"] as const;
const kOutcomes = ["succeeded", "partially_succeeded", "cancelled", "blocked", "failed"] as const;
const kReadEvery = 3000;
const kTop = 5;

function Legend({ series }: { series: Series }) {
  return (
    <ul class="legend">
      {kOutcomes.map((outcome) => {
        const total = series.series.find((line) => line.name === outcome)?.total ?? 0;
        return <li key={outcome}><StandingMark standing={outcome} /> <strong>{number(total)}</strong></li>;
      })}
    </ul>
  );
}

function Figures({ totals, time, range }: { totals: Totals | null; time: TotalsOfTime | null; range: string }) {
  const seconds = (value: number | null | undefined) => (value == null ? "–" : duration(value * 1000));
  const deduped = Object.values(time?.deduped ?? {}).reduce((sum, each) => sum + each, 0);
  return (
    <dl class="facts">
      <div class="fact"><dt>Queued now</dt><dd><a href={link(["runs"], { status: "queued" })}>
        {totals === null ? "…" : number(totals.by_status.queued ?? 0)}</a></dd></div>
      <div class="fact"><dt>Running now</dt><dd><a href={link(["runs"], { status: "running" })}>
        {totals === null ? "…" : number(totals.by_status.running ?? 0)}</a></dd></div>
      <div class="fact"><dt>Requested</dt><dd>{time === null ? "…" : number(time.requested)}</dd></div>
      <div class="fact"><dt>Turned away</dt><dd><a href={link(["duplicates"], { since: range })}>
        {time === null ? "…" : number(deduped)}</a></dd></div>
      <div class="fact"><dt>Wait, p50 and p95</dt>
        <dd>{seconds(time?.wait.p50_seconds)} <span class="soft">and</span> {seconds(time?.wait.p95_seconds)}</dd></div>
      <div class="fact"><dt>Took, p50 and p95</dt>
        <dd>{seconds(time?.duration.p50_seconds)} <span class="soft">and</span>{" "}
          {seconds(time?.duration.p95_seconds)}</dd></div>
    </dl>
  );
}

function TopFailures({ found, range }: { found: FailureGroups | null; range: string }) {
  if (found === null) return <Loading rows={3} />;
  if (found.groups.length === 0) return <p class="soft">Nothing ended without success.</p>;
  return (
    <ol class="top-list">
      {found.groups.map((group) => (
        <li key={`${group.type} ${group.reason_code}`}>
          <a href={link(["failures"], { since: range, type: group.type, reason_code: group.reason_code })}>
            <code>{group.reason_code}</code></a>
          <span class="soft"> {group.type}</span> <strong>{number(group.count)}</strong>
        </li>
      ))}
    </ol>
  );
}

function TopDuplicates({ found }: { found: DuplicateGroups | null }) {
  if (found === null) return <Loading rows={3} />;
  if (found.groups.length === 0) return <p class="soft">Nothing was turned away.</p>;
  return (
    <ol class="top-list">
      {found.groups.slice(0, kTop).map((group) => (
        <li key={`${group.run_identity_hash} ${group.rule}`}>
          <a href={link(["identity", group.run_identity_hash])}>{group.type}</a>
          <span class="soft"> {kRuleWords[group.rule]}</span> <strong>×{number(group.count)}</strong>
        </li>
      ))}
    </ol>
  );
}

/** Those that failed, one for each reason: when the daemon is away, one note says it. */
function problemsOf(readings: Reading<unknown>[]): Reading<unknown>[] {
  const codes = readings.map((each) => each.problem?.code);
  return readings.filter((each, i) => each.problem !== null && codes.indexOf(codes[i]) === i);
}

export function OverviewView({ route }: { route: Route }) {
  const asked = route.query.get("range") ?? "24h";
  const range: string = (kRanges as readonly string[]).includes(asked) ? asked : "24h";
  const since = () => timeOf(range, Date.now()) ?? "";
  const series = useReading(`series ${range}`, (signal) =>
    get<Series>("v1/stats/series", { since: since(), by: "outcome" }, signal));
  const totals = useReading("stats", (signal) => get<Totals>("v1/stats", {}, signal));
  const time = useReading(`stats ${range}`, (signal) => get<TotalsOfTime>("v1/stats", { since: since() }, signal));
  const failures = useReading(`failures ${range}`, (signal) =>
    get<FailureGroups>("v1/failures", { since: since(), limit: kTop }, signal));
  const duplicates = useReading(`duplicates ${range}`, (signal) =>
    get<DuplicateGroups>("v1/duplicates", { since: since(), group: "identity", limit: kTop }, signal));
  useNews(kReadEvery, () => [series, totals, time, failures, duplicates].forEach((each) => each.refresh()));
  useEffect(() => whenKey({ f: () => go(link(["failures"], { since: range })) }), [range]);
  // The list of runs has no filter for the end of the time in which runs were completed, so it gets more than a bar.
  const runsOf = (from: string, until: string) => link(["runs"], { completed_since: from, until });
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Overview</h1>
        <nav class="facets tabs" aria-label="Range of time">
          {kRanges.map((each) => (
            <a key={each} class="facet" href={link([], { range: each })}
              aria-current={each === range ? "true" : undefined}>
              {each}
            </a>
          ))}
        </nav>
      </header>
      {problemsOf([series, totals, time]).map((each) => <ProblemNote key={each.problem?.code} reading={each} />)}
      <Figures totals={totals.value} time={time.value} range={range} />
      <section class="panel" aria-labelledby="head-completed">
        <h2 id="head-completed">Completed, by outcome</h2>
        {series.value === null && series.problem === null && <Loading rows={4} />}
        {series.value !== null && (
          <div class={series.isOld ? "card is-old" : "card"}>
            <Legend series={series.value} />
            <Histogram key={range} series={series.value} order={kOutcomes} wordOf={wordOf}
              label="Completed runs over time" hrefOf={runsOf}
              hrefName="Runs that were requested before its end, and completed since its start" />
          </div>
        )}
        {series.value !== null && series.value.series.length === 0 && (
          <Note title="Nothing was completed in this time"><p>The ledger recorded no end of a run.</p></Note>
        )}
      </section>
      <div class="columns">
        <section class="panel" aria-labelledby="head-causes">
          <h2 id="head-causes">Why runs failed <kbd aria-hidden="true">f</kbd></h2>
          <ProblemNote reading={failures} />
          <TopFailures found={failures.value} range={range} />
        </section>
        <section class="panel" aria-labelledby="head-again">
          <h2 id="head-again">What was asked for again</h2>
          <ProblemNote reading={duplicates} />
          <TopDuplicates found={duplicates.value} />
        </section>
      </div>
    </section>
  );
}
