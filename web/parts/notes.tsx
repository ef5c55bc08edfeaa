// What a view shows in the place of data, or above it: being read, away, behind, refused, nothing there.
import { h, ComponentChildren } from "preact";
import { kNotOurs, Problem } from "../api";
import { useNow } from "../clock";
import { duration } from "../format";
import { Reading } from "../reading";

export function Note({ kind = "plain", title, children }: {
  kind?: "plain" | "warn" | "bad"; title: string; children?: ComponentChildren;
}) {
  return (
    <div class={`note is-${kind}`}>
      <p class="note-title">{title}</p>
      {children}
    </div>
  );
}

/** Rows in the shape of a table that is still being read. They never say that there is nothing. */
export function Loading({ rows = 8 }: { rows?: number }) {
  return (
    <div class="loading" role="status">
      <span class="unseen">Loading</span>
      {Array.from({ length: rows }, (_, i) => <div key={i} class="bar" aria-hidden="true" />)}
    </div>
  );
}

function titleOf(problem: Problem): string {
  switch (problem.code) {
    case "away": return "The daemon does not answer";
    case kNotOurs: return "A proxy answered in place of the daemon";
    case "rows.behind": return "The rows are still behind the log";
    case "rows.catching_up": return "The rows are being made for this view";
    case "overloaded": return "The daemon is busy";
    case "access.denied": return "This token lacks the right for this";
    case "route.not_found": return "This daemon does not have what this view needs";
    case "run.not_found": return "No such run";
    default: return "The daemon refused this";
  }
}

function Countdown({ until }: { until: number }) {
  const now = useNow();
  const left = Math.ceil((until - now) / 1000);
  return <span>{left > 0 ? `Next try in ${left} s.` : "Trying again…"}</span>;
}

/** Why the latest read failed, how old what is on screen is, and when it will be tried again. */
export function ProblemNote({ reading }: { reading: Reading<unknown> }) {
  const now = useNow();
  const { problem, retryAt, at } = reading;
  if (problem === null) return null;
  return (
    <div role="status">
      <Note kind={problem.passes ? "warn" : "bad"} title={titleOf(problem)}>
        <p>
          {problem.code === "away" ? "" : `${problem.message} `}
          {problem.code !== "away" && <code>{problem.code}</code>}
          {reading.value !== null && at !== null && ` What you see is ${duration(now - at)} old. `}
          {retryAt !== null && <Countdown until={retryAt} />}
        </p>
        <button type="button" onClick={reading.again}>Try again now</button>
      </Note>
    </div>
  );
}
