// Writes entries of the catalog member by member.
#include "ledger/exchange/catalog_json.h"

#include <chrono>
#include <nlohmann/json.hpp>

#include "ledger/base/assert.h"
#include "ledger/rules/event.h"

namespace runledger {
namespace {

using nlohmann::ordered_json;

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string_view to_string(TypeScope scope) {
  switch (scope) {
    case TypeScope::kAny:
      return "any";
    case TypeScope::kTenant:
      return "tenant";
    case TypeScope::kWorkspace:
      return "workspace";
  }
  RUNLEDGER_ASSERT(false);
}

ordered_json entry_to_json(const CatalogEntry& entry) {
  ordered_json json = {{"type", entry.type.str()},
                       {"label", entry.label},
                       {"scope", to_string(entry.scope)},
                       {"max_attempts", entry.policy.max_attempts},
                       {"backoff_seconds", seconds(entry.policy.backoff.initial)},
                       {"backoff_max_seconds", seconds(entry.policy.backoff.max)},
                       {"lease_seconds", seconds(entry.policy.lease)},
                       {"cooldown_seconds", seconds(entry.policy.cooldown.length)}};
  const bool from_completion = entry.policy.cooldown.from == CooldownFrom::kCompletion;
  json["cooldown_from"] = from_completion ? "completion" : "request";
  json["cooldown_after"] = ordered_json::array();
  for (const RunOutcome outcome : {RunOutcome::kSucceeded, RunOutcome::kPartiallySucceeded, RunOutcome::kBlocked,
                                   RunOutcome::kFailed, RunOutcome::kCancelled}) {
    const OutcomeSet& after = entry.policy.cooldown.after;
    if (after.bits != 0 && after.contains(outcome)) json["cooldown_after"].push_back(to_string(outcome));
  }
  json["identity_fields"] = entry.identity_fields;
  json["summary_keys"] = ordered_json::array();
  for (const CountKey& key : entry.summary_keys) json["summary_keys"].push_back(key.str());
  json["outcomes"] = entry.outcomes;
  return json;
}

}  // namespace runledger
