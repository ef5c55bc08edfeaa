// Why a run is not being carried out, in a sentence and what it rests on.
import { h } from "preact";
import { get } from "../api";
import { counted, duration, shortId } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { link } from "../route";
import { Run, WhyNot } from "../schema";
import { Ago } from "./time";

const kReadEvery = 1000;

const kSentences: Record<WhyNot["reason"], string> = {
  running: "A worker carries it out.",
  completed: "It has ended.",
  lease_expired: "Its worker gave no sign of life in time; the daemon is about to take the attempt back.",
  imported_open: "A journal left it open, so the system that the journal came from carries it out.",
  backoff: "It waits for its retry.",
  in_line: "It is due, and others of its type are due before it.",
  no_claim: "It is due, but no worker waits for runs of its type and scope.",
  no_token: "It is due, but no access token could claim it.",
  due: "It is due, and next.",
};

export function Why({ run }: { run: Run }) {
  const reading = useReading(`why ${run.run_id} ${run.run_version}`, (signal) =>
    get<WhyNot>(`v1/runs/${run.run_id}/why`, {}, signal));
  useNews(kReadEvery, reading.refresh);
  const why = reading.value;
  if (why === null || why.run_id !== run.run_id || why.reason === "completed") return null;
  const seconds = (value: number) => duration(value * 1000);
  return (
    <div class={`cause is-${run.status}`} role="status">
      <p><strong>{kSentences[why.reason]}</strong></p>
      <ul>
        {why.due_in_seconds !== null && <li>Due in {seconds(why.due_in_seconds)}.</li>}
        {why.due_for_seconds !== null && <li>Due for {seconds(why.due_for_seconds)}.</li>}
        {why.queued_before !== null && why.queued_before > 0 && (
          <li>{why.queued_before >= 1000 ? "1000 or more are" : counted(why.queued_before, "is", "are")} before it.</li>
        )}
        {why.claims_waiting !== null && (
          <li>{counted(why.claims_waiting, "caller waits", "callers wait")} for such runs now.</li>
        )}
        {why.tokens !== null && <li>{counted(why.tokens, "access token", "access tokens")} could claim it.</li>}
        {!why.in_catalog && <li>The daemon’s catalog does not list its type.</li>}
        {why.lease !== null && (
          <li>
            {why.lease.worker === null || why.lease.worker === "" ? "Its worker" : why.lease.worker} began{" "}
            <Ago time={why.lease.started_at} />; the lease lasts {seconds(why.lease.left_seconds)} more without a sign
            of life.
          </li>
        )}
        {why.last_starts.length > 0 && (
          <li>
            Last starts of its type:{" "}
            {why.last_starts.map((start, i) => (
              <span key={start.run_id}>
                {i > 0 && ", "}
                <a class="mono" href={link(["runs", start.run_id])}>{shortId(start.run_id)}</a> by {start.worker}{" "}
                <Ago time={start.recorded_at} />
              </span>
            ))}
          </li>
        )}
      </ul>
    </div>
  );
}
