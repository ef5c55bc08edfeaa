// When the attempts of a run ended, by the daemon's rule (projections/answers/attempt_end.cc): the first event that
// ends an attempt counts, be it its own report, the next start, or the end or the adoption of the run. What a worker
// reports after that is late. A test compares it with what `/v1/attempts` answers.
import { Story } from "./fold";
import { Standing } from "./format";
import { Attempt, Event } from "./schema";

function endedBy(event: Event, attempt: Attempt): boolean {
  switch (event.kind) {
    case "attempt-finished": return event.data.attempt === attempt.attempt;
    case "attempt-started":
    case "failed":
    case "adopted": return true;
    default: return false;
  }
}

/** The end of each attempt of the story; null of one that is open. `events`: those of the story that are at hand. */
export function endsOf(story: Story, events: Event[]): (string | null)[] {
  return story.attempts.map((attempt, i) => {
    const started = events.findIndex((event) =>
      event.kind === "attempt-started" && event.scope_sequence === attempt.token);
    const end = started < 0 ? undefined : events.slice(started + 1).find((event) => endedBy(event, attempt));
    // Of a run of very many events, some are not at hand; the attempts tell nearly as much.
    const known = attempt.late ? null : attempt.finished_at;
    const open = story.run.status === "running" ? null : attempt.started_at;
    const next = (story.attempts[i + 1] as Attempt | undefined)?.started_at ?? story.run.completed_at ?? open;
    if (end === undefined || isBeyondGap(events, started, end)) return known ?? next;
    return end.occurred_at ?? end.recorded_at;
  });
}

/** Whether events are missing between the one at `from` and `to`. */
function isBeyondGap(events: Event[], from: number, to: Event): boolean {
  return to.run_version - events[from].run_version !== events.indexOf(to) - from;
}

/** How an attempt stands: what it reported, unless that came after it had been superseded. */
export function standingOfAttempt(attempt: Attempt, end: string | null): Standing {
  if (attempt.outcome !== null && !attempt.late) return attempt.outcome;
  return end === null ? "running" : "superseded";
}
