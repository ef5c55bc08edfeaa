// The filters of lists: how they are typed, written in the address, and sent to the daemon.
import { dayTime, kStandingWords, zoneOffset, zoneSuffix } from "./format";

export interface FilterKey {
  name: string;
  hint: string;
  values?: readonly string[]; // All of them, where they are few.
  isTime?: boolean;
  isMany?: boolean; // Several values at once are taken: any of them, or all of several labels.
  form?: RegExp;
  example?: string; // Of a value that has a form.
  isHex?: boolean; // The ledger writes it in lower case; people paste what another program wrote.
}

const kId = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const kIdentity: FilterKey = {
  name: "identity", hint: "identity hash", form: /^[0-9a-f]{64}$/, example: "the 64 digits of an identity", isHex: true,
};

const kScope: readonly FilterKey[] = [
  { name: "type", hint: "type of operation", isMany: true },
  { name: "workspace", hint: "workspace" },
  { name: "tenant", hint: "tenant" },
];

const kRecorded: readonly FilterKey[] = [
  { name: "since", hint: "since: 1h, 7d, or 2026-01-31", isTime: true },
  { name: "until", hint: "until: 1h, 7d, or 2026-01-31", isTime: true },
];

export const kRunFilters: readonly FilterKey[] = [
  { name: "status", hint: "queued, running, completed", values: ["queued", "running", "completed"], isMany: true },
  {
    name: "outcome", hint: "how it ended", isMany: true,
    values: ["succeeded", "partially_succeeded", "blocked", "failed", "cancelled", "pending"],
  },
  ...kScope,
  { name: "reason_code", hint: "why it failed, or its latest attempt did" },
  { name: "initiator", hint: "who asked for it" },
  { name: "worker", hint: "who started an attempt" },
  { name: "label", hint: "label as key=value", isMany: true, form: /^[^=]+=/, example: "region=eu" },
  { name: "deduped", hint: "1: requests were answered with it", values: ["1"] },
  { name: "attempts_min", hint: "at least so many attempts", form: /^\d{1,4}$/, example: "2" },
  { name: "id_prefix", hint: "how its id begins", form: /^[0-9a-f-]{4,36}$/, example: "5ec2e700", isHex: true },
  kIdentity,
  { name: "parent", hint: "the run that led to it", form: kId, example: "the id of a run", isHex: true },
  { name: "since", hint: "requested since: 1h, 7d, or 2026-01-31", isTime: true },
  { name: "until", hint: "requested until: 1h, 7d, or 2026-01-31", isTime: true },
  { name: "completed_since", hint: "completed since: 1h, 7d, or 2026-01-31", isTime: true },
];

export const kDuplicateFilters: readonly FilterKey[] = [
  {
    name: "rule", hint: "why it was turned away", isMany: true,
    values: ["active_run", "cooldown", "same_run", "attempt_active", "run_completed", "not_canonical", "not_due"],
  },
  { name: "stage", hint: "dispatch: requests, execute: starts", values: ["dispatch", "execute"] },
  ...kScope,
  { name: "initiator", hint: "who asked again" },
  kIdentity,
  ...kRecorded,
];

export const kFailureFilters: readonly FilterKey[] = [
  ...kScope, { name: "reason_code", hint: "reason of the failure" }, ...kRecorded,
];

export const kAttemptFilters: readonly FilterKey[] = [
  ...kScope, { name: "worker", hint: "who started it" }, ...kRecorded,
];

const kUnits: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

// A day, or a day and a time, which may name its zone.
const kDate = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)(Z|[+-]\d\d:\d\d)?)?$/;

/** A time as the daemon takes it, of "7d" before `now` or of a date; null if the text is neither. */
export function timeOf(text: string, now: number): string | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match !== null) return new Date(now - Number(match[1]) * kUnits[match[2]]).toISOString();
  const [, day, clock, zone] = kDate.exec(text) ?? [];
  if (day === undefined || !isDay(day)) return null;
  const parsed = Date.parse(`${day}T${clock ?? "00:00"}${zone ?? zoneSuffix()}`);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString();
}

