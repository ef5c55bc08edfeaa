// Member by member, so that a mistake is named.
#include "jobs/reconcile/options.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "ledger/values/json.h"

namespace runledger {
namespace {

constexpr std::uint64_t kSecondsMax = 366ULL * 24 * 60 * 60;

Result<std::uint64_t> parse_whole(const std::string& name, const nlohmann::json& value, std::uint64_t min,
                                  std::uint64_t max) {
  if (value.is_number_unsigned() && value >= min && value <= max) return value.get<std::uint64_t>();
  return reject("reconcile.input_invalid",
                fmt::format("expected {} to be a whole number from {} to {}", name, min, max));
}

Result<Duration> parse_seconds(const std::string& name, const nlohmann::json& value) {
  const Result<std::uint64_t> seconds = parse_whole(name, value, 0, kSecondsMax);
  if (!seconds) return seconds.rejection();
  return Duration(std::chrono::seconds(*seconds));
}

// Absent: `name` is known and was taken.
std::optional<Rejection> take(const std::string& name, const nlohmann::json& value, ReconcileOptions& options) {
  if (name == "limit") {
    const Result<std::uint64_t> limit = parse_whole(name, value, 1, ReconcileOptions::kLimitMax);
    if (!limit) return limit.rejection();
    options.limit = *limit;
    return std::nullopt;
  }
  if (name != "stale_after_seconds" && name != "adapter_grace_seconds")
    return reject("reconcile.input_invalid",
                  fmt::format("expected stale_after_seconds, adapter_grace_seconds or limit, found {}", name));
  const Result<Duration> seconds = parse_seconds(name, value);
  if (!seconds) return seconds.rejection();
  (name == "stale_after_seconds" ? options.stale_after : options.adapter_grace) = *seconds;
  return std::nullopt;
}

}  // namespace

Result<ReconcileOptions> parse_reconcile_options(const RunInput& input) {
  // A RunInput was parsed before, under tighter limits.
  const Result<nlohmann::json> json = parse_json(input.canonical(), {});
  if (!json) return json.rejection();
  ReconcileOptions options;
  for (const auto& [name, value] : json->items()) {
    if (auto refused = take(name, value, options)) return *refused;
  }
  return options;
}

}  // namespace runledger
