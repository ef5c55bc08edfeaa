// Times, durations, numbers and words as people read them.
import { AttemptOutcome, Counts, DedupeRule, Run } from "./schema";

const kSecond = 1000;
const kMinute = 60 * kSecond;
const kHour = 60 * kMinute;
const kDay = 24 * kHour;

/** A length of time in at most two units: "340 ms", "4.2 s", "3 m 5 s", "2 h 14 m", "3 d 4 h". */
export function duration(ms: number): string {
  const positive = Math.max(0, ms);
  if (positive < kSecond) return `${Math.round(positive)} ms`;
  if (positive < 10 * kSecond) return `${(Math.floor(positive / 100) / 10).toFixed(1)} s`;
  if (positive < kMinute) return `${Math.floor(positive / kSecond)} s`;
  if (positive < kHour) return two(positive, kMinute, "m", kSecond, "s");
  if (positive < kDay) return two(positive, kHour, "h", kMinute, "m");
  return two(positive, kDay, "d", kHour, "h");
}

function two(ms: number, large: number, largeName: string, small: number, smallName: string): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? "" : ` ${rest} ${smallName}`}`;
}

/** How long ago: one unit, since nobody needs the seconds of yesterday. */
export function ago(ms: number): string {
  if (ms < -kSecond) return `in ${duration(-ms)}`;
  if (ms < 5 * kSecond) return "now";
  if (ms < kMinute) return `${Math.floor(ms / kSecond)} s ago`;
  if (ms < kHour) return `${Math.floor(ms / kMinute)} m ago`;
  if (ms < kDay) return `${Math.floor(ms / kHour)} h ago`;
  return `${Math.floor(ms / kDay)} d ago`;
}

let zone: "local" | "utc" = "local";

export function setZone(to: "local" | "utc"): void {
  zone = to;
}

/** What to write after a time of the chosen zone for Date.parse(). */
export function zoneSuffix(): string {
  return zone === "utc" ? "Z" : "";
}

/** The offset of the chosen zone from UTC at a time, as RFC 3339 writes it. */
export function zoneOffset(at: number): string {
  const minutes = zone === "utc" ? 0 : -new Date(at).getTimezoneOffset();
  const size = Math.abs(minutes);
  return minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${pad(Math.floor(size / 60))}:${pad(size % 60)}`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}

interface Parts { day: string; clock: string; fraction: string }

function partsOf(time: string | number): Parts {
  const date = new Date(time);
  const utc = zone === "utc";
  const get = (local: number, universal: number) => pad(utc ? universal : local);
  const year = utc ? date.getUTCFullYear() : date.getFullYear();
  const month = get(date.getMonth() + 1, date.getUTCMonth() + 1);
  const clock = [get(date.getHours(), date.getUTCHours()), get(date.getMinutes(), date.getUTCMinutes()),
    get(date.getSeconds(), date.getUTCSeconds())].join(":");
  // The text may have more digits than a Date keeps.
  const written = typeof time === "string" ? /\.(\d+)/.exec(time)?.[1] : undefined;
  return {
    day: `${pad(year, 4)}-${month}-${get(date.getDate(), date.getUTCDate())}`,
    clock,
    fraction: written ?? pad(date.getMilliseconds(), 3),
  };
}

/** The chosen zone as people read it: "UTC", "UTC+02:00". */
function zoneName(at: number): string {
  const offset = zoneOffset(at);
  return offset === "Z" ? "UTC" : `UTC${offset.replace("-", "−")}`;
}

/** The whole time, with its zone: for titles, and where exactness counts. */
export function wholeTime(time: string): string {
  const { day, clock, fraction } = partsOf(time);
  return `${day} ${clock}.${fraction} ${zoneName(Date.parse(time))}`;
}

export function clockTime(time: string | number): string {
  const { clock, fraction } = partsOf(time);
  return `${clock}.${fraction.slice(0, 3)}`;
}

export function dayTime(time: string | number): string {
  const { day, clock } = partsOf(time);
  return `${day} ${clock}`;
}

/** Milliseconds from one time to another; null when either is missing. */
export function between(from: string | null, to: string | null): number | null {
  return from === null || to === null ? null : Date.parse(to) - Date.parse(from);
}

export function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+(?!\d))/g, " "); // A narrow space between thousands.
}

/** "1 caller waits", "2 callers wait". */
export function counted(count: number, one: string, many: string): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

export function shortId(id: string): string {
  return id.slice(0, 8);
}

export function scopeText(run: { workspace_id: string; tenant_id: string | null }): string {
  return run.tenant_id === null ? run.workspace_id : `${run.workspace_id} / ${run.tenant_id}`;
}

export function countsText(counts: Counts): string {
  return Object.entries(counts).map(([name, value]) => `${name} ${number(value)}`).join(" · ");
}

export type Standing = "queued" | "running" | Run["outcome"] | AttemptOutcome | "lost" | "superseded";

/** What a row says first: its outcome once it has one, else its status. */
export function standingOf(run: Pick<Run, "status" | "outcome">): Standing {
  return run.status === "completed" ? run.outcome : run.status;
}

export const kStandingWords: Record<Standing, string> = {
  queued: "queued",
  running: "running",
  pending: "pending",
  succeeded: "succeeded",
  partially_succeeded: "partly succeeded",
  blocked: "blocked",
  failed: "failed",
  cancelled: "cancelled",
  lost: "lost",
  superseded: "superseded",
};

/** Why a request or a start was answered with a run that was there already. */
export const kRuleWords: Record<DedupeRule, string> = {
  active_run: "a run of the same identity was queued or running",
  cooldown: "the cooldown of the same identity was not over",
  same_run: "the request named a run that existed, with the same content",
  attempt_active: "another worker had an attempt whose lease was alive",
  run_completed: "the run was completed already",
  not_canonical: "another run held the identity by then",
  not_due: "the run waited for its retry",
};
