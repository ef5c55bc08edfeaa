// The filters of the list of runs: how they are typed, written in the address, and sent to the daemon.
import { kStandingWords } from "./format";

export interface FilterKey {
  name: string;
  hint: string;
  values?: readonly string[]; // All of them, where they are few.
  isTime?: boolean;
}

export const kFilters: readonly FilterKey[] = [
  { name: "status", hint: "queued, running, completed", values: ["queued", "running", "completed"] },
  {
    name: "outcome", hint: "how it ended",
    values: ["succeeded", "partially_succeeded", "blocked", "failed", "cancelled", "pending"],
  },
  { name: "type", hint: "type of operation" },
  { name: "workspace", hint: "workspace" },
  { name: "tenant", hint: "tenant" },
  { name: "since", hint: "requested since: 1h, 7d, or a time", isTime: true },
  { name: "until", hint: "requested until: 1h, 7d, or a time", isTime: true },
];

const kByName = new Map(kFilters.map((filter) => [filter.name, filter]));

const kUnits: Record<string, number> = { s: 1e3, m: 6e4, h: 36e5, d: 864e5 };

/** A time as the daemon takes it, of "7d" before `now` or of a date; null if the text is neither. */
export function timeOf(text: string, now: number): string | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  if (match !== null) return new Date(now - Number(match[1]) * kUnits[match[2]]).toISOString();
  const parsed = Date.parse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text);
  return Number.isNaN(parsed) ? null : new Date(parsed).toISOString();
}

export type Typed = { filters: [string, string][]; problem: null } | { filters: null; problem: string };

/** Reads "outcome:failed since:1h"; a value with blanks stands in quotes. */
export function parseFilters(text: string, now: number): Typed {
  const filters: [string, string][] = [];
  for (const [, word] of text.matchAll(/((?:[^\s"]|"[^"]*"?)+)/g)) {
    const colon = word.indexOf(":");
    const name = word.slice(0, colon);
    const value = word.slice(colon + 1).replace(/"/g, "");
    const filter = kByName.get(name);
    if (colon < 1) return { filters: null, problem: `expected key:value, found "${word}"` };
    if (filter === undefined) {
      const names = kFilters.map((each) => each.name).join(", ");
      return { filters: null, problem: `expected one of ${names}, found "${name}"` };
    }
    if (value === "") return { filters: null, problem: `expected a value after ${name}:` };
    if (filter.values !== undefined && !filter.values.includes(value)) {
      return { filters: null, problem: `expected ${name} to be one of ${filter.values.join(", ")}, found "${value}"` };
    }
    if (filter.isTime && timeOf(value, now) === null) {
      return { filters: null, problem: `expected ${name} to be like 1h, 7d or 2026-01-31, found "${value}"` };
    }
    filters.push([name, value]);
  }
  return { filters, problem: null };
}

/** The filters in an address, in the order of kFilters. */
export function filtersIn(query: URLSearchParams): [string, string][] {
  return kFilters.flatMap(({ name }) => query.getAll(name).map((value): [string, string] => [name, value]));
}

/** The same for the daemon: times become absolute. */
export function queryOf(filters: [string, string][], now: number): URLSearchParams {
  const query = new URLSearchParams();
  for (const [name, value] of filters) {
    query.append(name, kByName.get(name)?.isTime ? timeOf(value, now) ?? value : value);
  }
  return query;
}

export function wordOf(value: string): string {
  return (kStandingWords as Record<string, string>)[value] ?? value;
}
