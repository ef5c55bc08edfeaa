// The events of a run: what happened, in a sentence each, with the whole event behind it.
import { h, Fragment } from "preact";
import { clockTime, countsText, dayTime, duration, kRuleWords, kStandingWords, wholeTime } from "../format";
import { link } from "../route";
import { Attempt, Event } from "../schema";
import { TableFrame } from "./table_frame";
import { JsonView } from "./json";

/** Who caused it, as far as the event tells. */
function actorOf(event: Event, attempts: Attempt[] = []): string {
  if (event.kind === "requested" && event.data.initiator !== null) return event.data.initiator;
  if (event.kind === "failed" && event.data.initiator !== null) return event.data.initiator;
  if (event.kind === "deduped" && event.data.asked_by !== null) return event.data.asked_by;
  if (event.kind === "attempt-started" && event.data.worker !== "") return event.data.worker;
  if (event.kind === "attempt-finished" && event.data.outcome !== "lost") {
    const worker = attempts.find((attempt) => attempt.attempt === event.data.attempt)?.worker ?? "";
    if (worker !== "") return worker;
  }
  return event.caller ?? "the ledger";
}

export function sentenceOf(event: Event): string {
  switch (event.kind) {
    case "requested":
      return `requested${event.data.forced ? ", skipping the cooldown" : ""}`;
    case "deduped":
      return `${event.data.stage === "dispatch" ? "request" : "start"} turned away: ${kRuleWords[event.data.rule]}`;
    case "attempt-started":
      return `attempt ${event.data.attempt} started, lease ${duration(event.data.lease_seconds * 1000)}`;
    case "attempt-finished": {
      const { data } = event;
      const counts = countsText(data.summary_counts);
      const then = data.disposition === "retries" && data.not_before !== null
        ? `, next not before ${clockTime(data.not_before)}` : data.disposition === "late" ? ", too late to count" : "";
      return `attempt ${data.attempt} ${kStandingWords[data.outcome]}${counts === "" ? "" : ` (${counts})`}${then}`;
    }
    case "failed":
      return `run ${event.data.outcome}: ${event.data.reason_code}`;
    case "restored":
      return "the ledger was restored from a backup";
    case "recovered":
      return "the ledger was recovered from a damaged one";
    case "erased":
      return `what ${event.data.workspace_id}/${event.data.tenant_id} had written was erased`;
    case "adopted":
      return "taken over from the journal that had left it open";
  }
}

export function EventList({ events, attempts, at, hrefOf }: {
  events: Event[]; attempts: Attempt[]; at: number; hrefOf: (version: number) => string;
}) {
  let day = "";
  if (events.length === 0) return null;
  return (
    <ol class="events">
      {events.map((event) => {
        const when = event.occurred_at ?? event.recorded_at;
        const newDay = dayTime(when).slice(0, 10);
        const isNewDay = newDay !== day;
        day = newDay;
        const isLater = event.run_version > at;
        return (
          <Fragment key={event.run_version}>
            {isNewDay && <li class="day">{newDay}</li>}
            <li class={`event is-${event.kind}${isLater ? " is-later" : ""}`}
              aria-current={event.run_version === at ? "step" : undefined}>
              <a class="version" href={hrefOf(event.run_version)} title="Show the run as of this event">
                {event.run_version}
              </a>
              <time dateTime={when} title={`${wholeTime(when)}; recorded ${wholeTime(event.recorded_at)}`}>
                {clockTime(when)}
              </time>
              <details>
                <summary>
                  <span class="what">{sentenceOf(event)}</span>
                  <span class="who soft">{actorOf(event, attempts)}</span>
                </summary>
                <JsonView value={event} open={3} />
              </details>
            </li>
          </Fragment>
        );
      })}
    </ol>
  );
}

/** The requests and starts that were answered with this run, and why. */
export function TurnedAway({ events }: { events: Event[] }) {
  const away = events.flatMap((event) => (event.kind === "deduped" ? [event] : []));
  if (away.length === 0) return null;
  return (
    <TableFrame>
      <table aria-label="Requests and starts that were turned away">
        <thead>
          <tr>
            <th scope="col">When</th><th scope="col">What</th><th scope="col">By</th><th scope="col">Why</th>
            <th scope="col" class="wide-2">Worth asking again</th>
          </tr>
        </thead>
        <tbody>
          {away.map((event) => (
            <tr key={event.run_version}>
              <td class="when">
                <time dateTime={event.occurred_at ?? event.recorded_at}
                  title={wholeTime(event.occurred_at ?? event.recorded_at)}>
                  {dayTime(event.occurred_at ?? event.recorded_at)}
                </time>
              </td>
              <td>{event.data.stage === "dispatch" ? "request" : "start"}</td>
              <td class="clip">{actorOf(event)}</td>
              <td>
                {kRuleWords[event.data.rule]} <code>{event.data.rule}</code>
                {event.data.requested_run_id !== null && (
                  <span class="soft"> asked for <a href={link(["runs", event.data.requested_run_id])}>
                    {event.data.requested_run_id.slice(0, 8)}</a></span>
                )}
              </td>
              <td class="when wide-2">{event.data.retry_at === null ? "–" : dayTime(event.data.retry_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TableFrame>
  );
}
