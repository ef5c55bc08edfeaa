// The lanes of a run: its wait, each attempt, the pauses between them, what was turned away, and the cooldown.
import { h } from "preact";
import { useNow } from "../clock";
import { endsOf, standingOfAttempt } from "../ends";
import { Story } from "../fold";
import { Standing, clockTime, duration, kRuleWords, kStandingWords } from "../format";
import { Attempt, Event } from "../schema";
import { scaleOf, Stretch } from "./scale";
import { useWidth } from "./width";

const kLane = 26;
const kTop = 40; // The lane of requests.
const kLeft = 84;
const kRight = 16;
const kAttemptsMost = 24;
const kTickRoom = 96;

interface Bar extends Stretch { lane: number; kind: "wait" | "backoff" | "work"; standing: Standing; title: string }

function time(text: string): number {
  return Date.parse(text);
}

/** When the cooldown of a completed run ends; null when it has none. */
function cooldownEnd({ run, policy }: Story): number | null {
  if (policy === null || run.completed_at === null || policy.cooldown_seconds === 0) return null;
  const after: string[] = policy.cooldown_after; // Empty: after any outcome.
  if (after.length > 0 && !after.includes(run.outcome)) return null;
  const from = policy.cooldown_from === "request" ? run.requested_at : run.completed_at;
  return time(from) + policy.cooldown_seconds * 1000;
}

/** The waiting before `to`: a pause up to `due`, and then the time in which nobody came. */
function waiting(lane: number, from: number, due: number | null, to: number, into: Bar[]): void {
  const split = due === null ? from : Math.min(Math.max(due, from), to);
  const add = (kind: "wait" | "backoff", a: number, b: number, word: string) => {
    if (b > a) {
      into.push({ lane, kind, from: a, to: b, isWork: false, standing: "queued", title: `${word} ${duration(b - a)}` });
    }
  };
  add("backoff", from, split, "pause before the retry");
  add("wait", split, to, "waited");
}

function barsOf(story: Story, events: Event[], now: number): Bar[] {
  const { run, attempts } = story;
  const bars: Bar[] = [];
  const ends = endsOf(story, events);
  const shown = attempts.slice(-kAttemptsMost);
  const skipped = attempts.length - shown.length;
  const due = new Map<number, number>();
  for (const event of events) {
    if (event.kind === "attempt-finished" && event.data.not_before !== null)
      due.set(event.data.attempt, time(event.data.not_before));
  }
  let free = skipped === 0 ? time(run.requested_at) : time(ends[skipped - 1] ?? shown[0].started_at);
  shown.forEach((attempt, lane) => {
    const started = time(attempt.started_at);
    waiting(lane, free, due.get(attempt.attempt - 1) ?? null, started, bars);
    const end = ends[skipped + lane];
    const to = Math.max(started, end === null ? now : time(end));
    const standing = standingOfAttempt(attempt, end);
    const worker = attempt.worker === "" ? "" : ` by ${attempt.worker}`;
    const late = attempt.late && attempt.outcome !== null ? `, reported late: ${kStandingWords[attempt.outcome]}` : "";
    bars.push({
      lane, kind: "work", from: started, to, isWork: true, standing,
      title: `attempt ${attempt.attempt}${worker}: ${kStandingWords[standing]}, ${duration(to - started)}${late}`,
    });
    free = to;
  });
  if (run.status === "queued") {
    waiting(shown.length, free, story.due == null ? null : time(story.due), Math.max(now, free), bars);
  }
  return bars;
}

interface Mark { at: number; count: number; title: string }

/** Marks closer than a few pixels become one, with their number. */
function gathered(marks: { time: number; title: string }[], x: (time: number) => number): Mark[] {
  const out: Mark[] = [];
  for (const { time: when, title } of marks) {
    const at = x(when);
    const last = out[out.length - 1];
    if (last !== undefined && at - last.at < 9) {
      last.count += 1;
      last.title = `${last.count} requests or starts that were turned away`;
    } else {
      out.push({ at, count: 1, title });
    }
  }
  return out;
}

function turnedAway(events: Event[]): { time: number; title: string }[] {
  return events.flatMap((event) => event.kind !== "deduped" ? [] : [{
    time: time(event.occurred_at ?? event.recorded_at),
    title: `${event.data.stage === "dispatch" ? "request" : "start"} turned away: ${kRuleWords[event.data.rule]}`,
  }]);
}

