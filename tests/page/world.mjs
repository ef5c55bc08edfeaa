// What the tests of the page share: a real daemon on a ledger of its own, and a browser that reports what it should not
// do.
import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, request as forward } from "node:http";
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

  static async make({ journal = null, catalog = join(source, "schema/catalog.json"), adopt = false,
    options = [] } = {}) {
    const daemon = new Daemon();
    daemon.run(["init"]);
    if (journal !== null)
      daemon.run(["import", "--catalog", catalog, ...(adopt ? ["--adopt"] : []), "-"], journal);
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

/**
 * A proxy before a daemon, which tests let misbehave: `treat` is called with each request, its answer, and a function
 * that passes the request on.
 */
export class Proxy {
  #server = createServer((request, response) => this.treat(request, response, () => this.#pass(request, response)));
  #daemon;
  treat = (request, response, pass) => pass();
  url = "";

  /** Ends with the test. */
  static async before(daemon, test) {
    const proxy = new Proxy();
    test.after(() => proxy.#end());
    proxy.#daemon = new URL(daemon.url);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    proxy.url = `http://127.0.0.1:${proxy.#server.address().port}`;
    return proxy;
  }

  /** Holds requests for paths that match, until the function is called that it returns with the first of them. */
  hold(path) {
    return new Promise((resolve) => {
      const passes = [];
      let isOpen = false;
      this.treat = (request, response, pass) => {
        if (isOpen || !path.test(request.url)) return pass();
        passes.push(pass);
        const open = () => {
          isOpen = true;
          passes.splice(0).forEach((each) => each());
        };
        resolve({ open, isGone: () => response.destroyed });
      };
    });
  }

  #pass(request, response) {
    const { hostname, port, host, origin } = this.#daemon;
    const headers = { ...request.headers, host, ...("origin" in request.headers ? { origin } : {}) };
    const passed = forward({ hostname, port, path: request.url, method: request.method, headers }, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      response.flushHeaders(); // Those of a stream have no body for long.
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  }

  #end() {
    this.#server.closeAllConnections();
    this.#server.close();
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
  hash = "#/runs", now = kNow, isClockOurs = false, bypassCSP = false } = {}) {
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
  if (isClockOurs) await page.clock.install();
  if (now !== null) await page.clock.setFixedTime(new Date(now));
  await page.goto(`${daemon.url}/ui/${token === null ? "" : `#t=${token}`}`);
  if (token !== null) {
    await page.getByRole("heading", { level: 1 }).waitFor();
    await goTo(page, hash);
  }
  return { page, context, wrongs, requests };
}

const kCalmMost = 30000; // Milliseconds.

/** Goes to a view and waits until nothing is being read any more. */
export async function goTo(page, hash) {
  await page.evaluate(async (to) => {
    const before = location.hash;
    location.hash = to;
    if (location.hash === before) return;
    await new Promise((resolve) => { addEventListener("hashchange", resolve, { once: true }); });
  }, hash);
  await settled(page);
}

/** Waits until what was read is drawn and has led to no other read. */
export async function settled(page) {
  const isCalm = () => page.evaluate(async () => {
    // A change is drawn before the next frame, and what follows from it begins after that frame.
    await new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve)));
    });
    return document.querySelector(".loading, .is-old, [aria-busy='true']") === null;
  });
  const until = Date.now() + kCalmMost;
  for (let calm = 0; calm < 2; calm = await isCalm() ? calm + 1 : 0)
    assert.ok(Date.now() < until, `expected ${page.url()} to be read, found that it still reads`);
}

export function axeSource() {
  return readFileSync(new URL("node_modules/axe-core/axe.min.js", import.meta.url), "utf8");
}
