// Lists of names.
#include "ledger/secrets/member_names.h"

#include <algorithm>
#include <array>
#include <string>

#include "ledger/secrets/names.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

// True for a member that says where a secret is kept, or what it is, rather than the secret itself.
bool is_reference_key(std::string_view key) {
  constexpr std::array kKeys = std::to_array<std::string_view>(
      {"env",        "file",      "path",    "ref",      "$ref",       "name",        "key",
       "vault",      "arn",       "uri",     "url",      "from",       "valuefrom",   "secretkeyref",
       "secretname", "secretref", "id",      "type",     "version",    "provider",    "source",
       "store",      "engine",    "mount",   "label",    "title",      "description", "format",
       "username",   "user",      "host",    "port",     "database",   "field",       "namespace",
       "region",     "project",   "enabled", "required", "expires_at", "created_at"});
  return is_one_of(key, kKeys);
}

}  // namespace

bool is_naming_member(std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>({"name", "key"});
  return is_one_of(name, kNames);
}

bool is_named_member(std::string_view name) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"value", "val", "default", "defaultvalue", "default_value"});
  return is_one_of(name, kNames);
}

bool is_login_member(std::string_view name) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"auth", "basic_auth", "basicauth", "login", "credentials", "credential", "creds",
                                       "account", "userpass", "user_pass", "userpwd", "access", "zugangsdaten"});
  return is_one_of(name, kNames);
}

bool is_private_key_member(std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>({"d", "p", "q", "dp", "dq", "qi", "k"});
  return name.size() <= 2 && is_one_of(name, kNames);
}

Demand demand_within(std::string_view outer, std::string_view name) {
  constexpr std::array kNames = std::to_array<std::string_view>({"key", "salt", "code", "phrase", "pass", "pw"});
  constexpr std::size_t kOuterMax = 48;
  if (outer.empty() || outer.size() > kOuterMax || !is_one_of(name, kNames)) return Demand::kNever;
  const Demand demand = demand_of(std::string(outer) + ' ' + std::string(name));
  return demand == Demand::kNever || demand >= Demand::kOpaque ? Demand::kNever : std::max(demand, Demand::kMixed);
}

Demand demand_below(Demand above, std::string_view name) {
  if (const Demand demand = demand_of(name); demand != Demand::kNever || above == Demand::kNever) return demand;
  return is_reference_key(name) || is_name_of_other(name) ? Demand::kOpaque : above;
}

}  // namespace runledger
