// The page against a real daemon: what it shows, what it does, and what it never does.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { axeSource, Daemon, goTo, journalOfTheDay, kNow, launch, openPage, settled } from "./world.mjs";

const kThemes = ["light", "dark"];
const kViews = ["#/", "#/?range=1h", "#/runs", "#/failures", "#/duplicates", "#/duplicates?by=identity", "#/timeline",
  "#/timeline?by=worker", "#/workers", "#/types", "#/health"];
const kFailedRun = "5ec2e700-0000-4000-8000-000000001030"; // Of the made-up day: three attempts, with a secret removed.

let browser;
let day; // A daemon on a day of made-up work, which no test changes.
let live; // One on which tests act.
let reader;
let worker;

before(async () => {
  browser = await launch();
  day = await Daemon.make({ journal: journalOfTheDay() });
  live = await Daemon.make();
  reader = day.token([], "--workspace", "acme", "--right", "audit");
  worker = live.token(["request", "work"]);
});
after(async () => {
  await browser?.close();
  await day?.end();
  await live?.end();
});

/** Runs the body with a page, and expects that the page did nothing wrong. */
function withPage(name, open, body) {
  test(name, async () => {
    const { daemon, ...options } = await open();
    const opened = await openPage(browser, daemon, options);
    try {
      await body(opened);
    } finally {
      await opened.context.close();
    }
    assert.deepEqual(opened.wrongs, []);
  });
}

const request = (input, extra = {}) => live.ask(worker, "POST", "/v1/runs", {
  workspace: "acme", tenant: "north", type: "demo.sync", input, ...extra,
});
const rows = (page) => page.locator("table.runs tbody tr");
const text = (page) => page.locator("main").innerText();

withPage("without a token it asks for one, and takes what is pasted", () => ({ daemon: day }), async ({ page }) => {
  await page.getByLabel("Access token").fill("rlt_wrong");
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByText("does not take this token").waitFor();
  await page.getByLabel("Access token").fill(reader);
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]));
  assert.ok(!kept.includes(reader), kept);
});

withPage("the token leaves the address at once, and stays in memory alone", () => ({ daemon: day, token: reader }),
  async ({ page, requests }) => {
    assert.ok(!page.url().includes(reader));
    assert.ok(requests.every((each) => !each.url().includes(reader)));
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, history.state]));
    assert.ok(!kept.includes(reader));
    await page.reload();
    await page.getByLabel("Access token").waitFor();
  });

withPage("a token that is kept outlives a reload of the tab", () => ({ daemon: day }), async ({ page }) => {
  await page.getByLabel("Access token").fill(reader);
  await page.getByLabel("Keep it until").check();
  await page.getByRole("button", { name: "Open" }).click();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

withPage("a token that is pasted into an open tab leaves the address, and takes the place of a kept one",
  () => ({ daemon: day }), async ({ page }) => {
    await page.getByLabel("Access token").fill(reader);
    await page.getByLabel("Keep it until").check();
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("heading", { name: "Overview" }).waitFor();
    const other = day.token(["audit"], "--workspace", "acme", "--tenant", "contoso");
    await page.evaluate((token) => { location.hash = `#t=${token}`; }, other);
    await page.getByText("acme / contoso", { exact: true }).waitFor();
    assert.ok(!page.url().includes("rlt_"), page.url());
    const kept = await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok(!kept.includes("rlt_"), kept);
    await page.evaluate(() => { location.hash = "#t=rlt_no good"; }); // None, but somebody took it for one.
    await page.waitForFunction(() => location.hash === "#/");
    await page.getByText("acme / contoso", { exact: true }).waitFor();
  });

withPage("the list shows the newest runs, and pages through all of them", () => ({ daemon: day, token: reader }),
  async ({ page }) => {
    const total = (await day.ask(reader, "GET", "/v1/stats")).runs;
    let seen = await rows(page).count();
    assert.equal(seen, 50);
    while (await page.getByRole("link", { name: "Older" }).count() > 0) {
      await page.getByRole("link", { name: "Older" }).click();
      await settled(page);
      seen += await rows(page).count();
    }
    assert.equal(seen, total);
    await page.getByRole("link", { name: "Newer" }).click();
    await settled(page);
    assert.equal(await rows(page).count(), 50);
  });

withPage("a filter is typed, completed, kept in the address and removed", () => ({ daemon: day, token: reader }),
  async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("outc");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.keyboard.type("bl");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/outcome=blocked/);
    await settled(page);
    const blocked = (await day.ask(reader, "GET", "/v1/runs?outcome=blocked&limit=100")).runs.length;
    assert.equal(await rows(page).count(), blocked);
    await page.keyboard.type("nonsense:1");
    await page.keyboard.press("Enter");
    assert.match(await page.getByRole("alert").innerText(), /found "nonsense"/);
    await page.getByRole("button", { name: /outcome blocked/ }).click();
    await settled(page);
    assert.equal(await rows(page).count(), 50);
  });

