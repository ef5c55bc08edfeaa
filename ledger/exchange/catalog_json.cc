// Writes entries of the catalog member by member.
#include "ledger/exchange/catalog_json.h"

#include <chrono>

#include "ledger/rules/event.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::string entry_to_json(const CatalogEntry& entry) {
  const Policy& policy = entry.policy;
  JsonWriter out;
  out.begin_object();
  out.member("type", entry.type.str()).member("label", entry.label).member("scope", to_string(entry.scope));
  out.member("max_attempts", policy.max_attempts);
  out.member("backoff_seconds", seconds(policy.backoff.initial));
  out.member("backoff_max_seconds", seconds(policy.backoff.max));
  out.member("lease_seconds", seconds(policy.lease));
  out.member("cooldown_seconds", seconds(policy.cooldown.length));
  out.member("cooldown_from", to_string(policy.cooldown.from));
  out.key("cooldown_after").begin_array();
  for (const RunOutcome outcome : {RunOutcome::kSucceeded, RunOutcome::kPartiallySucceeded, RunOutcome::kBlocked,
                                   RunOutcome::kFailed, RunOutcome::kCancelled}) {
    const OutcomeSet& after = policy.cooldown.after;
    if (after.bits != 0 && after.contains(outcome)) out.text(to_string(outcome));
  }
  out.end_array().key("identity_fields").begin_array();
  for (const std::string& field : entry.identity_fields) out.text(field);
  out.end_array().key("summary_keys").begin_array();
  for (const CountKey& key : entry.summary_keys) out.text(key.str());
  out.end_array().key("outcomes").begin_array();
  for (const std::string& outcome : entry.outcomes) out.text(outcome);
  out.end_array().end_object();
  return out.take();
}

std::string catalog_to_json(const Catalog& catalog) {
  JsonWriter out;
  out.begin_object().key("types").begin_array();
  for (const auto& [type, entry] : catalog.entries()) out.json(entry_to_json(entry));
  out.end_array().end_object();
  return out.take();
}

}  // namespace runledger
