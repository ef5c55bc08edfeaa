// Pictures of every view and state, in both themes, for people to look at: build/page/pictures/index.html.
import assert from "node:assert/strict";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { after, before, test } from "node:test";
import { Daemon, goTo, journalOfTheDay, launch, openPage } from "./world.mjs";

const folder = new URL("pictures/", import.meta.url).pathname;
const taken = [];
let browser;
let day;
let reader;

before(async () => {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  browser = await launch();
  day = await Daemon.make({ journal: journalOfTheDay() });
  reader = day.token([], "--workspace", "acme", "--right", "audit");
});

after(async () => {
  const rows = taken.map(({ name, width }) => `<figure><img src="${name}.png" width="${Math.min(width, 640)}" ` +
    `alt="${name}"><figcaption>${name}</figcaption></figure>`);
  writeFileSync(`${folder}index.html`, `<!doctype html><title>Pictures of the page</title>${rows.join("\n")}\n`);
  await browser?.close();
  await day?.end();
});

const kFailedRun = "5ec2e700-0000-4000-8000-000000001030";
// Views of what was recorded when show the present: a journal is recorded when it is imported.
const kViews = [
  { name: "runs", hash: "#/runs" },
  { name: "runs-filtered", hash: "#/runs?outcome=failed" },
  { name: "runs-no-match", hash: "#/runs?type=no.such_type" },
  { name: "run", hash: `#/runs/${kFailedRun}` },
  { name: "run-as-of", hash: `#/runs/${kFailedRun}?at=4` },
  { name: "run-absent", hash: "#/runs/00000000-0000-4000-8000-000000000000" },
  { name: "overview", hash: "#/?range=1h", now: null },
  { name: "failures", hash: "#/failures", now: null },
  { name: "duplicates", hash: "#/duplicates", now: null },
  { name: "duplicates-by-identity", hash: "#/duplicates?by=identity", now: null },
  { name: "identity", hash: null, hashOf: async () => {
    const { groups } = await day.ask(reader, "GET", "/v1/duplicates?group=identity");
    return `#/identity/${groups[0].run_identity_hash}`;
  } },
  { name: "timeline", hash: "#/timeline" },
  { name: "timeline-part", hash: "#/timeline?by=worker&from=2026-01-05T10:00Z&to=2026-01-05T14:30Z" },
  { name: "timeline-by-worker", hash: "#/timeline?by=worker&since=2026-01-05" },
  { name: "workers", hash: "#/workers", now: null },
  { name: "types", hash: "#/types" },
  { name: "health", hash: "#/health" },
  { name: "token", hash: null },
  { name: "keys", hash: "#/runs", act: (page) => page.keyboard.press("?") },
  { name: "filter", hash: "#/runs", act: (page) => page.getByRole("combobox").fill("o") },
  { name: "away", hash: "#/runs", act: async (page) => {
    await page.route("**/v1/**", (route) => route.abort());
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText("does not answer").waitFor();
  } },
];

for (const { name, hash: known, hashOf, act, now } of kViews) {
  test(`a picture of ${name}`, async () => {
    const hash = await hashOf?.() ?? known;
    for (const [theme, width] of [["light", 1280], ["dark", 1280], ["light", 320], ["dark", 1920]]) {
      const token = hash === null ? null : reader;
      const { page, context, wrongs } = await openPage(browser, day, { token, theme, width, hash: "#/runs", now });
      if (hash !== null) await goTo(page, hash);
      await act?.(page);
      const file = `${name}-${theme}-${width}`;
      await page.screenshot({ path: `${folder}${file}.png`, fullPage: true });
      taken.push({ name: file, width });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${file} is ${wide} px too wide`);
      await context.close();
      assert.deepEqual(wrongs, []);
    }
  });
}
