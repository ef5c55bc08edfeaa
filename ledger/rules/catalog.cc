// Reads a catalog. Unknown members are refused, because a misspelt limit would silently not apply.
#include "ledger/rules/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "ledger/values/json.h"
#include "ledger/values/json_object.h"

namespace runledger {

namespace {

constexpr JsonLimits kCatalogLimits{.bytes_max = 1024 * 1024, .depth_max = 8, .keys_max = 65536};
constexpr Duration kSecondsMax = std::chrono::hours(24) * 366 * 10;
constexpr Duration kLeaseMin{1};  // A lease of zero would have run out before the first heartbeat.
constexpr std::size_t kFieldNameMax = 128;

void read_seconds(const JsonObject& in, std::string_view member, Duration min, Duration& out) {
  if (in.has(member)) out = in.seconds(member, min, kSecondsMax);
}

// Returns an empty list for an absent member.
std::vector<std::string_view> read_texts(const JsonObject& in, std::string_view member) {
  return in.has(member) ? in.texts(member) : std::vector<std::string_view>();
}

std::vector<RunOutcome> read_outcomes(const JsonObject& in, std::string_view member) {
  std::vector<RunOutcome> outcomes;
  for (const std::string_view text : read_texts(in, member)) {
    const auto outcome = parse_word<RunOutcome>(text);
    if (!outcome || *outcome == RunOutcome::kPending) in.refuse_member(member, "outcomes of completed runs", text);
    outcomes.push_back(*outcome);
  }
  return outcomes;
}

Policy read_policy(const JsonObject& in) {
  Policy policy;
  if (in.has("max_attempts"))
    policy.max_attempts =
        static_cast<std::uint32_t>(in.number("max_attempts", {.min = 1, .max = Policy::kAttemptsMax}));
  read_seconds(in, "backoff_seconds", Duration::zero(), policy.backoff.initial);
  read_seconds(in, "backoff_max_seconds", Duration::zero(), policy.backoff.max);
  read_seconds(in, "lease_seconds", kLeaseMin, policy.lease);
  read_seconds(in, "cooldown_seconds", Duration::zero(), policy.cooldown.length);
  if (in.has("cooldown_from"))
    policy.cooldown.from = in.word<CooldownFrom>("cooldown_from", "\"completion\" or \"request\"");
  if (in.has("cooldown_after")) {
    policy.cooldown.after = {};
    for (const RunOutcome outcome : read_outcomes(in, "cooldown_after")) policy.cooldown.after.insert(outcome);
  }
  // An initial delay above the default limit raises the limit, unless the catalog sets both.
  if (!in.has("backoff_max_seconds")) policy.backoff.max = std::max(policy.backoff.max, policy.backoff.initial);
  return policy;
}

CatalogEntry read_entry(const JsonObject& in) {
  in.only({"type", "label", "scope", "max_attempts", "backoff_seconds", "backoff_max_seconds", "lease_seconds",
           "cooldown_seconds", "cooldown_from", "cooldown_after", "identity_fields", "summary_keys", "outcomes"});
  CatalogEntry entry;
  entry.type = need(parse_run_type(in.text("type")));
  if (in.has("label")) entry.label = sanitize(in.text("label")).str();
  if (in.has("scope")) entry.scope = in.word<TypeScope>("scope", "\"any\", \"tenant\" or \"workspace\"");
  entry.policy = read_policy(in);
  for (const std::string_view name : read_texts(in, "identity_fields")) {
    if (name.empty() || name.size() > kFieldNameMax)
      in.refuse_member("identity_fields", fmt::format("names of 1 to {} bytes", kFieldNameMax), name);
    entry.identity_fields.emplace_back(name);
  }
  for (const std::string_view key : read_texts(in, "summary_keys"))
    entry.summary_keys.push_back(need(parse_count_key(key)));
  for (const RunOutcome outcome : read_outcomes(in, "outcomes")) entry.outcomes.emplace_back(to_string(outcome));
  return entry;
}

}  // namespace

Result<Catalog> Catalog::parse(std::string_view json_text, const Policy& unlisted) {
  try {
    const JsonValue document = need(parse_json(json_text, kCatalogLimits));
    const JsonObject in(document, "the catalog", "catalog.malformed");
    in.only({"types"});
    Catalog catalog;
    catalog.unlisted_.policy = unlisted;
    for (const JsonValue& value : in.array("types")) {
      CatalogEntry entry = read_entry(in.element(value, "a type"));
      const RunType type = entry.type;
      if (!catalog.entries_.emplace(type, std::move(entry)).second)
        return reject("catalog.duplicate_type", fmt::format("expected each type once, found {} twice", type.str()));
    }
    return catalog;
  } catch (const Refused& refused) {
    return refused.rejection();
  }
}

void Catalog::overlay(const Catalog& more) {
  for (const auto& [type, entry] : more.entries_) entries_.insert_or_assign(type, entry);
}

const CatalogEntry& Catalog::entry(const RunType& type) const {
  const auto listed = entries_.find(type);
  return listed == entries_.end() ? unlisted_ : listed->second;
}

}  // namespace runledger
