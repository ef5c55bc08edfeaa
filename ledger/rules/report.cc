// The codes and paths are the same over RPC, over HTTP, on the command line and in a journal.
#include "ledger/rules/report.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace runledger {
namespace {

template <class Report>
void add_warning(Report& report, std::string_view code, std::string_view path) {
  if (report.warnings.size() < kWarningsMax)
    report.warnings.push_back({.code = std::string(code), .path = std::string(path)});
}

template <class Report>
void add_count(Report& report, Counts& counts, std::string_view name_of_counts, std::string_view key,
               std::optional<std::uint64_t> count) {
  Result<CountKey> name = parse_count_key(key);
  // The path must not repeat a key that was refused, which may be a secret.
  if (!name) return add_warning(report, name.rejection().code, name_of_counts);
  const std::string path = fmt::format("{}.{}", name_of_counts, name->str());
  if (!count || *count > kCountMax) return add_warning(report, "counts.invalid", path);
  if (counts.contains(*name)) return add_warning(report, "counts.duplicate_key", path);
  if (counts.size() == kCountKeysMax) return add_warning(report, "counts.too_many", path);
  counts.emplace(*std::move(name), *count);
}

}  // namespace

Result<AttemptOutcome> parse_reported_outcome(std::string_view text) {
  const std::optional<AttemptOutcome> outcome = parse_word<AttemptOutcome>(text);
  if (outcome && *outcome != AttemptOutcome::kLost) return *outcome;
  return reject(
      "outcome.invalid",
      fmt::format("expected succeeded, partially_succeeded, blocked, failed or cancelled, found \"{}\"", text));
}

void warn(FinishAttempt& report, std::string_view code, std::string_view path) {
  add_warning(report, code, path);
}

void warn(Heartbeat& heartbeat, std::string_view code, std::string_view path) {
  add_warning(heartbeat, code, path);
}

void take_count(FinishAttempt& report, std::string_view key, std::optional<std::uint64_t> count) {
  add_count(report, report.summary_counts, "summary_counts", key, count);
}

void take_count(Heartbeat& heartbeat, std::string_view key, std::optional<std::uint64_t> count) {
  add_count(heartbeat, heartbeat.progress.value(), "progress", key, count);
}

void take_failure(FinishAttempt& report, std::size_t index, std::string_view reason_code, std::string_view message) {
  const std::string path = fmt::format("failures[{}]", index);
  if (report.failures.size() == kFailuresPerEventMax) return warn(report, "failures.too_many", path);
  Result<ReasonCode> reason = parse_reason_code(reason_code);
  if (reason) return report.failures.push_back({*std::move(reason), sanitize(message)});
  warn(report, reason.rejection().code, path + ".reason_code");
  const std::string_view between = reason_code.empty() || message.empty() ? "" : ": ";
  report.failures.push_back(
      {*parse_reason_code(kUnnamedFailure), sanitize(fmt::format("{}{}{}", reason_code, between, message))});
}

}  // namespace runledger