withPage("a date gets the zone of the user, and a date that does not exist is refused",
  () => ({ daemon: day, token: reader }), async ({ page }) => {
    await page.keyboard.press("/");
    await page.keyboard.type("since:2026-02-31");
    await page.keyboard.press("Enter");
    assert.match(await page.getByRole("alert").innerText(), /expected since .* found "2026-02-31"/);
    await page.getByRole("combobox").fill("since:2026-01-05");
    await page.keyboard.press("Enter");
    await page.getByRole("button", { name: /since 2026-01-05T00:00Z/ }).waitFor();
    assert.match(decodeURIComponent(page.url()), /since=2026-01-05T00:00Z$/);
  });

withPage("a view is saved, kept in this browser, copied and forgotten", () => ({ daemon: day, token: reader }),
  async ({ page, context }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await goTo(page, "#/runs?outcome=blocked");
    await page.keyboard.press("s");
    await page.getByLabel("Name").fill("no consent");
    await page.getByRole("button", { name: "Save", exact: true }).click();
    await goTo(page, "#/runs");
    await page.getByRole("link", { name: "no consent" }).click();
    await page.waitForURL(/outcome=blocked/);
    await settled(page);
    await page.getByText("Copy as").click();
    await page.getByRole("button", { name: "Copy as CSV" }).click();
    const lines = (await page.evaluate(() => navigator.clipboard.readText())).trim().split("\r\n");
    assert.equal(lines.length, 1 + await rows(page).count());
    assert.match(lines[1], /,assignments\.fetch,completed,blocked,1,/);
    await page.getByRole("button", { name: "Copy as curl" }).click();
    assert.match(await page.evaluate(() => navigator.clipboard.readText()), /\/v1\/runs\?outcome=blocked'$/);
    await page.getByRole("button", { name: "Forget view" }).click();
    assert.equal(await page.getByRole("link", { name: "no consent" }).count(), 0);
  });

withPage("no match, and nothing yet, are told apart", () => ({ daemon: day, token: reader }), async ({ page }) => {
  await goTo(page, "#/runs?type=no.such_type");
  assert.match(await text(page), /No run matches/);
  const empty = await openPage(browser, live, { token: live.token([], "--workspace", "empty", "--right", "audit") });
  assert.match(await text(empty.page), /No runs yet/);
  await live.ask(worker, "POST", "/v1/runs", { workspace: "empty", type: "demo.sync", input: { first: 1 } });
  await rows(empty.page).first().waitFor(); // The first run waits under no button.
  assert.deepEqual(empty.wrongs, []);
  await empty.context.close();
});

withPage("the slider shows a run as it was, with what comes next", () => ({ daemon: day, token: reader }),
  async ({ page }) => {
    await goTo(page, `#/runs/${kFailedRun}`);
    assert.match(await text(page), /db\.unreachable/);
    await page.keyboard.press("[");
    await page.keyboard.press("[");
    await page.waitForURL(/at=6/);
    assert.match(await page.locator(".as-of").innerText(), /after event 6 of 8/);
    assert.match(await page.locator(".view-head").innerText(), /running/);
    const changes = await page.locator(".changes").innerText();
    assert.match(changes, /attempt 3: outcome\s+– → failed/);
    await page.keyboard.press("]");
    await page.waitForURL(/at=7/);
  });

withPage("an id in capital letters is the same run", () => ({ daemon: day, token: reader }), async ({ page }) => {
  await goTo(page, `#/runs/${kFailedRun.toUpperCase()}`);
  assert.match(await text(page), /db\.unreachable/);
});

withPage("of a run of very many events, the ends are shown, and any version",
  () => ({ daemon: live, token: worker, now: null }), async ({ page }) => {
    const { run_id } = await request({ many: 1 });
    const body = { workspace: "acme", tenant: "north", type: "demo.sync", input: { many: 1 } };
    const lines = Array.from({ length: 500 }, () => JSON.stringify({ command: "request", body })).join("\n");
    const answered = await fetch(`${live.url}/v1/commands`, { method: "POST", body: `${lines}\n`,
      headers: { Authorization: `Bearer ${worker}`, "Content-Type": "application/x-ndjson" } });
    assert.equal((await answered.text()).trim().split("\n").length, 500);
    await goTo(page, `#/runs/${run_id}`);
    await page.getByRole("button", { name: /of 101 more events/ }).waitFor();
    await goTo(page, `#/runs/${run_id}?at=250`);
    await page.locator(".as-of").waitFor();
    assert.match(await page.locator(".facts").innerText(), /249 requests/);
    await page.getByRole("button", { name: /of 101 more events/ }).click();
    await page.waitForFunction(() => document.querySelectorAll(".event").length === 501);
    // What the user has opened and read stays when the run goes on.
    const opened = page.locator(".event details").nth(300);
    await opened.evaluate((details) => { details.open = true; });
    await request({ many: 1 });
    await page.waitForFunction(() => document.querySelectorAll(".event").length === 501 &&
      [...document.querySelectorAll(".version")].some((version) => version.innerText === "502"));
    assert.ok(await opened.evaluate((details) => details.open));
    await page.getByRole("button", { name: "Show 1 of 1 more events" }).click();
    await page.waitForFunction(() => document.querySelectorAll(".event").length === 502);
  });

withPage("from a red bar to the cause, the scopes hit and the input of a run in four keys",
  () => ({ daemon: live, token: worker, now: null, hash: "#/health" }), async ({ page }) => {
    const cause = `demo.cause_${randomUUID().slice(0, 8)}`;
    const { run_id } = await request({ cause });
    await live.ask(worker, "POST", `/v1/runs/${run_id}/fail`, { reason_code: cause });
    await goTo(page, "#/?range=1h");
    await page.locator(".histogram .bar.is-failed").first().waitFor();
    await page.keyboard.press("f");
    await page.getByRole("table", { name: "Failures by cause" }).waitFor();
    await settled(page);
    const scopes = page.locator("tr", { hasText: cause }).locator("td").nth(2);
    assert.equal(await scopes.innerText(), "1");
    // The cause that was seen last is not the largest, so it is found by its row.
    const row = await page.locator("a.row-link").evaluateAll((links, text) =>
      links.findIndex((link) => link.textContent.includes(text)), cause);
    for (let i = 0; i <= row; ++i) await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "Attempts" }).waitFor();
    await page.keyboard.press("i");
    await page.locator(".input[open]").waitFor();
    assert.ok((await page.locator(".input").innerText()).includes(cause));
  });

