// What the tests of the page share: a real daemon on a ledger of its own, and a browser that reports what it should not
// do.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";

export const program = process.env.LEDGER_TESTS_PROGRAM;
export const source = process.env.LEDGER_TESTS_SOURCE;

/** A day of made-up work, whose journal is the same each time; the browser's clock stands a few hours later. */
export const kDay = "2026-01-05";
export const kNow = "2026-01-06T06:30:00Z";

// Owns the process and the directory of the ledger.
export class Daemon {
  #home = mkdtempSync(join(tmpdir(), "runledger-page-"));
  #process = null;
  url = "";

  get data() {
    return join(this.#home, "ledger");
  }

  run(args, input = undefined) {
    return execFileSync(program, ["--data", this.data, "--format", "json", ...args], { encoding: "utf8", input });
  }

  static async make({ journal = null, catalog = join(source, "schema/catalog.json"), options = [] } = {}) {
    const daemon = new Daemon();
    daemon.run(["init"]);
    if (journal !== null) daemon.run(["import", "--catalog", catalog, "-"], journal);
    await daemon.start(options);
    return daemon;
  }

  /** Starts the daemon, on the port that it had before if there is one. Returns when it listens. */
  async start(options = []) {
    const address = this.url === "" ? "127.0.0.1:0" : new URL(this.url).host;
    this.#process = spawn(program, ["--data", this.data, "--format", "json", "serve", "--http", address,
      "--log-level", "error", ...options], { stdio: ["ignore", "pipe", "inherit"] });
    for await (const line of createInterface({ input: this.#process.stdout })) {
      this.url = JSON.parse(line).http;
      return;
    }
    throw new Error("expected the daemon to listen, found that it ended");
  }

  async stop() {
    const ended = once(this.#process, "exit");
    this.#process.kill("SIGTERM");
    await ended;
  }

  async end() {
    await this.stop();
    rmSync(this.#home, { recursive: true });
  }

  /** A token of these rights; without a scope, for the whole ledger. */
  token(rights, ...scope) {
    const bound = scope.length === 0 ? ["--every-workspace"] : scope;
    return JSON.parse(this.run(["token", "issue", ...bound, ...rights.flatMap((each) => ["--right", each])])).token;
  }

  async ask(token, method, path, body = undefined) {
    const response = await fetch(this.url + path, {
      method, body: body === undefined ? undefined : JSON.stringify(body),
      headers: { Authorization: `Bearer ${token}`, "Content-Type": "application/json" },
    });
    const text = await response.text();
    assert.ok(response.ok, `${method} ${path}: ${response.status} ${text}`);
    return JSON.parse(text);
  }
}

export function journalOfTheDay() {
  return execFileSync(join(source, "scripts/demo-workload"), [kDay], { encoding: "utf8", maxBuffer: 1 << 26 });
}

// Without these, letters would differ between machines by a shade.
const kSteady = ["--no-sandbox", "--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text",
  "--disable-skia-runtime-opts"];

export function launch() {
  return chromium.launch({ executablePath: process.env.LEDGER_TESTS_CHROMIUM, args: kSteady });
}

/**
 * A page of a browser profile of its own. `wrongs` gets what no page of ours may do: break the content security policy,
 * open a dialog of the browser, ask another origin, fail in its own code.
 */
export async function openPage(browser, daemon, { token = null, width = 1280, height = 900, theme = "light",
  hash = "#/runs", now = kNow, bypassCSP = false } = {}) {
  const context = await browser.newContext({
    viewport: { width, height }, colorScheme: theme, timezoneId: "UTC", bypassCSP,
  });
  const page = await context.newPage();
  const wrongs = [];
  const requests = [];
  page.on("pageerror", (error) => wrongs.push(`error: ${error.stack}`));
  page.on("dialog", (dialog) => { wrongs.push(`dialog: ${dialog.message()}`); dialog.dismiss(); });
  page.on("console", (message) => {
    // The browser logs a refused or unanswered request; tests that provoke one look at what the page makes of it.
    if (message.type() === "error" && !message.text().startsWith("Failed to load resource"))
      wrongs.push(`console: ${message.text()}`);
  });
  page.on("request", (request) => {
    requests.push(request);
    if (!request.url().startsWith(daemon.url)) wrongs.push(`foreign request: ${request.url()}`);
  });
  await page.addInitScript(() => {
    addEventListener("securitypolicyviolation", (event) => {
      console.error(`violates ${event.violatedDirective}: ${event.blockedURI} ${event.sample}`);
    });
  });
  if (now !== null) await page.clock.setFixedTime(new Date(now));
  await page.goto(`${daemon.url}/ui/${token === null ? "" : `#t=${token}`}`);
  if (token !== null) {
    await page.getByRole("heading", { level: 1 }).waitFor();
    await goTo(page, hash);
  }
  return { page, context, wrongs, requests };
}

/** Goes to a view and waits until nothing is being read any more. */
export async function goTo(page, hash) {
  await page.evaluate((to) => { location.hash = to; }, hash);
  await settled(page);
}

export async function settled(page) {
  await page.evaluate(() => new Promise((resolve) => {
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve, 20)));
  }));
  await page.waitForFunction(() => document.querySelector(".loading, .is-old, [aria-busy='true']") === null);
}

export function axeSource() {
  return readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
}
