// The timeline: attempts as bars, in lanes by type, tenant or worker. Dragging over it looks closer.
import { h } from "preact";
import { useRef, useState } from "preact/hooks";
import { get } from "../api";
import { useNow } from "../clock";
import { Filter, filtersIn, kAttemptFilters, queryOf, timeOf } from "../filter";
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
const kDragLeast = 6; // Pixels; less is a click.

const kGroups = ["type", "tenant", "worker"] as const;
type Group = (typeof kGroups)[number];

interface Bar { attempt: ListedAttempt; from: number; to: number; row: number }
interface Range { from: number; to: number } // A part of the time, of which alone the bars are drawn.
interface Lane { name: string; bars: Bar[]; rows: number; hidden: number }

function nameOf(attempt: ListedAttempt, group: Group): string {
  if (group === "type") return attempt.type;
  return group === "tenant" ? scopeText(attempt) : attempt.worker === "" ? "(no name)" : attempt.worker;
}

function standingOf(attempt: ListedAttempt): Standing {
  if (attempt.outcome !== null && !attempt.late) return attempt.outcome;
  return isOpen(attempt) ? "running" : "superseded";
}

/** The daemon looks for the end of an attempt among the events after its start; among very many it may not find it. */
function isOpen(attempt: ListedAttempt): boolean {
  return attempt.ended_at === null && attempt.run_status === "running";
}

function endOf(attempt: ListedAttempt, now: number): number {
  const from = Date.parse(attempt.started_at);
  return Math.max(from, attempt.ended_at !== null ? Date.parse(attempt.ended_at) : isOpen(attempt) ? now : from);
}

function isWithin(attempt: ListedAttempt, range: Range, now: number): boolean {
  return Date.parse(attempt.started_at) <= range.to && endOf(attempt, now) >= range.from;
}

