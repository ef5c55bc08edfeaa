// Reads a catalog. Unknown members are refused, because a misspelt limit would silently not apply.
#include "ledger/rules/catalog.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/values/json.h"
#include "ledger/values/json_object.h"

namespace runledger {

namespace {

constexpr JsonLimits kCatalogLimits{.bytes_max = 1024 * 1024, .depth_max = 8, .keys_max = 65536};
constexpr std::size_t kFieldNameMax = 128;
constexpr Duration kExpectEveryMin = std::chrono::seconds(1);

// Returns an empty list for an absent member.
std::vector<std::string_view> read_texts(const JsonObject& in, std::string_view member) {
  return in.has(member) ? in.texts(member) : std::vector<std::string_view>();
}

Policy read_policy(const JsonObject& in) {
  const PolicyChanges own = read_policy_changes(in);
  Policy policy = changed(Policy(), own);
  // An initial delay above the default limit raises the limit, unless the catalog sets both.
  if (const auto longest = in.find_seconds("backoff_max_seconds", Duration::zero(), kPolicySecondsMax))
    policy.backoff.max = *longest;
  return policy;
}

// The type's own value must lie within its bounds, or every request that names it would be refused.
PolicyBounds read_bounds(const JsonObject& in, const Policy& policy) {
  PolicyBounds bounds{.least = read_policy_changes(in, "_min"), .most = read_policy_changes(in, "_max")};
  const PolicyChanges own{.max_attempts = policy.max_attempts,
                          .lease = policy.lease,
                          .backoff = policy.backoff.initial,
                          .cooldown = policy.cooldown.length,
                          .cooldown_from = policy.cooldown.from,
                          .cooldown_after = policy.cooldown.after};
  if (const auto within = changed_within(policy, own, bounds); !within)
    in.refuse_object(fmt::format("have its own values within its bounds: {}", within.rejection().detail.str()));
  return bounds;
}

std::vector<std::string> read_input_fields(const JsonObject& in, std::string_view member) {
  std::vector<std::string> fields;
  for (const std::string_view name : read_texts(in, member)) {
    if (name.empty() || name.size() > kFieldNameMax)
      in.refuse_member(member, fmt::format("names of 1 to {} bytes", kFieldNameMax), name);
    fields.emplace_back(name);
  }
  return fields;
}

IdentityFields read_identity(const JsonObject& in) {
  IdentityFields identity{.names = read_input_fields(in, "identity_fields"),
                          .sets = read_input_fields(in, "identity_sets")};
  const auto& names = identity.names;
  for (const std::string& set : identity.sets) {
    if (!names.empty() && std::find(names.begin(), names.end(), set) == names.end())
      in.refuse_member("identity_sets", "fields that \"identity_fields\" names, too", set);
  }
  return identity;
}

CatalogEntry read_entry(const JsonObject& in) {
  in.only({"type",
           "label",
           "scope",
           "identity_fields",
           "identity_sets",
           "summary_keys",
           "outcomes",
           "expect_every_seconds",
           "backoff_max_seconds",
           "max_attempts",
           "max_attempts_min",
           "max_attempts_max",
           "lease_seconds",
           "lease_seconds_min",
           "lease_seconds_max",
           "backoff_seconds",
           "backoff_seconds_min",
           "backoff_seconds_max",
           "cooldown_seconds",
           "cooldown_seconds_min",
           "cooldown_seconds_max",
           "cooldown_from",
           "cooldown_from_min",
           "cooldown_from_max",
           "cooldown_after",
           "cooldown_after_min",
           "cooldown_after_max"});
  for (const auto& [name, value] : in.members()) {
    if (value.is_null()) in.refuse_member(name, "left out instead of null");
  }
  CatalogEntry entry;
  entry.type = need(parse_run_type(in.text("type")));
  if (in.has("label")) entry.label = sanitize(in.text("label")).str();
  if (in.has("scope")) entry.scope = in.word<TypeScope>("scope", "\"any\", \"tenant\" or \"workspace\"");
  entry.policy = read_policy(in);
  entry.bounds = read_bounds(in, entry.policy);
  entry.identity = read_identity(in);
  for (const std::string_view key : read_texts(in, "summary_keys"))
    entry.summary_keys.push_back(need(parse_count_key(key)));
  for (const std::string_view outcome : read_texts(in, "outcomes")) {
    if (!parse_final_outcome(outcome)) in.refuse_member("outcomes", "outcomes of completed runs", outcome);
    entry.outcomes.emplace_back(outcome);
  }
  entry.expect_every = in.find_seconds("expect_every_seconds", kExpectEveryMin, kPolicySecondsMax);
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
  expects_unlisted_ = expects_unlisted_ && more.expects_unlisted_;
}

const CatalogEntry& Catalog::entry(const RunType& type) const {
  const auto listed = entries_.find(type);
  return listed == entries_.end() ? unlisted_ : listed->second;
}

}  // namespace runledger
