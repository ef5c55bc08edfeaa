// One identity: all its runs on one axis, every request that was turned away, and what a request would get now.
import { h } from "preact";
import { useRef, useState } from "preact/hooks";
import { ask, get, Problem } from "../api";
import { useNow } from "../clock";
import { clockTime, dayTime, duration, kRuleWords, kStandingWords, number, shortId, standingOf } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { link } from "../route";
import { Duplicate, DuplicatePage, Explanation, Run, RunPage, RunStory } from "../schema";
import { has, useSession } from "../session";
import { Copy } from "../parts/copy";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { RunTable } from "../parts/run_table";
import { scaleOf } from "../parts/scale";
import { useWidth } from "../parts/width";
import { DuplicateTable } from "./duplicates";

const kRuns = 40;
const kDuplicates = 200;
const kReadEvery = 2000;
const kLane = 22;
const kTop = 14;
const kLeft = 84;
const kRight = 16;
const kTickRoom = 130;

function at(time: string): number {
  return Date.parse(time);
}

/** Oldest first, a lane each: the wait thin, the work thick, and ticks for requests that the run answered. */
function Axis({ runs, duplicates }: { runs: Run[]; duplicates: Duplicate[] }) {
  const [frame, width] = useWidth();
  const now = useNow();
  const lanes = [...runs].reverse();
  const endOf = (run: Run) => (run.completed_at === null ? now : at(run.completed_at));
  const away = duplicates.map((each) => ({ ...each, when: at(each.occurred_at ?? each.recorded_at) }));
  const times = [...lanes.flatMap((run) => [at(run.requested_at), at(run.started_at ?? run.requested_at), endOf(run)]),
    ...away.map((each) => each.when)];
  const work = lanes.map((run) => ({ from: at(run.started_at ?? run.requested_at), to: endOf(run), isWork: true }));
  const { x } = scaleOf(times, work, kLeft, Math.max(width - kRight, kLeft + 60));
  const bottom = kTop + lanes.length * kLane;
  const ticks: { x: number; text: string }[] = [];
  for (const run of lanes) {
    const tick = { x: x(at(run.requested_at)), text: dayTime(run.requested_at).slice(5) };
    const isFree = ticks.length === 0 || tick.x - ticks[ticks.length - 1].x >= kTickRoom;
    if (isFree && tick.x < width - 60) ticks.push(tick);
  }
  return (
    <div class="lanes alone" ref={frame}>
      {width > 0 && (
        <svg width={width} height={bottom + 26} role="group"
          aria-label={`${lanes.length} runs and ${away.length} requests that were turned away`}>
          {ticks.map((tick) => (
            <g key={tick.x}>
              <line x1={tick.x} y1={4} x2={tick.x} y2={bottom} class="grid" />
              <text x={Math.max(tick.x, 44)} y={bottom + 17} class="tick">{tick.text}</text>
            </g>
          ))}
          {lanes.map((run, lane) => {
            const top = kTop + lane * kLane;
            const started = x(at(run.started_at ?? run.requested_at));
            const standing = standingOf(run);
            return (
              <a key={run.run_id} href={link(["runs", run.run_id])} aria-label={`run ${shortId(run.run_id)}`}>
                <text x={kLeft - 10} y={top + 12} class="lane-name mono">{shortId(run.run_id)}</text>
                <rect x={x(at(run.requested_at))} y={top + 5} height={6} class="bar-wait"
                  width={Math.max(1, started - x(at(run.requested_at)))} />
                <rect x={started} y={top} height={16} rx={2} class={`bar is-${standing}`}
                  width={Math.max(3, x(endOf(run)) - started)} />
                <title>{`${kStandingWords[standing]}, ${duration(endOf(run) - at(run.requested_at))}`}</title>
              </a>
            );
          })}
          {away.map((each) => {
            const lane = lanes.findIndex((run) => run.run_id === each.run_id);
            if (lane < 0) return null;
            const top = kTop + lane * kLane - 2;
            return (
              <line key={each.sequence} x1={x(each.when)} y1={top} x2={x(each.when)} y2={top + 20} class="mark-away">
                <title>{`${clockTime(each.when)}: ${kRuleWords[each.rule]}`}</title>
              </line>
            );
          })}
          <line x1={kLeft} y1={bottom} x2={width - kRight} y2={bottom} class="axis" />
        </svg>
      )}
    </div>
  );
}

const kWouldBe: Record<Explanation["would_be"], string> = {
  requested: "It would become a new run.",
  deduped: "It would be turned away",
  rejected: "It would be refused",
};

