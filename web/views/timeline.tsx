// The timeline: attempts as bars, in lanes by type, tenant or worker. Dragging over it looks closer.
import { h } from "preact";
import { useState } from "preact/hooks";
import { get } from "../api";
import { useNow } from "../clock";
import { Filter, filtersIn, kAttemptFilters, queryOf } from "../filter";
import { dayTime, duration, kStandingWords, number, scopeText, shortId, Standing } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { go, link, Route } from "../route";
import { AttemptPage, ListedAttempt } from "../schema";
import { FilterBar, useKnown } from "../parts/filter_bar";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { scaleOf } from "../parts/scale";
import { At } from "../parts/time";
import { useWidth } from "../parts/width";

const kAttempts = 1000;
const kReadEvery = 2000;
const kBar = 13;
const kRowsMost = 8; // Of bars that overlap; more are counted.
const kLeftWide = 170;
const kLeftNarrow = 96; // On the screen of a phone.
const kNarrow = 620;
const kRight = 16;
const kTickRoom = 130;

const kGroups = ["type", "tenant", "worker"] as const;
type Group = (typeof kGroups)[number];

interface Bar { attempt: ListedAttempt; from: number; to: number; row: number }
interface Lane { name: string; bars: Bar[]; rows: number; hidden: number }

function nameOf(attempt: ListedAttempt, group: Group): string {
  if (group === "type") return attempt.type;
  return group === "tenant" ? scopeText(attempt) : attempt.worker === "" ? "(no name)" : attempt.worker;
}

function standingOf(attempt: ListedAttempt): Standing {
  if (attempt.outcome !== null) return attempt.outcome;
  return attempt.ended_at === null ? "running" : "superseded";
}

/** Puts bars that overlap into rows of their lane. */
function lanesOf(attempts: ListedAttempt[], group: Group, now: number): Lane[] {
  const lanes = new Map<string, Lane>();
  const ends = new Map<string, number[]>();
  for (const attempt of [...attempts].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at))) {
    const name = nameOf(attempt, group);
    const lane = lanes.get(name) ?? { name, bars: [], rows: 0, hidden: 0 };
    const rows = ends.get(name) ?? [];
    lanes.set(name, lane);
    ends.set(name, rows);
    const from = Date.parse(attempt.started_at);
    const to = attempt.ended_at === null ? Math.max(now, from) : Date.parse(attempt.ended_at);
    let row = rows.findIndex((end) => end <= from);
    if (row < 0) row = rows.length;
    if (row >= kRowsMost) {
      lane.hidden += 1;
      continue;
    }
    rows[row] = to;
    lane.rows = Math.max(lane.rows, row + 1);
    lane.bars.push({ attempt, from, to, row });
  }
  return [...lanes.values()].sort((a, b) => a.name.localeCompare(b.name));
}

function titleOf({ attempt, from, to }: Bar): string {
  const worker = attempt.worker === "" ? "" : ` by ${attempt.worker}`;
  return `${attempt.type} ${shortId(attempt.run_id)}, attempt ${attempt.attempt}${worker}: ` +
    `${kStandingWords[standingOf(attempt)]}, ${duration(to - from)}`;
}

