// Workers: what they carry out now, and how they did in the last day.
import { h } from "preact";
import { get } from "../api";
import { useNow } from "../clock";
import { duration, number, scopeText, shortId } from "../format";
import { useNews } from "../live";
import { useReading } from "../reading";
import { link } from "../route";
import { OpenAttempt, Worker, Workers } from "../schema";
import { Loading, Note, ProblemNote } from "../parts/notes";
import { TableFrame } from "../parts/table_frame";
import { Ago, At } from "../parts/time";

const kReadEvery = 2000;
const kAttemptsMost = 5; // Of a worker.

/** How long a lease still lasts, counted down from when it was read. */
function LeaseLeft({ attempt, at }: { attempt: OpenAttempt; at: number }) {
  const now = useNow();
  const left = attempt.left_seconds * 1000 - (now - at);
  return left > 0 ? <span>{duration(left)} left</span> : <span class="reason">lease ran out</span>;
}

function Row({ worker, at }: { worker: Worker; at: number }) {
  return (
    <tr class={worker.open_attempts > 0 ? "is-running" : ""}>
      <th scope="row" class="edge">
        {worker.worker === "" ? <span class="soft">(no name)</span>
          : <a class="row-link" href={link(["runs"], { worker: worker.worker })}>{worker.worker}</a>}
      </th>
      <td class="num">{number(worker.open_attempts)}</td>
      <td class="rest wide-1">
        <ul class="plain">
          {worker.attempts.slice(0, kAttemptsMost).map((attempt) => (
            <li key={attempt.run_id}>
              <a href={link(["runs", attempt.run_id])}>{attempt.type}</a>{" "}
              <span class="mono soft">{shortId(attempt.run_id)}</span> <span class="soft">{scopeText(attempt)}, since
              {" "}<Ago time={attempt.started_at} />, </span>
              <LeaseLeft attempt={attempt} at={at} />
            </li>
          ))}
          {worker.open_attempts > kAttemptsMost && (
            <li class="soft">and {number(worker.open_attempts - kAttemptsMost)} more</li>
          )}
        </ul>
      </td>
      <td class="num">{number(worker.started)}</td>
      <td class="num">{worker.failed > 0 ? <span class="reason">{number(worker.failed)}</span> : 0}</td>
      <td class="num">{worker.lost > 0 ? <span class="reason">{number(worker.lost)}</span> : 0}</td>
      <td class="when wide-1">{worker.last_start === null ? "–" : <Ago time={worker.last_start} />}</td>
    </tr>
  );
}

export function WorkersView() {
  const reading = useReading("workers", (signal) => get<Workers>("v1/workers", {}, signal));
  useNews(kReadEvery, reading.refresh);
  const found = reading.value;
  return (
    <section>
      <header class="view-head">
        <h1 tabIndex={-1}>Workers</h1>
        <button type="button" class="quiet" onClick={reading.again}>Refresh</button>
      </header>
      <ProblemNote reading={reading} />
      {found === null && reading.problem === null && <Loading />}
      {found !== null && found.workers.length === 0 && (
        <Note title="No worker in the last day"><p>Nobody started an attempt, and none is open.</p></Note>
      )}
      {found !== null && found.workers.length > 0 && (
        <TableFrame>
          <table class={reading.problem !== null ? "is-old" : ""} aria-label="Workers, the busiest first">
            <thead>
              <tr>
                <th scope="col">Worker</th><th scope="col" class="num">Open</th>
                <th scope="col" class="wide-1">Carries out</th>
                <th scope="col" class="num" title="Attempts started in the last 24 hours">Started</th>
                <th scope="col" class="num">Failed</th><th scope="col" class="num">Lost</th>
                <th scope="col" class="wide-1">Last start</th>
              </tr>
            </thead>
            <tbody>
              {found.workers.map((worker) => <Row key={worker.worker} worker={worker} at={reading.at ?? 0} />)}
            </tbody>
          </table>
        </TableFrame>
      )}
      {found !== null && (
        <p class="soft">
          Started, failed and lost are of the last 24 hours
          {found.reached !== null && <span>, as far as they were looked at: back to <At time={found.reached} /></span>}.
          {found.workers_count > found.workers.length && ` ${number(found.workers_count)} workers in all.`}
        </p>
      )}
    </section>
  );
}
