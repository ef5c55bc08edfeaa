// The words in the names of secrets that are not names of secrets themselves.
#pragma once

#include <string_view>

namespace runledger {

// All functions take one word in small letters, folded, without digits at its end.

// True for a word that does not change what a name is the name of: a "password value" is a password.
[[nodiscard]] bool is_neutral_word(std::string_view word);

// True for a word that tells which of several secrets of a kind one is, at the end of its name: an environment, a
// region, a role or a version (DB_PASSWORD_PROD, token_eu_west, apiKeyV2).
[[nodiscard]] bool is_qualifier(std::string_view word);

// True for a word that makes the name of a secret that of something else: token_count, secret_arn, password_policy.
[[nodiscard]] bool names_other_thing(std::string_view word);

// True for a preposition, after which the owner or the use of a secret is named: password for bob.
[[nodiscard]] bool is_preposition(std::string_view word);

}  // namespace runledger
