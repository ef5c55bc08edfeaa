// One run: how it went, why, and how it was after each of its events.
import { h, Fragment, ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { get, getLines, Problem } from "../api";
import { endsOf, standingOfAttempt } from "../ends";
import { dueAfter, storiesOf, Story } from "../fold";
import { counted, countsText, kStandingWords, scopeText, shortId, standingOf } from "../format";
import { whenKey } from "../keys";
import { useNews } from "../live";
import { Reading, useReading } from "../reading";
import { go, link, Route } from "../route";
import { Event, Policy, Run, RunStory } from "../schema";
import { has, useSession } from "../session";
import { Copy } from "../parts/copy";
import { AskAgainDialog, CancelDialog, FailDialog } from "../parts/dialog";
import { EventList, TurnedAway } from "../parts/events";
import { JsonView } from "../parts/json";
import { Lanes } from "../parts/lanes";
import { Loading, ProblemNote } from "../parts/notes";
import { TimeSlider } from "../parts/slider";
import { TableFrame } from "../parts/table_frame";
import { StandingMark } from "../parts/standing";
import { Ago, At, Span } from "../parts/time";
import { Why } from "../parts/why";

const kReadEvery = 500; // Milliseconds; however fast the run changes, it is read again no more often.

interface Shown {
  story: Story;
  events: Event[]; // Of a long run, the first and the last.
  event: Event; // The one after which the run stood like this.
  next: Event | null;
  after: Story | null;
}

/** A run whose events are all here is folded here. */
function foldedAt(events: Event[], stories: Story[], at: number, newest: RunStory): Shown {
  const story = at === newest.run.run_version ? { ...stories[at - 1], run: newest.run } : stories[at - 1];
  return {
    story, events: events.slice(0, at), event: events[at - 1], next: events[at] ?? null, after: stories[at] ?? null,
  };
}

/** Of a longer one, the daemon folds what the slider asks for. */
async function readAt(id: string, at: number, signal: AbortSignal): Promise<Shown> {
  const [events] = await getLines<Event>(`v1/runs/${id}/events`, { after: at - 1, limit: 2 }, signal);
  const [event, next] = events;
  const read = (of: Event) => get<RunStory>(`v1/runs/${id}`, { as_of: of.sequence }, signal);
  const [here, then] = await Promise.all([read(event), next === undefined ? null : read(next)]);
  return { ...storyOf(here), event, next: next ?? null, after: then === null ? null : storyOf(then).story };
}

function storyOf(read: RunStory): Shown {
  const events = [...read.events, ...read.last_events];
  const isWhole = read.next_events_after === null;
  const story: Story = {
    run: read.run, attempts: read.attempts, policy: policyOf(read.events), held: {},
    due: dueAfter(isWhole ? events : read.last_events),
  };
  return { story, events, event: events[events.length - 1], next: null, after: null };
}

function policyOf(events: Event[]): Policy | null {
  return events[0]?.kind === "requested" ? events[0].data.policy : null;
}

function Fact({ name, children, isWide = false }: { name: string; children: ComponentChildren; isWide?: boolean }) {
  return <div class={isWide ? "fact is-wide" : "fact"}><dt>{name}</dt><dd>{children}</dd></div>;
}

function RunLink({ id }: { id: string }) {
  return <a class="mono" href={link(["runs", id])}>{shortId(id)}</a>;
}

function Facts({ run, until }: { run: Run; until: string | null }) {
  const isOpen = run.status !== "completed";
  const labels = Object.entries(run.labels);
  const counts = countsText(run.progress ?? run.summary_counts);
  return (
    <dl class="facts">
      <Fact name="Scope">{scopeText(run)}</Fact>
      <Fact name="Requested">
        <At time={run.requested_at} /> <span class="soft"><Ago time={run.requested_at} /></span>
      </Fact>
      <Fact name="Waited">
        <Span from={run.requested_at} to={run.started_at ?? run.completed_at} grows={isOpen} until={until} />
      </Fact>
      <Fact name="Took"><Span from={run.started_at} to={run.completed_at} grows={isOpen} until={until} /></Fact>
      <Fact name="Attempts">{run.attempt} <span class="soft">of at most {run.max_attempts}</span></Fact>
      <Fact name="Deduped">
        {run.deduped_count} <span class="soft">requests</span>, {run.skipped_count} <span class="soft">starts</span>
      </Fact>
      <Fact name="Initiator">{run.initiator ?? <span class="none">–</span>}</Fact>
      <Fact name="Caller"><span class="mono">{run.caller.length > 20 ? shortId(run.caller) : run.caller}</span></Fact>
      {counts !== "" && <Fact name={run.progress ? "So far" : "Counts"}>{counts}</Fact>}
      <Fact name="Identity">
        <a class="mono" title="All runs of this identity  d" href={link(["identity", run.run_identity_hash])}>
          {run.run_identity_hash.slice(0, 12)}
        </a>{" "}
        <Copy text={run.run_identity_hash} label="the identity" />
      </Fact>
      {run.parent_run_id !== null && <Fact name="Parent"><RunLink id={run.parent_run_id} /></Fact>}
      {run.root_run_id !== null && run.root_run_id !== run.parent_run_id && (
        <Fact name="Root"><RunLink id={run.root_run_id} /></Fact>
      )}
      {run.rerun_of !== null && <Fact name="Repeats"><RunLink id={run.rerun_of} /></Fact>}
      {run.traceparent !== null && <Fact name="Trace"><span class="mono">{run.traceparent.slice(3, 35)}</span></Fact>}
      {labels.length > 0 && (
        <Fact name="Labels" isWide>
          {labels.map(([name, value]) => (
            <span key={name} class="label"><span class="soft">{name}</span> {value}</span>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Failures({ run }: { run: Run }) {
  if (run.reason_code === null && run.failure_summary.length === 0) return null;
  const isOver = run.status === "completed";
  return (
    <div class={`cause is-${standingOf(run)}`}>
      <p>
        {isOver ? `${kStandingWords[run.outcome]}: ` : "the latest attempt failed: "}
        {run.reason_code !== null && <code class="reason">{run.reason_code}</code>}
      </p>
      <ul>
        {run.failure_summary.map((failure, i) => (
          <li key={i}><code>{failure.reason_code}</code> {failure.message}</li>
        ))}
      </ul>
    </div>
  );
}

function AttemptTable({ story, events, until }: { story: Story; events: Event[]; until: string | null }) {
  const { attempts } = story;
  if (attempts.length === 0) return <p class="soft">No attempt yet.</p>;
  const ends = endsOf(story, events);
  return (
    <TableFrame>
      <table aria-label="Attempts">
        <thead>
          <tr>
            <th scope="col" class="num">No.</th><th scope="col">Outcome</th><th scope="col">Worker</th>
            <th scope="col" class="wide-1">Started</th><th scope="col" class="num">Took</th>
            <th scope="col" class="num wide-2">Token</th><th scope="col">Result</th>
          </tr>
        </thead>
        <tbody>
          {attempts.map((attempt, i) => {
            const standing = standingOfAttempt(attempt, ends[i]);
            return (
              <tr key={attempt.attempt} class={`is-${standing}`}>
                <td class="num edge">{attempt.attempt}</td>
                <td>
                  <StandingMark standing={standing} />
                  {attempt.late && attempt.outcome !== null && (
                    <span class="tag">reported late: {kStandingWords[attempt.outcome]}</span>
                  )}
                </td>
                <td class="clip" title={attempt.worker}>{attempt.worker === "" ? "–" : attempt.worker}</td>
                <td class="when wide-1"><At time={attempt.started_at} /></td>
                <td class="num">
                  <Span from={attempt.started_at} to={ends[i]} grows={ends[i] === null} until={until} />
                </td>
                <td class="num wide-2">{attempt.token}</td>
                <td>
                  <div class="result">
                    {attempt.failures.map((failure, j) => (
                      <span key={j}><code class="reason">{failure.reason_code}</code> {failure.message}</span>
                    ))}
                    <span class="counts">{countsText(attempt.summary_counts)}</span>
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </TableFrame>
  );
}

/** Between the first and the last events of a long run are others, which are read when somebody wants them. */
function AllEvents({ id, read, at, hrefOf }: {
  id: string; read: RunStory; at: number; hrefOf: (version: number) => string;
}) {
  const [middle, setMiddle] = useState<Event[]>([]);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const first = [...read.events, ...middle];
  const from = first[first.length - 1]?.run_version ?? 0;
  const until = read.last_events[0]?.run_version ?? read.run.run_version + 1;
  const left = until - from - 1;
  const more = async () => {
    setBusy(true);
    setProblem(null);
    try {
      const [events] = await getLines<Event>(`v1/runs/${id}/events`, { after: from, limit: 500 });
      setMiddle([...middle, ...events.filter((event) => event.run_version < until)]);
    } catch (error) {
      setProblem(error instanceof Problem ? error.message : String(error));
    }
    setBusy(false);
  };
  return (
    <Fragment>
      <EventList events={first} attempts={read.attempts} at={at} hrefOf={hrefOf} />
      {left > 0 && (
        <p class="more">
          <button type="button" disabled={busy} onClick={more}>Show {Math.min(left, 500)} of {left} more events</button>
          {problem !== null && <span class="problem" role="alert"> {problem}</span>}
        </p>
      )}
      <EventList events={read.last_events} attempts={read.attempts} at={at} hrefOf={hrefOf} />
    </Fragment>
  );
}

/** Says that what is above it lacks the middle of a very long run. */
function Unseen({ count, what }: { count: number; what: string }) {
  if (count === 0) return null;
  return (
    <p class="soft">
      What {counted(count, "event", "events")} between the first and the last of this run turned away is not {what}
      here; the list of events has it.
    </p>
  );
}

type Doing = "cancel" | "fail" | "again" | null;

function Actions({ run, onDone }: { run: Run; onDone: () => void }) {
  const { session } = useSession();
  const [doing, setDoing] = useState<Doing>(null);
  const isOpen = run.status !== "completed";
  const close = () => setDoing(null);
  const props = { run, onClose: close, onDone };
  return (
    <div class="actions">
      {has(session, "request") && !isOpen && (
        <button type="button" onClick={() => setDoing("again")}>Ask again…</button>
      )}
      {has(session, "work") && isOpen && <button type="button" onClick={() => setDoing("fail")}>Fail…</button>}
      {has(session, "request") && isOpen && <button type="button" onClick={() => setDoing("cancel")}>Cancel…</button>}
      {doing === "cancel" && <CancelDialog {...props} />}
      {doing === "fail" && <FailDialog {...props} />}
      {doing === "again" && (
        <AskAgainDialog run={run} onClose={close} onDone={(answer) => {
          if (answer.decision === "requested") go(link(["runs", answer.run_id]));
        }} />
      )}
    </div>
  );
}

/**
 * What to show of version `at`. While the daemon is asked for it, the version that was shown before stays, which
 * `isOther` says, so that nothing jumps while somebody drags the slider.
 */
function useShown(id: string, read: RunStory | null, at: number | null): {
  shown: Shown | null; isOther: boolean; remote: Reading<Shown>;
} {
  const before = useRef<Shown | null>(null);
  const whole = read !== null && read.next_events_after === null;
  const stories = useMemo(() => (whole ? storiesOf(read.events) : []), [read]);
  const version = at ?? read?.run.run_version ?? 1;
  const isNewest = read !== null && version === read.run.run_version;
  const asks = read !== null && !whole && !isNewest;
  const remote = useReading(asks ? `${id}@${version}` : null, (signal) => readAt(id, version, signal));
  let shown = remote.value;
  if (read !== null && whole) shown = foldedAt(read.events, stories, version, read);
  else if (read !== null && isNewest) shown = storyOf(read);
  if (shown !== null) before.current = shown;
  return { shown: before.current, isOther: shown === null, remote };
}

export function RunView({ id, route }: { id: string; route: Route }) {
  const reading = useReading(`run ${id}`, (signal) => get<RunStory>(`v1/runs/${encodeURIComponent(id)}`, {}, signal));
  const read = reading.value;
  useNews(kReadEvery, (runs) => {
    if (runs.size === 0 || runs.has(id)) reading.refresh();
  });
  const newest = read?.run.run_version ?? 1;
  const asked = Number(route.query.get("at") ?? NaN);
  const at = Number.isInteger(asked) && asked >= 1 && asked < newest ? asked : null;
  const { shown, isOther, remote } = useShown(id, read, at);
  const inputs = useRef<HTMLDetailsElement>(null);
  const events = useRef<HTMLElement>(null);
  const hrefOf = (version: number) => link(["runs", id], version === newest ? {} : { at: version });

  const identity = read?.run.run_identity_hash ?? null;
  useEffect(() => whenKey({
    d: () => { if (identity !== null) go(link(["identity", identity])); },
    e: () => events.current?.focus(),
    i: () => {
      if (inputs.current === null) return;
      inputs.current.open = !inputs.current.open;
      inputs.current.querySelector("summary")?.focus();
    },
  }), [read]);

  const run = shown?.story.run ?? read?.run ?? null;
  // A view of the past shows the state between an event and the next one, so it lasts until that one.
  const ending = at === null ? null : shown?.next ?? shown?.event ?? null;
  const until = ending === null ? null : ending.occurred_at ?? ending.recorded_at;
  const unseen = shown === null ? 0 : shown.event.run_version - shown.events.length;
  return (
    <article>
      <p class="crumbs"><a href={link(["runs"])}>Runs</a> / <span class="mono">{shortId(id)}</span></p>
      {run === null && <h1 tabIndex={-1}>Run {shortId(id)}</h1>}
      <ProblemNote reading={reading} />
      {run === null && reading.problem === null && <Loading />}
      {read !== null && run !== null && (
        <Fragment>
          <header class="view-head">
            <h1 tabIndex={-1}>{run.type}</h1>
            <StandingMark standing={standingOf(run)} />
            <span class="mono soft whole-id">{run.run_id}</span> <Copy text={run.run_id} label="the run's id" />
            <Actions run={read.run} onDone={reading.again} />
          </header>
          {at !== null && (
            <p class="as-of" role="status">
              {isOther ? `How it was after event ${at} of ${newest} is being read.`
                : `As it was after event ${at} of ${newest}.`} <a href={hrefOf(newest)}>Show it as it is now</a>
            </p>
          )}
          <ProblemNote reading={remote} />
          <div class={isOther || reading.problem !== null ? "is-old" : ""}>
            <Facts run={run} until={until} />
            <Failures run={run} />
            {at === null && run.status !== "completed" && <Why run={run} />}
            {shown !== null && (
              <Fragment>
                <section class="panel" aria-labelledby="head-time">
                  <h2 id="head-time">Time</h2>
                  <Lanes story={shown.story} events={shown.events} until={until} />
                  <Unseen count={unseen} what="drawn" />
                  <TimeSlider at={at ?? newest} newest={newest} event={isOther ? null : shown.event}
                    next={isOther ? null : shown.next} story={shown.story} after={shown.after}
                    onMove={(version) => go(hrefOf(version), true)} />
                </section>
                <section class="panel" aria-labelledby="head-attempts">
                  <h2 id="head-attempts">Attempts</h2>
                  <AttemptTable story={shown.story} events={shown.events} until={until} />
                </section>
                {(run.deduped_count > 0 || run.skipped_count > 0) && (
                  <section class="panel" aria-labelledby="head-away">
                    <h2 id="head-away">Turned away</h2>
                    <TurnedAway events={shown.events} />
                    <Unseen count={unseen} what="listed" />
                  </section>
                )}
              </Fragment>
            )}
          </div>
          <section class="panel" aria-labelledby="head-events" ref={events} tabIndex={-1}>
            <h2 id="head-events">Events</h2>
            <AllEvents id={id} read={read} at={at ?? newest} hrefOf={hrefOf} />
          </section>
          <section class="panel">
            <details ref={inputs} class="input">
              <summary><h2>Input</h2></summary>
              <JsonView value={read.run.context} open={3} />
              <Copy text={JSON.stringify(read.run.context)} label="the input" />
            </details>
          </section>
        </Fragment>
      )}
    </article>
  );
}
