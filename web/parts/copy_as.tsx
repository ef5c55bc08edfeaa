// What a list shows, as something to paste: a call, a table, or the address.
import { h } from "preact";
import { Run } from "../schema";
import { Copy } from "./copy";

const kColumns: readonly (keyof Run)[] = ["run_id", "workspace_id", "tenant_id", "type", "status", "outcome", "attempt",
  "deduped_count", "initiator", "reason_code", "requested_at", "started_at", "completed_at"];

/** A field of CSV (RFC 4180). One that a spreadsheet would take for a formula is marked as text. */
function field(value: unknown): string {
  const text = value === null || value === undefined ? "" : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replace(/"/g, "\"\"")}"` : safe;
}

function csvOf(runs: Run[]): string {
  const rows = runs.map((run) => kColumns.map((name) => field(run[name])).join(","));
  return `${[kColumns.join(","), ...rows].join("\r\n")}\r\n`;
}

function quoted(text: string): string {
  return `'${text.replace(/'/g, "'\\''")}'`;
}

export function CopyAs({ runs, query }: { runs: Run[]; query: URLSearchParams }) {
  const text = query.toString();
  const url = new URL(`../v1/runs${text === "" ? "" : `?${text}`}`, location.href.replace(/#.*$/, "")).href;
  return (
    <details class="who-am-i">
      <summary class="soft">Copy as</summary>
      <div class="menu">
        <p>Address <Copy text={location.href} label="the address of this view" /></p>
        <p>curl <Copy text={`curl -sS -H "Authorization: Bearer $TOKEN" ${quoted(url)}`} label="as curl" /></p>
        <p>CSV, {runs.length} rows <Copy text={csvOf(runs)} label="as CSV" /></p>
        <p>JSON lines <Copy text={runs.map((run) => `${JSON.stringify(run)}\n`).join("")} label="as JSON lines" /></p>
      </div>
    </details>
  );
}