/** `until`: the moment that a past view ends with; null while it is the present. */
export function Lanes({ story, events, until }: { story: Story; events: Event[]; until: string | null }) {
  const [frame, width] = useWidth();
  const ticking = useNow();
  const { run } = story;
  const now = until === null ? ticking : time(until);
  const bars = barsOf(story, events, now);
  const away = turnedAway(events);
  const asked = time(run.requested_at);
  const cool = cooldownEnd(story);
  const done = run.completed_at === null ? null : time(run.completed_at);
  const times = [asked, ...bars.flatMap((bar) => [bar.from, bar.to]), ...away.map((each) => each.time)];
  if (done !== null) times.push(done);
  if (cool !== null) times.push(cool);
  if (times.every((each) => each === times[0])) times.push(times[0] + 1000);
  const { x, gaps } = scaleOf(times, bars, kLeft, Math.max(width - kRight, kLeft + 60));
  const lanes = Math.max(1, ...bars.map((bar) => bar.lane + 1));
  const bottom = kTop + lanes * kLane;
  const first = story.attempts.length - Math.min(story.attempts.length, kAttemptsMost);
  const nameOf = (lane: number) => {
    const attempt = story.attempts[first + lane] as Attempt | undefined;
    return attempt === undefined ? "waiting" : `attempt ${attempt.attempt}`;
  };
  const ticks: { at: number; text: string }[] = [];
  for (const each of [...new Set(times)].sort((a, b) => a - b)) {
    const at = x(each);
    const isFree = ticks.length === 0 || at - ticks[ticks.length - 1].at >= kTickRoom;
    if (isFree && at <= width - kRight - 24) {
      ticks.push({ at, text: each === asked ? clockTime(each) : `+${duration(each - asked)}` });
    }
  }
  const summary = `${story.attempts.length} attempts, ${away.length} turned away; ` +
    bars.filter((bar) => bar.kind === "work").map((bar) => bar.title).join("; ");

  return (
    <div class="lanes" ref={frame}>
      {first > 0 && <p class="soft">The first {first} attempts are not drawn; the table has them.</p>}
      {width > 0 && (
        <svg width={width} height={bottom + 26} role="img" aria-label={summary}>
          <defs>
            <pattern id="hatch" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
              <line x1="0" y1="0" x2="0" y2="6" class="hatch-line" />
            </pattern>
          </defs>
          {ticks.map((tick) => (
            <g key={tick.at}>
              <line x1={tick.at} y1={8} x2={tick.at} y2={bottom} class="grid" />
              <text x={tick.at} y={bottom + 17} class="tick">{tick.text}</text>
            </g>
          ))}
          {cool !== null && done !== null && cool > done && (
            <g>
              <rect x={x(done)} y={12} width={Math.max(1, x(cool) - x(done))} height={18} class="cooldown" />
              <text x={x(done) + 6} y={25} class="lane-note">
                {x(cool) - x(done) > 130 ? `cooldown ${duration(cool - done)}` : ""}
              </text>
              <title>{`the same request is turned away until ${clockTime(cool)}`}</title>
            </g>
          )}
          <text x={kLeft - 10} y={25} class="lane-name">requests</text>
          <line x1={kLeft} y1={21} x2={width - kRight} y2={21} class="grid" />
          <circle cx={x(asked)} cy={21} r={5} class="mark-asked"><title>requested</title></circle>
          {gathered(away, x).map((mark) => (
            <g key={mark.at}>
              <line x1={mark.at} y1={12} x2={mark.at} y2={30} class="mark-away"><title>{mark.title}</title></line>
              {mark.count > 1 && <text x={mark.at + 4} y={15} class="lane-note">×{mark.count}</text>}
            </g>
          ))}
          {Array.from({ length: lanes }, (_, lane) => (
            <text key={lane} x={kLeft - 10} y={kTop + lane * kLane + 17} class="lane-name">{nameOf(lane)}</text>
          ))}
          {bars.map((bar) => {
            const left = x(bar.from);
            const wide = Math.max(bar.kind === "work" ? 3 : 1, x(bar.to) - left);
            const top = kTop + bar.lane * kLane + (bar.kind === "work" ? 4 : 10);
            const text = duration(bar.to - bar.from);
            return (
              <g key={`${bar.lane} ${bar.kind}`}>
                {bar.kind === "backoff" && (
                  <rect x={left} y={top} width={wide} height={6} fill="url(#hatch)" class="bar-backoff" />
                )}
                {bar.kind !== "backoff" && (
                  <rect x={left} y={top} width={wide} height={bar.kind === "work" ? 18 : 6} rx={2}
                    class={bar.kind === "work" ? `bar is-${bar.standing}` : "bar-wait"} />
                )}
                {bar.kind === "work" && wide > 64 && <text x={left + 7} y={top + 13} class="bar-text">{text}</text>}
                {bar.kind === "work" && wide <= 64 && (
                  <text x={left + wide + 60 < width ? left + wide + 6 : left - 6} y={top + 13}
                    class={left + wide + 60 < width ? "lane-note" : "lane-note at-end"}>{text}</text>
                )}
                <title>{bar.title}</title>
              </g>
            );
          })}
          {gaps.map((gap) => {
            const middle = (x(gap.from) + x(gap.to)) / 2;
            return (
              <g key={gap.from} class="gap">
                <path d={`M${middle - 4} ${bottom - 5}l4 10M${middle + 1} ${bottom - 5}l4 10`} />
                <title>{`${duration(gap.to - gap.from)} in which nothing ran, drawn short`}</title>
              </g>
            );
          })}
          <line x1={kLeft} y1={bottom} x2={width - kRight} y2={bottom} class="axis" />
        </svg>
      )}
    </div>
  );
}