/**
 * A time as it is written into the address, which others may open in another zone: a date or a time that names no zone
 * gets the one in which the user reads times.
 */
function withZone(text: string, now: number): string {
  const [, day, clock, zone] = kDate.exec(text) ?? [];
  if (day === undefined || zone !== undefined) return text;
  const at = Date.parse(timeOf(text, now) ?? "");
  const fraction = /\.\d+$/.exec(clock ?? "")?.[0] ?? "";
  const [date, whole] = dayTime(at).split(" ");
  return `${date}T${fraction === "" ? whole.replace(/:00$/, "") : whole + fraction}${zoneOffset(at)}`;
}

/** Whether there is such a day: a Date takes the 31st of February for the third of March. */
function isDay(day: string): boolean {
  const parsed = Date.parse(`${day}T00:00Z`);
  return !Number.isNaN(parsed) && new Date(parsed).toISOString().startsWith(day);
}

export type Filter = [name: string, value: string];
type Typed = { filters: Filter[]; problem: null } | { filters: null; problem: string };

function problemOf(filter: FilterKey, value: string, now: number): string | null {
  const { name } = filter;
  if (value === "") return `expected a value after ${name}:`;
  if (filter.values !== undefined && !filter.values.includes(value)) {
    return `expected ${name} to be one of ${filter.values.join(", ")}, found "${value}"`;
  }
  if (filter.isTime && timeOf(value, now) === null) {
    return `expected ${name} to be like 1h, 7d, 2026-01-31 or 2026-01-31T09:30Z, found "${value}"`;
  }
  if (filter.form !== undefined && !filter.form.test(value)) {
    return `expected ${name} to be like ${filter.example}, found "${value}"`;
  }
  return null;
}

/** Reads "outcome:failed since:1h"; a value with blanks stands in quotes. */
export function parseFilters(text: string, keys: readonly FilterKey[], now: number): Typed {
  const filters: Filter[] = [];
  for (const [, word] of text.matchAll(/((?:[^\s"]|"[^"]*"?)+)/g)) {
    const colon = word.indexOf(":");
    const name = word.slice(0, colon);
    const typed = word.slice(colon + 1).replace(/"/g, "");
    if (colon < 1) return { filters: null, problem: `expected key:value, found "${word}"` };
    const filter = keys.find((each) => each.name === name);
    if (filter === undefined) {
      const names = keys.map((each) => each.name).join(", ");
      return { filters: null, problem: `expected one of ${names}, found "${name}"` };
    }
    const value = filter.isHex ? typed.toLowerCase() : typed;
    const problem = problemOf(filter, value, now);
    if (problem !== null) return { filters: null, problem };
    filters.push([name, filter.isTime ? withZone(value, now) : value]);
  }
  return { filters, problem: null };
}

/** Adds filters to others: one that takes a single value takes the place of its former one. */
export function added(before: Filter[], more: Filter[], keys: readonly FilterKey[]): Filter[] {
  const isMany = (name: string) => keys.find((each) => each.name === name)?.isMany === true;
  const kept = before.filter(([name, value]) => !more.some((each) =>
    each[0] === name && (!isMany(name) || each[1] === value)));
  return [...kept, ...more];
}

/** The filters in an address, in the order of `keys`. */
export function filtersIn(query: URLSearchParams, keys: readonly FilterKey[]): Filter[] {
  return keys.flatMap(({ name }) => query.getAll(name).map((value): Filter => [name, value]));
}

/** The same for the daemon: times become absolute. */
export function queryOf(filters: Filter[], keys: readonly FilterKey[], now: number): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of filters) {
    const isTime = keys.find((each) => each.name === name)?.isTime === true;
    query.append(name, isTime ? timeOf(value, now) ?? value : value);
  }
  return query;
}

export function wordOf(value: string): string {
  return (kStandingWords as Record<string, string>)[value] ?? value;
}