/** Puts bars that overlap into rows of their lane, and cuts them at the ends of the range. */
function lanesOf(attempts: ListedAttempt[], group: Group, now: number, range: Range | null): Lane[] {
  const lanes = new Map<string, Lane>();
  const ends = new Map<string, number[]>();
  for (const attempt of [...attempts].sort((a, b) => Date.parse(a.started_at) - Date.parse(b.started_at))) {
    const name = nameOf(attempt, group);
    const lane = lanes.get(name) ?? { name, bars: [], rows: 0, hidden: 0 };
    const rows = ends.get(name) ?? [];
    lanes.set(name, lane);
    ends.set(name, rows);
    const from = Math.max(Date.parse(attempt.started_at), range?.from ?? -Infinity);
    const to = Math.min(endOf(attempt, now), range?.to ?? Infinity);
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

function titleOf({ attempt }: Bar, now: number): string {
  const worker = attempt.worker === "" ? "" : ` by ${attempt.worker}`;
  const isUnknown = attempt.ended_at === null && !isOpen(attempt);
  const length = endOf(attempt, now) - Date.parse(attempt.started_at);
  return `${attempt.type} ${shortId(attempt.run_id)}, attempt ${attempt.attempt}${worker}: ` +
    `${kStandingWords[standingOf(attempt)]}, ${isUnknown ? "when is not known" : duration(length)}`;
}

function Drawing({ lanes, now, onZoom }: { lanes: Lane[]; now: number; onZoom: (range: Range) => void }) {
  const [frame, width] = useWidth();
  const [drag, setDrag] = useState<{ from: number; to: number } | null>(null);
  const isDragged = useRef(false); // A click that ends a drag opens nothing.
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
          onPointerDown={(event) => {
            isDragged.current = false;
            if (event.button === 0) setDrag({ from: pixel(event), to: pixel(event) });
          }}
          onPointerMove={(event) => {
            if (drag === null) return;
            setDrag({ ...drag, to: pixel(event) });
            if (isDragged.current || Math.abs(pixel(event) - drag.from) <= kDragLeast) return;
            isDragged.current = true;
            event.currentTarget.setPointerCapture(event.pointerId); // It may leave the drawing, and end elsewhere.
          }}
          onPointerUp={() => {
            if (drag !== null && isDragged.current) {
              onZoom({ from: timeAt(Math.min(drag.from, drag.to)), to: timeAt(Math.max(drag.from, drag.to)) });
            }
            setDrag(null);
          }}
          onPointerCancel={() => setDrag(null)}
          onDragStart={(event) => event.preventDefault()}
          onClickCapture={(event) => { if (isDragged.current) event.preventDefault(); }}>
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
                  <title>{titleOf(bar, now)}</title>
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

/**
 * The filters that keep the chosen attempts on screen. When there are more attempts than one answer holds, newer ones
 * would push them out, so they are named by when the ledger recorded their starts: a journal is recorded long after it
 * happened.
 */
function narrowed(filters: Filter[], chosen: ListedAttempt[], isPart: boolean): Filter[] {
  if (!isPart) return filters;
  const recorded = chosen.map((attempt) => Date.parse(attempt.recorded_at));
  const others = filters.filter(([name]) => name !== "since" && name !== "until");
  const first = new Date(Math.min(...recorded)).toISOString();
  const last = new Date(Math.max(...recorded) + 1).toISOString(); // The millisecond after it: `recorded` is cut.
  return [...others, ["since", first], ["until", last]];
}

/** The range in the address: from=TIME and to=TIME. */
function rangeIn(query: URLSearchParams, now: number): Range | null {
  const [from, to] = ["from", "to"].map((name) => Date.parse(timeOf(query.get(name) ?? "", now) ?? ""));
  return from < to ? { from, to } : null;
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
  const range = rangeIn(route.query, now);
  const drawn = (found?.attempts ?? []).filter((attempt) => range === null || isWithin(attempt, range, now));
  const to = (changed: Filter[], by: string, part: Range | null) => link(["timeline"], new URLSearchParams([
    ...changed, ["by", by], ...(part === null ? [] : [["from", new Date(part.from).toISOString()],
      ["to", new Date(part.to).toISOString()]])]));
  const zoom = (part: Range) => {
    const chosen = drawn.filter((attempt) => isWithin(attempt, part, now));
    if (chosen.length > 0) go(to(narrowed(filters, chosen, found?.next_cursor !== null), group, part));
  };
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Timeline</h1>
        <nav class="facets tabs" aria-label="What has a lane">
          {kGroups.map((each) => (
            <a key={each} class="facet" href={to(filters, each, range)}
              aria-current={each === group ? "true" : undefined}>
              by {each}
            </a>
          ))}
        </nav>
      </header>
      <FilterBar filters={filters} keys={kAttemptFilters} known={known} example="since:1h worker:w-1"
        onChange={(changed) => go(to(changed, group, null))} />
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.attempts.length === 0 && found.next_cursor === null && (
        <Note title="No attempt in this time"><p>No worker started anything that matches.</p></Note>
      )}
      {range !== null && (
        <p class="as-of">
          From <At time={new Date(range.from).toISOString()} /> to <At time={new Date(range.to).toISOString()} /> alone.
          {" "}<a href={to(filters, group, null)}>Show all of the time</a>
        </p>
      )}
      {found !== null && found.attempts.length > 0 && drawn.length === 0 && (
        <Note title="No attempt in this part of the time" />
      )}
      {found !== null && drawn.length > 0 && (
        <div class={reading.isOld ? "is-old" : ""}>
          <Drawing lanes={lanesOf(drawn, group, now, range)} now={now} onZoom={zoom} />
          <p class="soft">
            {number(drawn.length)} attempts, the latest first
            {found.next_cursor !== null && found.reached !== null && (
              <span>, back to a start recorded <At time={found.reached} />; a shorter time shows the rest</span>
            )}. Drag over the bars to look closer. Stretches in which nothing ran are drawn short.
          </p>
        </div>
      )}
    </section>
  );
}
