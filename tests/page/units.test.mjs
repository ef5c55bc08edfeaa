// What the page computes without a daemon: filters and times. `scripts/test-page` bundles these parts for Node.js.
import assert from "node:assert/strict";
import { test } from "node:test";
import { kRunFilters, parseFilters, timeOf } from "./built/filter.mjs";
import { setZone, wholeTime } from "./built/format.mjs";

process.env.TZ = "Asia/Kolkata"; // UTC+05:30 all year.
const kNow = Date.parse("2026-01-06T06:30:00Z");
const parse = (text) => parseFilters(text, kRunFilters, kNow);

test("a time is a length before now or a date that exists, and nothing else", () => {
  setZone("local");
  const times = {
    "1h": "2026-01-06T05:30:00.000Z",
    "7d": "2025-12-30T06:30:00.000Z",
    "2026-01-05": "2026-01-04T18:30:00.000Z",
    "2026-01-05T06:00": "2026-01-05T00:30:00.000Z",
    "2026-01-05 06:00:01.25": "2026-01-05T00:30:01.250Z",
    "2026-01-05T06:00Z": "2026-01-05T06:00:00.000Z",
    "2026-01-05T06:00:00-03:00": "2026-01-05T09:00:00.000Z",
    "2024-02-29": "2024-02-28T18:30:00.000Z",
  };
  for (const [text, time] of Object.entries(times)) assert.equal(timeOf(text, kNow), time, text);
  for (const text of ["", "1", "h", "1w", "1.5h", "-1h", "2026", "2026-1-5", "2026-02-29", "2026-13-01",
    "2026-01-05T25:00", "2026-01-05T06", "2026-01-05Z", "2026-01-05T06:00+99:00", "5 January 2026", "Jan 5",
    "2026-01-05T06:00 UTC"]) {
    assert.equal(timeOf(text, kNow), null, text);
  }
});

test("a date that names no zone is written with the zone in which the user reads times", () => {
  const written = (text) => parse(`since:"${text}"`).filters[0][1];
  setZone("local");
  assert.equal(written("2026-01-05"), "2026-01-05T00:00+05:30");
  assert.equal(written("2026-01-05 06:00"), "2026-01-05T06:00+05:30");
  assert.equal(written("2026-01-05T06:00:09.125"), "2026-01-05T06:00:09.125+05:30");
  assert.equal(wholeTime("2026-01-05T00:30:00Z"), "2026-01-05 06:00:00.000 UTC+05:30");
  setZone("utc");
  assert.equal(written("2026-01-05"), "2026-01-05T00:00Z");
  assert.equal(written("2026-01-05T06:00:09"), "2026-01-05T06:00:09Z");
  assert.equal(written("2026-01-05T06:00+02:00"), "2026-01-05T06:00+02:00");
  assert.equal(written("24h"), "24h");
  for (const text of ["2026-01-05", "2026-01-05T06:00:09.125", "2026-01-05 06:00"])
    assert.equal(timeOf(written(text), kNow), timeOf(text, kNow));
});

test("ids and hashes are taken in capital letters too, and other values as they are", () => {
  const id = "5EC2E700-0000-4000-8000-000000001030";
  assert.deepEqual(parse(`id_prefix:5EC2 parent:${id} identity:${"AB".repeat(32)} initiator:Ann`).filters, [
    ["id_prefix", "5ec2"], ["parent", id.toLowerCase()], ["identity", "ab".repeat(32)], ["initiator", "Ann"],
  ]);
});

test("what is wrong with a filter is said", () => {
  const wrong = {
    "nonsense": /expected key:value, found "nonsense"/,
    "colour:red": /expected one of status, .*found "colour"/,
    "status:": /expected a value after status:/,
    "status:lost": /expected status to be one of queued, running, completed, found "lost"/,
    "since:yesterday": /expected since to be like 1h, .*found "yesterday"/,
    "id_prefix:xyz": /expected id_prefix to be like 5ec2e700, found "xyz"/,
  };
  for (const [text, problem] of Object.entries(wrong)) assert.match(parse(text).problem, problem, text);
});