function Drawing({ lanes, onZoom }: { lanes: Lane[]; onZoom: (from: number, to: number) => void }) {
  const [frame, width] = useWidth();
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const left = width < kNarrow ? kLeftNarrow : kLeftWide;
  const letters = width < kNarrow ? 13 : 24;
  const bars = lanes.flatMap((lane) => lane.bars);
  const { x, timeAt, gaps } = scaleOf(bars.flatMap((bar) => [bar.from, bar.to]),
    bars.map((bar) => ({ from: bar.from, to: bar.to, isWork: true })), left, Math.max(width - kRight, left + 60));
  let top = 8;
  const tops = lanes.map((lane) => {
    const own = top;
    top += lane.rows * (kBar + 2) + 12;
    return own;
  });
  const ticks: { x: number; text: string }[] = [];
  for (const bar of [...bars].sort((a, b) => a.from - b.from)) {
    const tick = { x: x(bar.from), text: dayTime(bar.from).slice(5) };
    const isFree = ticks.length === 0 || tick.x - ticks[ticks.length - 1].x >= kTickRoom;
    if (isFree && tick.x < width - 50) ticks.push(tick);
  }
  const pixel = (event: PointerEvent) =>
    event.clientX - (event.currentTarget as Element).getBoundingClientRect().left;
  return (
    <div class="lanes alone" ref={frame}>
      {width > 0 && (
        <svg width={width} height={top + 24} role="group"
          aria-label={`${bars.length} attempts in ${lanes.length} lanes`}
          onPointerDown={(event) => setDrag({ from: pixel(event), to: pixel(event) })}
          onPointerMove={(event) => { if (drag !== null) setDrag({ ...drag, to: pixel(event) }); }}
          onPointerUp={() => {
            if (drag !== null && Math.abs(drag.to - drag.from) > 6) {
              onZoom(timeAt(Math.min(drag.from, drag.to)), timeAt(Math.max(drag.from, drag.to)));
            }
            setDrag(null);
          }}>
          {ticks.map((tick) => (
            <g key={tick.x}>
              <line x1={tick.x} y1={4} x2={tick.x} y2={top} class="grid" />
              <text x={tick.x} y={top + 17} class="tick">{tick.text}</text>
            </g>
          ))}
          {lanes.map((lane, i) => (
            <g key={lane.name}>
              <text x={8} y={tops[i] + 11} class="lane-title">
                {lane.name.length > letters ? `${lane.name.slice(0, letters - 1)}…` : lane.name}
                <title>{lane.name}</title>
              </text>
              {lane.hidden > 0 && <text x={8} y={tops[i] + 25}>and {number(lane.hidden)} that overlap</text>}
              {lane.bars.map((bar) => (
                <a key={`${bar.attempt.run_id} ${bar.attempt.attempt}`} href={link(["runs", bar.attempt.run_id])}
                  tabIndex={-1}>
                  <rect x={x(bar.from)} y={tops[i] + bar.row * (kBar + 2)} height={kBar} rx={2}
                    width={Math.max(2, x(bar.to) - x(bar.from))} class={`bar is-${standingOf(bar.attempt)}`} />
                  <title>{titleOf(bar)}</title>
                </a>
              ))}
            </g>
          ))}
          {gaps.map((gap) => {
            const middle = (x(gap.from) + x(gap.to)) / 2;
            const mark = `M${middle - 4} ${top - 5}l4 10M${middle + 1} ${top - 5}l4 10`;
            return <path key={gap.from} class="gap-mark" d={mark} />;
          })}
          <line x1={left} y1={top} x2={width - kRight} y2={top} class="axis" />
          {drag !== null && (
            <rect x={Math.min(drag.from, drag.to)} y={0} width={Math.abs(drag.to - drag.from)} height={top}
              class="chosen" />
          )}
        </svg>
      )}
    </div>
  );
}

export function TimelineView({ route }: { route: Route }) {
  const filters = filtersIn(route.query, kAttemptFilters);
  const asked = route.query.get("by") ?? "type";
  const group: Group = kGroups.find((each) => each === asked) ?? "type";
  const known = useKnown();
  const reading = useReading(`attempts ${new URLSearchParams(filters)}`, (signal) => {
    const query = queryOf(filters, kAttemptFilters, Date.now());
    query.set("limit", String(kAttempts));
    return get<AttemptPage>("v1/attempts", query, signal);
  });
  useNews(kReadEvery, reading.refresh);
  const now = useNow();
  const found = reading.value;
  const to = (changed: Filter[], by: string) => link(["timeline"], new URLSearchParams([...changed, ["by", by]]));
  const others = filters.filter(([name]) => name !== "since" && name !== "until");
  const zoom = (from: number, until: number) => go(to([...others, ["since", new Date(from).toISOString()],
    ["until", new Date(until).toISOString()]], group));
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Timeline</h1>
        <nav class="facets tabs" aria-label="What has a lane">
          {kGroups.map((each) => (
            <a key={each} class="facet" href={to(filters, each)} aria-current={each === group ? "true" : undefined}>
              by {each}
            </a>
          ))}
        </nav>
      </header>
      <FilterBar filters={filters} keys={kAttemptFilters} known={known} example="since:1h worker:w-1"
        onChange={(changed) => go(to(changed, group))} />
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.attempts.length === 0 && found.next_cursor === null && (
        <Note title="No attempt in this time"><p>No worker started anything that matches.</p></Note>
      )}
      {found !== null && found.attempts.length > 0 && (
        <div class={reading.isOld ? "is-old" : ""}>
          <Drawing lanes={lanesOf(found.attempts, group, now)} onZoom={zoom} />
          <p class="soft">
            {number(found.attempts.length)} attempts, the latest first
            {found.next_cursor !== null && found.reached !== null && (
              <span>, back to a start recorded <At time={found.reached} />; a shorter time shows the rest</span>
            )}. Drag over the bars to look closer. Stretches in which nothing ran are drawn short.
          </p>
        </div>
      )}
    </section>
  );
}