test("types and health say where no success came in time", async () => {
  const folder = mkdtempSync(join(tmpdir(), "runledger-overdue-"));
  const catalog = join(folder, "catalog.json");
  writeFileSync(catalog, JSON.stringify({ types: [{ type: "demo.sync", expect_every_seconds: 1 }] }));
  const late = await Daemon.make({ options: ["--catalog", catalog] });
  try {
    const token = late.token(["request"]);
    const reading = late.token([], "--workspace", "acme", "--tenant", "north", "--right", "audit");
    for (const tenant of ["north", "south"])
      await late.ask(token, "POST", "/v1/runs", { workspace: "acme", tenant, type: "demo.sync" });
    let overdue;
    do overdue = await late.ask(token, "GET", "/v1/overdue"); while (overdue.overdue_count < 2);
    const { page, context, wrongs } = await openPage(browser, late, { token: reading, now: null, hash: "#/types" });
    await page.getByText("Overdue in 1 of 1 scopes").waitFor();
    const note = await page.locator(".note.is-warn").innerText();
    assert.ok(note.includes("acme / north") && note.includes("last success never"), note);
    assert.ok(!note.includes("south"), note);
    await goTo(page, "#/health");
    await page.getByRole("link", { name: "overdue in 1" }).click();
    await page.getByText("Overdue in 1 of 1 scopes").waitFor();
    await context.close();
    assert.deepEqual(wrongs, []);
  } finally {
    await late.end();
    rmSync(folder, { recursive: true });
  }
});

