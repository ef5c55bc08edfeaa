// What the names of the members of a JSON object say about their values and about each other.
#pragma once

#include <string_view>

#include "ledger/secrets/name_rules.h"

namespace runledger {

// All functions take folded names (folded_text.h), in any case.

// True for a member whose value names another member of the same object: "name" of {"name": "DB_PASSWORD", "value": …}.
[[nodiscard]] bool is_naming_member(std::string_view name);

// True for a member that such a name is the name of: "value", "default".
[[nodiscard]] bool is_named_member(std::string_view name);

// True for a member that may hold a user and a password: {"login": "bob:…"}, {"auth": ["bob", "…"]}.
[[nodiscard]] bool is_login_member(std::string_view name);

// True for a member of a JSON Web Key that is private: {"kty":"EC","d":"…"} (RFC 7518, 6).
[[nodiscard]] bool is_private_key_member(std::string_view name);

// Returns what a member demands together with the name of the object that it is in, when neither is the name of a
// secret alone: {"crypt":{"key":"…"}}.
[[nodiscard]] Demand demand_within(std::string_view outer, std::string_view name);

// Returns the demand of a member of an object that is the value of a name with the demand `above`: that of its own
// name, or else that from above. A member that says where the secret is kept, or what it is, must look random.
[[nodiscard]] Demand demand_below(Demand above, std::string_view name);

}  // namespace runledger
