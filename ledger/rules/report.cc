// The codes and paths are the same over RPC, over HTTP, on the command line and in a journal.
#include "ledger/rules/report.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>

namespace runledger {
namespace {

constexpr std::string_view kCountsPath = "summary_counts";

}  // namespace

Result<AttemptOutcome> parse_reported_outcome(std::string_view text) {
  const std::optional<AttemptOutcome> outcome = parse_word<AttemptOutcome>(text);
  if (outcome && *outcome != AttemptOutcome::kLost) return *outcome;
  return reject(
      "outcome.invalid",
      fmt::format("expected succeeded, partially_succeeded, blocked, failed or cancelled, found \"{}\"", text));
}

void warn(FinishAttempt& report, std::string_view code, std::string_view path) {
  if (report.warnings.size() < kWarningsMax)
    report.warnings.push_back({.code = std::string(code), .path = std::string(path)});
}

void take_count(FinishAttempt& report, std::string_view key, std::optional<std::uint64_t> count) {
  Result<CountKey> name = parse_count_key(key);
  // The path must not repeat a key that was refused, which may be a secret.
  if (!name) return warn(report, name.rejection().code, kCountsPath);
  const std::string path = fmt::format("{}.{}", kCountsPath, name->str());
  if (!count || *count > kCountMax) return warn(report, "counts.invalid", path);
  if (report.summary_counts.contains(*name)) return warn(report, "counts.duplicate_key", path);
  if (report.summary_counts.size() == kCountKeysMax) return warn(report, "counts.too_many", path);
  report.summary_counts.emplace(*std::move(name), *count);
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
