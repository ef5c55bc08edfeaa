// Writes each line with JsonWriter and reads it back as strictly as a journal, because the file may have been changed.
#include "tools/cli/spooling/record.h"

#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "ledger/exchange/report_json.h"
#include "ledger/exchange/request_json.h"
#include "ledger/rules/report.h"
#include "ledger/values/json.h"
#include "ledger/values/json_object.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

constexpr std::string_view kDamaged = "spool.damaged";
constexpr std::uint64_t kForm = 1;  // Of the file; a program refuses any other.
constexpr Duration kLeaseMax = std::chrono::hours(24 * 3660);

// A line is an input with a few members around it, as in a journal.
constexpr JsonLimits kSpooledLineLimits = {
    .bytes_max = 1024 * 1024, .depth_max = RunInput::kDepthMax + 1, .keys_max = RunInput::kKeysMax + 128};

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

void write_policy(JsonWriter& out, const PolicyChanges& changes) {
  out.begin_object();
  if (changes.max_attempts) out.member("max_attempts", *changes.max_attempts);
  if (changes.lease) out.member("lease_seconds", seconds_of(*changes.lease));
  if (changes.backoff) out.member("backoff_seconds", seconds_of(*changes.backoff));
  if (changes.cooldown) out.member("cooldown_seconds", seconds_of(*changes.cooldown));
  if (changes.cooldown_from) out.member("cooldown_from", *changes.cooldown_from);
  if (changes.cooldown_after) {
    out.key("cooldown_after").begin_array();
    for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
      if (changes.cooldown_after->bits != 0 && changes.cooldown_after->contains(outcome)) out.text(word);
    }
    out.end_array();
  }
  out.end_object();
}

SpooledRecord read_opening(const JsonObject& line) {
  line.only({"spool", "ledger", "run", "workspace", "tenant", "type", "input", "initiator", "force", "parent",
             "rerun_of", "labels", "traceparent", "policy", "worker", "lease_seconds", "at"});
  if (line.number("spool", {.max = kForm}) != kForm) refuse(kDamaged, "expected \"spool\" to be 1");
  SpooledRecord record;
  record.ledger = line.text("ledger");
  record.lease = line.seconds("lease_seconds", Duration::zero(), kLeaseMax);
  record.run.worker = sanitize(line.text_or("worker", ""));
  record.run.requested_at = need(parse_time(line.text("at")));
  RunRequest& request = record.run.request;
  request.run = RunId{need(parse_uuid(line.text("run"), "run"))};
  request.workspace = need(parse_workspace(line.text("workspace")));
  if (const std::string* tenant = line.find_text("tenant")) request.tenant = need(parse_tenant(*tenant));
  request.type = need(parse_run_type(line.text("type")));
  request.input = need(RunInput::from_value(line.get("input")));
  if (const std::string* initiator = line.find_text("initiator")) request.initiator = sanitize(*initiator);
  request.force = line.boolean("force");
  if (const std::string* parent = line.find_text("parent")) request.parent = RunId{need(parse_uuid(*parent, "parent"))};
  if (const std::string* rerun = line.find_text("rerun_of"))
    request.rerun_of = RunId{need(parse_uuid(*rerun, "rerun_of"))};
  read_optional_members(line, request);
  return record;
}

void read_end(const JsonObject& line, SpooledRecord& record) {
  line.only({"event", "at", "outcome", "summary_counts", "failures", "retryable", "last"});
  FinishAttempt report;
  read_details(line, report);
  SpooledAttempt& attempt = record.run.attempts.back();
  attempt.ended_at = need(parse_time(line.text("at")));
  attempt.outcome = need(parse_reported_outcome(line.text("outcome")));
  attempt.summary_counts = std::move(report.summary_counts);
  attempt.failures = std::move(report.failures);
  attempt.retryable = line.boolean("retryable");
  record.has_ended = line.boolean("last");
}

void read_next(const JsonObject& line, SpooledRecord& record) {
  const std::string& event = line.text("event");
  if (record.has_ended) refuse(kDamaged, "expected nothing after the end of the run");
  if (event == "attempt-started" && !record.is_open) {
    line.only({"event", "at"});
    const Time at = need(parse_time(line.text("at")));
    record.run.attempts.push_back({.started_at = at, .ended_at = at});
    record.is_open = true;
  } else if (event == "attempt-finished" && record.is_open) {
    read_end(line, record);
    record.is_open = false;
  } else if (event == "cancelled" && !record.is_open && !record.run.attempts.empty()) {
    record.run.cancelled = true;
    record.has_ended = true;
  } else {
    refuse(kDamaged, fmt::format("expected an event that can follow, found \"{}\"", event));
  }
}

}  // namespace

std::string opening_line(const SpooledRecord& record) {
  const RunRequest& request = record.run.request;
  JsonWriter out;
  out.begin_object().member("spool", kForm).member("ledger", record.ledger).member("run", request.run);
  out.member("workspace", request.workspace).member("tenant", request.tenant).member("type", request.type);
  out.key("input").json(request.input.canonical());
  out.member("initiator", request.initiator).member("force", request.force);
  out.member("parent", request.parent).member("rerun_of", request.rerun_of);
  out.key("labels").json(labels_to_json(request.labels));
  out.member("traceparent", request.traceparent).key("policy");
  write_policy(out, request.policy);
  out.member("worker", record.run.worker).member("lease_seconds", seconds_of(record.lease));
  out.member("at", record.run.requested_at).end_object();
  return out.take();
}

std::string start_line(Time at) {
  JsonWriter out;
  out.begin_object().member("event", "attempt-started").member("at", at).end_object();
  return out.take();
}

std::string end_line(const SpooledAttempt& attempt, bool is_last) {
  JsonWriter out;
  out.begin_object().member("event", "attempt-finished").member("at", attempt.ended_at);
  out.member("outcome", attempt.outcome).key("summary_counts").json(counts_to_json(attempt.summary_counts));
  out.key("failures").json(failures_to_json(attempt.failures));
  out.member("retryable", attempt.retryable).member("last", is_last).end_object();
  return out.take();
}

std::string cancel_line(Time at) {
  JsonWriter out;
  out.begin_object().member("event", "cancelled").member("at", at).end_object();
  return out.take();
}

Result<SpooledRecord> read_spooled(std::string_view text) {
  std::optional<SpooledRecord> record;
  try {
    for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
      const JsonValue value = need(parse_json(text.substr(0, end), kSpooledLineLimits));
      const JsonObject line(value, "the line", kDamaged);
      if (record) {
        read_next(line, *record);
      } else {
        record = read_opening(line);
      }
      text.remove_prefix(end + 1);
    }
  } catch (const Refused& refused) {
    return reject(kDamaged, fmt::format("{}: {}", refused.rejection().code, refused.rejection().detail.str()));
  }
  if (!record || record->run.attempts.empty()) return reject(kDamaged, "expected an attempt that started, found none");
  return *std::move(record);
}

}  // namespace runledger