withPage("the overview leads to what its figures count, and reads no long list for them",
  () => ({ daemon: live, token: worker, now: null }), async ({ page, requests }) => {
    await request({ overview: randomUUID() });
    await goTo(page, "#/?range=7d");
    const away = page.locator(".fact", { hasText: "Turned away" }).getByRole("link");
    assert.equal(await away.getAttribute("href"), "#/duplicates?since=7d");
    assert.ok(requests.length > 5);
    const limits = requests.map((each) => Number(new URL(each.url()).searchParams.get("limit") ?? 0));
    assert.ok(Math.max(...limits) <= 50, limits.join(" "));
    const bar = new URLSearchParams((await page.locator(".readout a").getAttribute("href")).split("?")[1]);
    assert.deepEqual([...bar.keys()], ["completed_since", "until"]);
    assert.ok(Date.parse(bar.get("completed_since")) < Date.parse(bar.get("until")));
  });

withPage("dragging over the timeline draws that part of the time alone, and the way back is there",
  () => ({ daemon: day, token: reader, hash: "#/timeline" }), async ({ page }) => {
    const bars = page.locator(".lanes a rect");
    const all = await bars.count();
    const box = await page.locator(".lanes svg").boundingBox();
    await page.mouse.move(box.x + 0.4 * box.width, box.y + 12);
    await page.mouse.down();
    await page.mouse.move(box.x + 0.5 * box.width, box.y + 12);
    await page.mouse.move(box.x + 0.6 * box.width, box.y + 12);
    await page.mouse.up();
    await page.waitForURL(/#\/timeline\?by=type&from=.*&to=/);
    await settled(page);
    const some = await bars.count();
    assert.ok(some > 0 && some < all, `${some} of ${all} bars`);
    const query = new URLSearchParams(page.url().split("?")[1]);
    const listed = (await day.ask(reader, "GET", "/v1/attempts?limit=1000")).attempts.filter((attempt) =>
      Date.parse(attempt.started_at) <= Date.parse(query.get("to")) &&
      Date.parse(attempt.ended_at ?? kNow) >= Date.parse(query.get("from")));
    assert.match(await text(page), new RegExp(`\n${listed.length} attempts`));
    await page.getByRole("link", { name: "by worker", exact: true }).click();
    await page.waitForURL(/by=worker&from=/);
    await page.getByRole("link", { name: "Show all of the time" }).click();
    await settled(page);
    assert.equal(await bars.count(), all);
  });

withPage("keys lead to every view, and to help", () => ({ daemon: day, token: reader }), async ({ page }) => {
  const heads = { o: "Overview", r: "Runs", f: "Failures", d: "Duplicates", t: "Timeline", w: "Workers", y: "Types",
    h: "Health" };
  for (const [key, head] of Object.entries(heads)) {
    await page.keyboard.press("g");
    await page.keyboard.press(key);
    await page.getByRole("heading", { level: 1, name: head }).waitFor();
  }
  await page.keyboard.press("?");
  await page.getByRole("dialog", { name: "Keys" }).waitFor();
  await page.keyboard.press("Escape");
  assert.equal(await page.getByRole("dialog").count(), 0);
});

withPage("each duplicate is explained by rule and run, and what a request would get now equals explain",
  () => ({ daemon: live, token: worker, now: null }), async ({ page }) => {
    const input = { duplicate: randomUUID() };
    const { run_id } = await request(input);
    await request(input, { initiator: "bob" });
    const { run } = await live.ask(worker, "GET", `/v1/runs/${run_id}`);
    await goTo(page, "#/duplicates");
    const first = rows(page).first();
    assert.match(await first.innerText(), /bob/);
    assert.match(await first.innerText(), /a run of the same identity was queued or running/);
    await goTo(page, "#/duplicates?by=identity");
    await page.locator(`a[href="#/identity/${run.run_identity_hash}"]`).click();
    await page.getByRole("heading", { name: "A request now" }).waitFor();
    await page.getByRole("button", { name: "What would it get now?" }).click();
    await page.getByText("It would be turned away: a run of the same identity").waitFor();
    await live.ask(worker, "POST", `/v1/runs/${run_id}/cancel`, {});
    await page.getByRole("button", { name: "What would it get now?" }).click();
    await page.getByText("It would be turned away: the cooldown").waitFor();
    await page.getByLabel("Input").fill(JSON.stringify({ duplicate: "another" }));
    await page.getByRole("button", { name: "What would it get now?" }).click();
    await page.getByText("It would become a new run").waitFor();
    await page.getByLabel("Input").fill("{");
    await page.getByRole("button", { name: "What would it get now?" }).click();
    await page.getByText("expected JSON").waitFor();
  });

withPage("a run that waits says why, and one that works says who does it",
  () => ({ daemon: live, token: worker, now: null }), async ({ page }) => {
    const { run_id } = await request({ why: randomUUID() });
    await goTo(page, `#/runs/${run_id}`);
    await page.getByText(/It is due, /).waitFor();
    await live.ask(worker, "POST", `/v1/runs/${run_id}/attempts`, { worker: "carrier" });
    await page.getByText("A worker carries it out.").waitFor();
    await page.locator(".cause", { hasText: "carrier began" }).waitFor();
  });

withPage("a reader gets no button that changes anything", () => ({ daemon: day, token: reader }), async ({ page }) => {
  await goTo(page, `#/runs/${kFailedRun}`);
  assert.equal(await page.locator(".actions button").count(), 0);
});

withPage("cancelling asks first, and a double click acts once", () => ({ daemon: live, token: worker, now: null }),
  async ({ page, requests }) => {
    const { run_id } = await request({ cancel: randomUUID() });
    await goTo(page, `#/runs/${run_id}`);
    await page.getByRole("button", { name: "Cancel…" }).click();
    await page.getByLabel("Why").fill("no longer needed");
    await page.getByLabel("Your name").fill("ann");
    await page.getByRole("button", { name: "Cancel the run" }).dblclick();
    await page.locator(".view-head .standing.is-cancelled").waitFor();
    const posts = requests.filter((each) => each.method() === "POST");
    assert.equal(new Set(posts.map((each) => each.headers()["idempotency-key"])).size, 1);
    const { run, events } = await live.ask(worker, "GET", `/v1/runs/${run_id}`);
    assert.equal(run.outcome, "cancelled");
    assert.equal(events.filter((event) => event.kind === "failed").length, 1);
    assert.equal(events[1].data.initiator, "ann");
    // Until the token is forgotten, the page knows the name.
    const kept = () => page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]));
    assert.ok((await kept()).includes("ann"));
    await page.locator(".top .who-am-i summary").click();
    await page.getByRole("button", { name: "Forget the token" }).click();
    await page.getByLabel("Access token").waitFor();
    assert.ok(!(await kept()).includes("ann"), await kept());
  });

