// Writes entries of the catalog member by member.
#include "ledger/exchange/catalog_json.h"

#include <chrono>

#include "ledger/rules/event.h"
#include "ledger/values/json_writer.h"

namespace runledger {
namespace {

void write_outcomes(JsonWriter& out, OutcomeSet outcomes) {
  out.begin_array();
  for (const auto& [outcome, word] : kEnumWords<RunOutcome>) {
    if (outcome != RunOutcome::kPending && outcomes.bits != 0 && outcomes.contains(outcome)) out.text(word);
  }
  out.end_array();
}

// Writes the parts that are set, each under its name with `suffix`.
void write_bounds(JsonWriter& out, const PolicyChanges& bounds, std::string_view suffix) {
  const auto name = [suffix](std::string_view part) { return std::string(part).append(suffix); };
  if (bounds.max_attempts) out.member(name("max_attempts"), *bounds.max_attempts);
  if (bounds.lease) out.member(name("lease_seconds"), in_seconds(*bounds.lease));
  if (bounds.backoff) out.member(name("backoff_seconds"), in_seconds(*bounds.backoff));
  if (bounds.cooldown) out.member(name("cooldown_seconds"), in_seconds(*bounds.cooldown));
  if (bounds.cooldown_from) out.member(name("cooldown_from"), *bounds.cooldown_from);
  if (bounds.cooldown_after) write_outcomes(out.key(name("cooldown_after")), *bounds.cooldown_after);
}

}  // namespace

std::string entry_to_json(const CatalogEntry& entry) {
  const Policy& policy = entry.policy;
  JsonWriter out;
  out.begin_object();
  out.member("type", entry.type.str()).member("label", entry.label).member("scope", to_string(entry.scope));
  out.member("max_attempts", policy.max_attempts);
  out.member("backoff_seconds", in_seconds(policy.backoff.initial));
  out.member("backoff_max_seconds", in_seconds(policy.backoff.max));
  out.member("lease_seconds", in_seconds(policy.lease));
  out.member("cooldown_seconds", in_seconds(policy.cooldown.length));
  out.member("cooldown_from", to_string(policy.cooldown.from));
  write_outcomes(out.key("cooldown_after"), policy.cooldown.after);
  write_bounds(out, entry.bounds.least, "_min");
  write_bounds(out, entry.bounds.most, "_max");
  out.key("identity_fields").begin_array();
  for (const std::string& field : entry.identity.names) out.text(field);
  out.end_array().key("identity_sets").begin_array();
  for (const std::string& field : entry.identity.sets) out.text(field);
  out.end_array().key("summary_keys").begin_array();
  for (const CountKey& key : entry.summary_keys) out.text(key.str());
  out.end_array().key("outcomes").begin_array();
  for (const std::string& outcome : entry.outcomes) out.text(outcome);
  out.end_array();
  if (entry.expect_every) out.member("expect_every_seconds", in_seconds(*entry.expect_every));
  out.end_object();
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
