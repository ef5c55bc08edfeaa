// The page and its connection: news of changes, tabs, restarts, proxies, answers that are slow, cut or foreign.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { Daemon, goTo, launch, openPage, Proxy, settled } from "./world.mjs";

let browser;
let live;
let worker;

before(async () => {
  browser = await launch();
  live = await Daemon.make();
  worker = live.token(["request", "work"]);
});
after(async () => {
  await browser?.close();
  await live?.end();
});

const request = (input, extra = {}) => live.ask(worker, "POST", "/v1/runs", {
  workspace: "acme", tenant: "north", type: "demo.sync", input, ...extra,
});
const rows = (page) => page.locator("table.runs tbody tr");
const text = (page) => page.locator("main").innerText();

test("an answer to the token before says nothing of the one now", async (t) => {
  const proxy = await Proxy.before(live, t);
  const issued = JSON.parse(live.run(["token", "issue", "--every-workspace", "--right", "request"]));
  const { run_id } = await request({ before: randomUUID() });
  const { page, context, wrongs } = await openPage(browser, proxy, { token: issued.token, now: null });
  await goTo(page, `#/runs/${run_id}`);
  const held = proxy.hold(/\/cancel$/);
  await page.getByRole("button", { name: "Cancel…" }).click();
  const answered = page.waitForResponse(/\/cancel$/);
  await page.getByRole("button", { name: "Cancel the run" }).click();
  const { open } = await held;
  live.run(["token", "revoke", issued.id]);
  await page.evaluate((token) => { location.hash = `#t=${token}`; }, worker);
  await page.getByText("request, work").waitFor();
  open();
  assert.equal((await answered).status(), 401);
  await settled(page);
  assert.equal(await page.getByText("does not take this token").count(), 0);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("nothing of one run stays on screen under the name of another", async (t) => {
  const proxy = await Proxy.before(live, t);
  const first = await request({ first: randomUUID() }, { initiator: "ann" });
  const other = await request({ other: randomUUID() }, { initiator: "bob" });
  const { page, context, wrongs } = await openPage(browser, proxy, { token: worker, now: null,
    hash: `#/runs/${first.run_id}` });
  assert.match(await text(page), /\bann\b/);
  const held = proxy.hold(new RegExp(`/v1/runs/${other.run_id}$`));
  await page.evaluate((id) => { location.hash = `#/runs/${id}`; }, other.run_id);
  const { open } = await held;
  await page.getByRole("heading", { level: 1, name: `Run ${other.run_id.slice(0, 8)}` }).waitFor();
  assert.doesNotMatch(await text(page), /\bann\b|\bbob\b/);
  open();
  await page.getByText("bob", { exact: true }).first().waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("a restart of the daemon is survived, and the last data stay", async () => {
  await request({ shown: randomUUID() });
  const { page, context, wrongs } = await openPage(browser, live, { token: worker, now: null });
  const shown = await rows(page).count();
  assert.ok(shown > 0);
  await live.stop();
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("The daemon does not answer").waitFor();
  assert.equal(await rows(page).count(), shown);
  await live.start();
  await page.getByText("The daemon does not answer").waitFor({ state: "detached", timeout: 30000 });
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("a proxy that answers in place of the daemon, and an answer that is cut, are said and tried again", async (t) => {
  await request({ shown: randomUUID() });
  const proxy = await Proxy.before(live, t);
  const { page, context, wrongs } = await openPage(browser, proxy, { token: worker, now: null });
  const shown = await rows(page).count();
  const failings = [
    ["A proxy answered in place of the daemon", (response) => {
      response.writeHead(502, { "Content-Type": "text/html" }).end("<h1>Bad Gateway</h1>");
    }],
    ["A proxy answered in place of the daemon", (response) => response.writeHead(504).end()],
    ["The daemon does not answer", (response) => {
      response.writeHead(200, { "Content-Type": "application/json", "Content-Length": 1000 });
      response.write("{\"runs\":[", () => response.destroy());
    }],
  ];
  for (const [title, fail] of failings) {
    proxy.treat = (asked, response, pass) => (asked.url.startsWith("/v1/runs?") ? fail(response) : pass());
    await page.getByRole("button", { name: "Refresh" }).click();
    await page.getByText(title).waitFor();
    await page.getByText(/Next try in \d+ s|Trying again/).waitFor();
    assert.equal(await rows(page).count(), shown);
    proxy.treat = (asked, response, pass) => pass();
    await page.getByText(title).waitFor({ state: "detached" });
    assert.equal(await rows(page).count(), shown);
  }
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("news lets a slow read arrive, and is read after it", async (t) => {
  await request({ shown: randomUUID() });
  const proxy = await Proxy.before(live, t);
  const { page, context, wrongs } = await openPage(browser, proxy, { token: worker, now: null });
  await page.getByRole("button", { name: "live", exact: true }).waitFor();
  const first = await rows(page).first().locator("a").getAttribute("href");
  const held = proxy.hold(/^\/v1\/runs\?/);
  await request({ slow: randomUUID() });
  const { open, isGone } = await held;
  // The numbers of the facets are read on the same news, but later, so the list has had its news by then.
  const facets = page.waitForResponse(/\/v1\/stats/);
  await request({ more: randomUUID() });
  await facets;
  await Promise.all([page.waitForResponse(/\/v1\/stats/), request({ still: randomUUID() })]);
  assert.ok(!isGone());
  open();
  await page.getByRole("button", { name: "3 newer" }).waitFor();
  assert.equal(await rows(page).first().locator("a").getAttribute("href"), first);
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("rows of one filter never stand under another while the daemon is away", async () => {
  await request({ shown: randomUUID() });
  const { page, context, wrongs } = await openPage(browser, live, { token: worker, now: null });
  assert.ok(await rows(page).count() > 0);
  await page.route("**/v1/**", (route) => route.abort());
  await page.evaluate(() => { location.hash = "#/runs?outcome=failed"; });
  await page.getByText("The daemon does not answer").waitFor();
  assert.equal(await rows(page).count(), 0);
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("a stream that gives no sign is given up, and a tab that sleeps follows again when it wakes", async () => {
  const { page, context, wrongs } = await openPage(browser, live, {
    token: live.token(["request", "work"]), now: null, isClockOurs: true, hash: "#/health" });
  const mark = (name) => page.getByRole("button", { name, exact: true });
  await mark("live").waitFor();
  const isFollowing = (each) => each.url().includes("follow=1");
  const silent = page.waitForEvent("requestfailed", isFollowing);
  await page.clock.fastForward(41000); // The daemon gives a sign every 15 s of its own time.
  await silent;
  await mark("connecting").waitFor();
  const again = page.waitForRequest(isFollowing);
  await page.clock.fastForward(4000);
  await again;
  await mark("live").waitFor();
  await request({ shown: randomUUID() });
  await goTo(page, "#/runs");
  const hide = (hidden) => page.evaluate((to) => {
    Object.defineProperty(document, "hidden", { get: () => to, configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  }, hidden);
  await hide(true);
  await page.clock.fastForward(61000);
  await mark("not live").waitFor();
  await request({ asleep: randomUUID() });
  await hide(false);
  await mark("live").waitFor();
  await page.clock.fastForward(2000);
  await page.getByRole("button", { name: "1 newer" }).waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("a row that leaves the list by its state still says how it stands", async () => {
  const { run_id } = await request({ stray: randomUUID() });
  const { page, context, wrongs } = await openPage(browser, live, { token: worker, now: null,
    hash: "#/runs?status=queued" });
  await page.getByRole("button", { name: "live", exact: true }).waitFor();
  const row = rows(page).filter({ hasText: run_id.slice(0, 8) });
  await row.locator(".standing.is-queued").waitFor();
  await live.ask(worker, "POST", `/v1/runs/${run_id}/cancel`, {});
  await row.locator(".standing.is-cancelled").waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("a token that ends leads back to the form", async () => {
  const issued = JSON.parse(live.run(["token", "issue", "--every-workspace", "--right", "audit"]));
  const { page, context, wrongs } = await openPage(browser, live, { token: issued.token, now: null });
  live.run(["token", "revoke", issued.id]);
  await page.getByRole("button", { name: "Refresh" }).click();
  await page.getByText("does not take this token").waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("new runs wait under a pill, and rows on screen change in their place", async () => {
  const watcher = live.token(["request", "work"]);
  const { run_id } = await request({ shown: randomUUID() });
  const { page, context, wrongs } = await openPage(browser, live, { token: watcher, now: null });
  await page.getByRole("button", { name: "live", exact: true }).waitFor();
  const newest = () => rows(page).first().locator("a").getAttribute("href");
  const first = await newest();
  await request({ one: randomUUID() });
  await request({ two: randomUUID() });
  await page.getByRole("button", { name: "2 newer" }).waitFor();
  assert.equal(await newest(), first);
  const row = rows(page).filter({ hasText: run_id.slice(0, 8) });
  await live.ask(watcher, "POST", `/v1/runs/${run_id}/attempts`, { worker: "w" });
  await row.locator(".standing.is-running").waitFor();
  await page.getByRole("button", { name: "2 newer" }).click();
  await page.waitForFunction(() => document.querySelector(".pill") === null);
  await goTo(page, `#/runs/${run_id}`);
  await live.ask(watcher, "POST", `/v1/runs/${run_id}/cancel`, {});
  await page.locator(".view-head .standing.is-cancelled").waitFor();
  assert.deepEqual(wrongs, []);
  await context.close();
});

test("one tab of a browser follows, another takes over, and a paused one does not change", async () => {
  const watcher = live.token(["request", "work"]);
  const { page, context, wrongs, requests } = await openPage(browser, live, { token: watcher, now: null });
  await page.getByRole("button", { name: "live", exact: true }).waitFor();
  const other = await context.newPage();
  const followed = [];
  other.on("request", (each) => { if (each.url().includes("follow=1")) followed.push(each.url()); });
  await other.goto(`${live.url}/ui/#t=${watcher}`);
  await other.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await goTo(other, "#/runs");
  await other.getByRole("button", { name: "live", exact: true }).waitFor();
  await request({ other: randomUUID() });
  await other.getByRole("button", { name: "1 newer" }).waitFor();
  assert.equal(requests.filter((each) => each.url().includes("follow=1")).length, 1);
  assert.deepEqual(followed, []);
  await page.close();
  await request({ more: randomUUID() });
  await other.getByRole("button", { name: "2 newer" }).waitFor();
  assert.equal(followed.length, 1);
  await other.keyboard.press("r");
  await other.getByRole("button", { name: "paused" }).waitFor();
  // A third tab shows the next two runs one after the other, so that the paused one would have shown the first by then.
  const third = await context.newPage();
  await third.goto(`${live.url}/ui/#t=${watcher}`);
  await third.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
  await goTo(third, "#/runs");
  await third.getByRole("button", { name: "live", exact: true }).waitFor();
  for (const newer of ["1 newer", "2 newer"]) {
    await request({ unseen: newer, one: randomUUID() });
    await third.getByRole("button", { name: newer }).waitFor();
  }
  assert.equal(await other.getByRole("button", { name: "2 newer" }).count(), 1);
  assert.deepEqual(wrongs, []);
  await context.close();
});