withPage("failing and asking again lead to a new run that names the old one",
  () => ({ daemon: live, token: worker, now: null }), async ({ page }) => {
    const { run_id } = await request({ fail: randomUUID() });
    await goTo(page, `#/runs/${run_id}`);
    await page.getByRole("button", { name: "Fail…" }).click();
    await page.getByRole("button", { name: "Fail the run" }).click();
    await page.locator(".view-head .standing.is-failed").waitFor();
    await page.getByRole("button", { name: "Ask again…" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Ask again" }).click();
    await page.getByText("Nothing was started").waitFor(); // The cooldown runs.
    await page.getByRole("button", { name: "Close" }).click();
    await page.getByRole("button", { name: "Ask again…" }).click();
    await page.getByLabel("Skip the cooldown").check();
    await page.getByRole("dialog").getByRole("button", { name: "Ask again" }).click();
    await page.waitForFunction((old) => !location.hash.includes(old), run_id);
    await settled(page);
    const repeated = /runs\/([0-9a-f-]{36})/.exec(page.url())[1];
    assert.equal((await live.ask(worker, "GET", `/v1/runs/${repeated}`)).run.rerun_of, run_id);
  });

test("hostile texts in every field stay texts", async () => {
  const hostile = `<img src=x onerror=alert(1)><script>alert(2)</script>"'>javascript:alert(3)\u202e\u2066 ` +
    `${"W".repeat(500)}`;
  const { run_id } = await request({ [`<b onclick=alert(4)>${hostile}`]: [hostile, { __proto__: null, a: hostile }] },
    { initiator: hostile, labels: { note: "<svg onload=alert(5)>\u202eabc" } });
  const { attempt, token } = await live.ask(worker, "POST", `/v1/runs/${run_id}/attempts`, { worker: hostile });
  await live.ask(worker, "POST", `/v1/runs/${run_id}/attempts/${attempt}/finish`, {
    token, outcome: "failed", retryable: false, failures: [{ reason_code: "demo.hostile", message: hostile }],
  });
  await live.ask(worker, "POST", "/v1/runs", { workspace: "acme", tenant: "north", type: "demo.sync",
    input: { [`<b onclick=alert(4)>${hostile}`]: [hostile, { a: hostile }] }, initiator: hostile });
  for (const width of [320, 1280]) {
    const { page, context, wrongs, requests } = await openPage(browser, live, { token: worker, width, now: null });
    const identity = (await live.ask(worker, "GET", `/v1/runs/${run_id}`)).run.run_identity_hash;
    const views = [`#/runs/${run_id}`, `#/runs/${run_id}?at=2`, `#/runs/${encodeURIComponent(hostile)}`,
      `#/identity/${identity}`, `#/identity/${encodeURIComponent(hostile)}`];
    for (const hash of [...kViews, ...views]) {
      await goTo(page, hash);
      for (const details of await page.locator("details:not(.who-am-i)").all())
        await details.evaluate((each) => { each.open = true; });
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      assert.ok(wide <= 0, `${hash} is ${wide} px wider than ${width}`);
      assert.equal(await page.locator("main img, main script").count(), 0);
    }
    assert.deepEqual(wrongs.filter((each) => !each.includes("404")), []);
    assert.ok(requests.every((each) => /^\/(ui\/|v1\/|readyz$)/.test(new URL(each.url()).pathname)));
    await context.close();
  }
});

test("a tenant's token shows nothing of others, neither on the page nor on the wire", async () => {
  const secret = `foreign${randomUUID().slice(0, 8)}`;
  await request({ [secret]: secret }, { tenant: "south", initiator: secret });
  await request({ own: randomUUID() });
  const north = live.token(["request", "audit"], "--workspace", "acme", "--tenant", "north");
  const { page, context, wrongs } = await openPage(browser, live, { token: north, now: null });
  const answers = [];
  page.on("response", async (response) => answers.push(await response.text().catch(() => "")));
  const found = (await live.ask(worker, "GET", "/v1/runs?tenant=south&limit=1")).runs[0];
  const { run_id: foreign, run_identity_hash: identity } = found;
  for (const hash of [...kViews, "#/runs?tenant=south", `#/runs/${foreign}`, `#/identity/${identity}`]) {
    await goTo(page, hash);
    const shown = await page.content();
    assert.ok(!shown.includes(secret), hash);
    assert.ok(!(await text(page)).includes("south") || hash.includes("south"), hash);
  }
  assert.ok(answers.length > 4);
  assert.ok(answers.some((answer) => answer.includes("demo.sync")));
  for (const answer of answers) assert.ok(!answer.includes(secret));
  assert.deepEqual(wrongs, []);
  await context.close();
});

for (const theme of kThemes) {
  test(`no view has a fault that axe can find, ${theme}`, async () => {
    for (const width of [320, 1280]) {
      const { page, context, wrongs } = await openPage(browser, day, { token: reader, theme, width });
      const identity = (await day.ask(reader, "GET", `/v1/runs/${kFailedRun}`)).run.run_identity_hash;
      for (const hash of [...kViews, "#/runs?outcome=failed", "#/runs?type=no.such_type", `#/runs/${kFailedRun}`,
        `#/runs/${kFailedRun}?at=4`, `#/identity/${identity}`, "#/nowhere"]) {
        await goTo(page, hash);
        // The policy of the page lets no foreign script in; this way of the browser's debugger is not bound by it.
        await page.evaluate(axeSource());
        const found = await page.evaluate(() => axe.run(document, { resultTypes: ["violations"] }));
        const faults = found.violations.map((each) => `${each.id}: ${each.nodes.map((node) => node.html).join(" | ")}`);
        assert.deepEqual(faults, [], `${hash} at ${width}`);
      }
      assert.deepEqual(wrongs, []);
      await context.close();
    }
  });
}