function Explained({ answer }: { answer: Explanation }) {
  const rule = answer.rule === null ? "" : (kRuleWords as Record<string, string>)[answer.rule] ?? answer.rule;
  return (
    <div role="status">
      <p><strong>{kWouldBe[answer.would_be]}{rule === "" ? "" : `: ${rule}.`}</strong></p>
      <p class="soft">
        {answer.run_id !== null && <span>Answered with <a class="mono" href={link(["runs", answer.run_id])}>
          {shortId(answer.run_id)}</a>. </span>}
        {answer.retry_after !== null && answer.retry_after > 0 &&
          `Worth asking again in ${duration(answer.retry_after * 1000)}. `}
        {answer.cooldown_until !== null && `The cooldown ends ${dayTime(answer.cooldown_until)}. `}
        Identity <span class="mono">{answer.identity.slice(0, 12)}</span>.
      </p>
    </div>
  );
}

/** What a request would get now, for the input of the newest run or one that somebody changes. */
function ExplainForm({ run }: { run: Run }) {
  const [text, setText] = useState(JSON.stringify(run.context ?? {}, null, 2));
  const [answer, setAnswer] = useState<Explanation | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const submit = async (event: Event) => {
    event.preventDefault();
    setAnswer(null);
    setProblem(null);
    try {
      const input: unknown = JSON.parse(text);
      setAnswer(await ask<Explanation>("v1/explain", {
        workspace: run.workspace_id, ...(run.tenant_id === null ? {} : { tenant: run.tenant_id }), type: run.type,
        input,
      }));
    } catch (error) {
      setProblem(error instanceof Problem ? `${error.message} (${error.code})` : `expected JSON: ${String(error)}`);
    }
  };
  return (
    <form onSubmit={submit} class="explain">
      <label>Input <textarea class="mono" rows={6} spellcheck={false} value={text}
        onInput={(event) => setText(event.currentTarget.value)} /></label>
      <div><button type="submit" class="primary">What would it get now?</button></div>
      {problem !== null && <p class="problem" role="alert">{problem}</p>}
      {answer !== null && <Explained answer={answer} />}
    </form>
  );
}

export function IdentityView({ identity }: { identity: string }) {
  const { session } = useSession();
  const runs = useReading(`runs of ${identity}`, (signal) =>
    get<RunPage>("v1/runs", { identity, view: "summary", limit: kRuns }, signal));
  const duplicates = useReading(`duplicates of ${identity}`, (signal) =>
    get<DuplicatePage>("v1/duplicates", { identity, limit: kDuplicates }, signal));
  const newest = runs.value?.runs[0] ?? null;
  // The form begins with the input of one run, and keeps what the user types when a newer run comes.
  const model = useRef<string | null>(null);
  model.current ??= newest?.run_id ?? null;
  const story = useReading(model.current === null ? null : `run ${model.current}`, (signal) =>
    get<RunStory>(`v1/runs/${model.current}`, {}, signal));
  useNews(kReadEvery, () => { runs.refresh(); duplicates.refresh(); });
  const found = runs.value;
  const away = duplicates.value?.duplicates ?? [];
  return (
    <section>
      <p class="crumbs"><a href={link(["duplicates"], { by: "identity" })}>Duplicates by identity</a></p>
      <header class="view-head">
        <h1 tabIndex={-1}>{newest?.type ?? "Identity"}</h1>
        <span class="mono soft whole-id">{identity.slice(0, 24)}…</span> <Copy text={identity} label="the identity" />
      </header>
      <ProblemNote reading={runs} />
      {found === null && runs.problem === null && <Loading />}
      {found !== null && found.runs.length === 0 && found.next_cursor === null && (
        <Note title="No run has this identity"><p>Not one that this token may see.</p></Note>
      )}
      {found !== null && found.runs.length > 0 && (
        <div>
          <section class="panel" aria-labelledby="head-axis">
            <h2 id="head-axis">
              {found.next_cursor === null ? "All its runs" : `Its newest ${number(found.runs.length)} runs`}
            </h2>
            <Axis runs={found.runs} duplicates={away} />
          </section>
          {story.value !== null && has(session, "request") && (
            <section class="panel" aria-labelledby="head-explain">
              <h2 id="head-explain">A request now</h2>
              <ExplainForm run={story.value.run} />
            </section>
          )}
          <section class="panel" aria-labelledby="head-runs">
            <h2 id="head-runs">Runs</h2>
            <RunTable runs={found.runs} label="Runs of the identity, newest first" showScope={false} />
            {found.next_cursor !== null && <p><a href={link(["runs"], { identity })}>All of them</a></p>}
          </section>
        </div>
      )}
      <ProblemNote reading={duplicates} />
      {away.length > 0 && (
        <section class="panel" aria-labelledby="head-duplicates">
          <h2 id="head-duplicates">Turned away</h2>
          <DuplicateTable duplicates={away} />
          {duplicates.value?.next_cursor != null && (
            <p><a href={link(["duplicates"], { identity })}>All of them</a></p>
          )}
        </section>
      )}
    </section>
  );
}
