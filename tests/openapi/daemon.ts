// Starts a daemon on a ledger of its own for a test, and issues access tokens for it.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";

export type Right = "request" | "work" | "audit" | "operate";

// Owns the process and the directory of the ledger; end() ends the one and removes the other.
export class Daemon {
  private constructor(
    private readonly program: string,
    private readonly home: string,
    private readonly process: ChildProcess,
    readonly url: string,
  ) {}

  // Returns when the daemon listens. Throws if it ends before.
  static async start(program: string): Promise<Daemon> {
    const home = mkdtempSync(join(tmpdir(), "runledger-openapi-"));
    try {
      const data = ["--data", join(home, "ledger"), "--format", "json"];
      execFileSync(program, [...data, "init"]);
      const process = spawn(program, [...data, "serve", "--http", "127.0.0.1:0"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      for await (const line of createInterface({ input: process.stdout })) {
        const ready = JSON.parse(line) as { http: string };
        return new Daemon(program, home, process, ready.http);
      }
      throw new Error("expected the daemon to listen, found that it ended");
    } catch (error) {
      rmSync(home, { recursive: true });
      throw error;
    }
  }

  // Returns a token with these rights for one tenant of the workspace, or for the whole ledger if no tenant is given.
  issueToken(rights: readonly Right[], tenant?: string): string {
    const scope = tenant === undefined ? ["--every-workspace"] : ["--workspace", "acme", "--tenant", tenant];
    const options = rights.flatMap((right) => ["--right", right]);
    const command = ["--data", join(this.home, "ledger"), "--format", "json", "token", "issue", ...scope, ...options];
    return (JSON.parse(execFileSync(this.program, command, { encoding: "utf8" })) as { token: string }).token;
  }

  async end(): Promise<void> {
    const ended = once(this.process, "exit");
    this.process.kill("SIGTERM");
    await ended;
    rmSync(this.home, { recursive: true });
  }
}
