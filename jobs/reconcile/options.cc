// Reads the input member by member, so that a refusal names the member.
#include "jobs/reconcile/options.h"

#include <chrono>

#include "ledger/values/json_object.h"

namespace runledger {
namespace {

constexpr std::uint64_t kSecondsMax = 366ULL * 24 * 60 * 60;

void read_seconds(const JsonObject& in, std::string_view member, Duration& out) {
  if (in.has(member)) out = std::chrono::seconds(in.number(member, {.max = kSecondsMax}));
}

}  // namespace

Result<ReconcileOptions> parse_reconcile_options(const RunInput& input) {
  try {
    const JsonValue value = input.value();
    const JsonObject in(value, "the input", "reconcile.input_invalid");
    in.only({"stale_after_seconds", "adapter_grace_seconds", "limit"});
    ReconcileOptions options;
    read_seconds(in, "stale_after_seconds", options.stale_after);
    read_seconds(in, "adapter_grace_seconds", options.adapter_grace);
    if (in.has("limit")) options.limit = in.number("limit", {.min = 1, .max = ReconcileOptions::kLimitMax});
    return options;
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

}  // namespace runledger
