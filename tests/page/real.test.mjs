// The page on a real history: the jobs of a production grid, where the data are present.
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Daemon, goTo, launch, openPage } from "./world.mjs";

const kViewMost = 10000; // Milliseconds; a view of this history is there long before, unless it reads all of it.

/** data/hadoop in the data of the tests, $RUNLEDGER_SHARED; null where it is not. */
function findHistories() {
  const data = process.env.RUNLEDGER_SHARED;
  const found = data !== undefined && existsSync(join(data, "data/hadoop/journal.jsonl.gz"));
  return found ? join(data, "data/hadoop") : null;
}

const histories = findHistories();
if (histories === null) {
  console.error("\n*** The job histories are missing: expected data/hadoop/journal.jsonl.gz in the data of the " +
    "tests, $RUNLEDGER_SHARED; the page is not tested on a real history. ***\n");
}

let browser;
let daemon;
after(async () => {
  await browser?.close();
  await daemon?.end();
});

test("every view of a real history is drawn in time, and agrees with the ledger", { skip: histories === null },
  async () => {
    browser = await launch();
    const journal = gunzipSync(readFileSync(join(histories, "journal.jsonl.gz")));
    daemon = await Daemon.make({ journal, catalog: join(histories, "catalog.json") });
    const token = daemon.token(["request", "work"]);
    const totals = await daemon.ask(token, "GET", "/v1/stats");
    assert.ok(totals.runs > 10000, `${totals.runs} runs`);
    const { page, context, wrongs } = await openPage(browser, daemon, { token, now: null });
    const most = (await daemon.ask(token, "GET", "/v1/runs?attempts_min=3&limit=1")).runs[0];
    const views = ["#/", "#/runs", "#/runs?outcome=failed", "#/runs?attempts_min=3", "#/failures", "#/duplicates",
      "#/duplicates?by=identity", "#/timeline", "#/timeline?by=worker", "#/workers", "#/types", "#/health",
      `#/runs/${most.run_id}`, `#/runs/${most.run_id}?at=2`, `#/identity/${most.run_identity_hash}`];
    for (const hash of views) {
      const began = Date.now();
      await goTo(page, hash);
      const took = Date.now() - began;
      console.log(`${hash.slice(0, 40)}: ${took} ms`);
      assert.ok(took < kViewMost, `${hash} took ${took} ms`);
      assert.equal(await page.locator(".note.is-bad, .note.is-warn").count(), 0, hash);
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${hash} is ${wide} px too wide`);
    }
    await goTo(page, "#/runs");
    const all = await page.locator(".facet[aria-current] .facet-count").innerText();
    assert.equal(Number(all.replace(/\D/g, "")), totals.runs);
    assert.deepEqual(wrongs, []);
    await context.close();
  });
