// Measures a library that keeps jobs or events in Postgres, by lives of three durable transitions: a job is requested,
// started and finished. Prints one line of JSON, as ledger_load does.
//
// Usage: node measure.mjs pg-boss|graphile-worker|message-db SOCKET-DIRECTORY DATABASE CALLERS SECONDS
import { randomUUID } from "node:crypto";
import { Logger, makeWorkerUtils, run } from "graphile-worker";
import pg from "pg";
import PgBoss from "pg-boss";

const [peer, host, database, callersText, secondsText] = process.argv.slice(2);
const callers = Number(callersText);
const seconds = Number(secondsText);
// The workers of graphile-worker and the callers each need connections.
const connection = { host, database, user: "bench", max: 2 * callers + 2 };
const transitionsPerLife = 3;
const quiet = new Logger(() => () => {});

// Each returns { live, stop }: live() waits until one job has been requested, started and finished.
const peers = {
  // Every caller fetches whichever job is next, as workers do.
  "pg-boss": async () => {
    const boss = new PgBoss({ ...connection, supervise: false, schedule: false });
    await boss.start();
    await boss.createQueue("sync");
    const live = async () => {
      await boss.send("sync", { policy_ids: ["p1"] });
      let job;
      while (!job) [job] = await boss.fetch("sync");  // None while the others hold all that it sees.
      await boss.complete("sync", job.id);
    };
    return { live, stop: () => boss.stop({ graceful: false }) };
  },

  // Its own workers start and finish the jobs; a caller waits for the end of the one that it added.
  "graphile-worker": async () => {
    const pgPool = new pg.Pool(connection);
    const utils = await makeWorkerUtils({ pgPool, logger: quiet });
    await utils.migrate();
    const waiting = new Map();
    const runner = await run({
      pgPool, concurrency: callers, noHandleSignals: true, logger: quiet, taskList: { sync: async () => {} },
    });
    runner.events.on("job:complete", ({ job }) => {
      waiting.get(job.payload.id)?.();
      waiting.delete(job.payload.id);
    });
    const live = async () => {
      const id = randomUUID();
      const done = new Promise((resolve) => waiting.set(id, resolve));
      await utils.addJob("sync", { id, policy_ids: ["p1"] });
      await done;
    };
    return { live, stop: async () => { await runner.stop(); await utils.release(); await pgPool.end(); } };
  },

  // It stores events and nothing else, so three of them in the stream of a run are a life.
  "message-db": async () => {
    const pool = new pg.Pool({ ...connection, options: "-c search_path=message_store,public" });
    const live = async () => {
      const stream = `run-${randomUUID()}`;
      for (const type of ["Requested", "Started", "Finished"]) {
        await pool.query("select write_message($1, $2, $3, $4)",
          [randomUUID(), stream, type, { policy_ids: ["p1"] }]);
      }
    };
    return { live, stop: () => pool.end() };
  },
};

const { live, stop } = await peers[peer]();
const lives = [];
const warm = performance.now() + 1000 * Math.min(1, seconds);
const end = warm + 1000 * seconds;
const caller = async () => {
  while (performance.now() < end) {
    const begun = performance.now();
    await live();
    if (begun >= warm) lives.push(performance.now() - begun);
  }
};
await Promise.all(Array.from({ length: callers }, caller));
const took = (performance.now() - warm) / 1000;
lives.sort((a, b) => a - b);
const percentile = (share) => Math.round((lives[Math.floor(lives.length * share)] * 1000) / transitionsPerLife);
console.log(JSON.stringify({
  transitions_per_second: Math.round((lives.length * transitionsPerLife) / took),
  p50_us: percentile(0.5),
  p99_us: percentile(0.99),
}));
await stop();
process.exit(0);
