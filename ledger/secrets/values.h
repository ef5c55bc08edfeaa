// Judges values: which are secrets under a given name.
#pragma once

#include <string_view>

#include "ledger/secrets/name_rules.h"

namespace runledger {

// All functions take folded text (folded_text.h), and read a bounded part of its beginning.

// True for a word that goes on with a sentence after a name: "token: expired", "password is too short".
[[nodiscard]] bool is_prose(std::string_view word);

// True for a text of several words that speaks about a secret: "must have 12 characters".
[[nodiscard]] bool is_sentence(std::string_view text);

// True for a text of several words that must be about a secret, because no password of words would have one of them: a
// verb, a negation, "required". A stricter test than is_sentence(), for values in quotes after "=".
[[nodiscard]] bool is_statement(std::string_view text);

// True for the two words of an example: user:password@host.
[[nodiscard]] bool is_user_placeholder(std::string_view user, std::string_view password);

// True for what may be done with a secret, as in the names of permissions: token:read, password:reset.
[[nodiscard]] bool is_action(std::string_view value);

// Returns the size in bytes of the words of a mnemonic (BIP 39) at the beginning of the text: 12 to 24 words of three
// to eight small letters. Zero when there are fewer.
[[nodiscard]] std::size_t mnemonic_size(std::string_view text);

// True when the value is like what the demand asks for. For kAssigned, the value is one after "=".
[[nodiscard]] bool meets(Demand demand, std::string_view value);

// True for a value of six characters or more with letters and digits that is no slug such as db-prod-2, version or
// date.
[[nodiscard]] bool is_mixed(std::string_view value);

// True for words that are joined as in a password: by a mark between letters (meadow!lark), or with capitals by a dot,
// a hyphen or an underscore (Apple.Pie).
[[nodiscard]] bool is_marked(std::string_view value);

// True for three or more words in small letters that hyphens join, as passphrases are made.
[[nodiscard]] bool are_hyphenated_words(std::string_view value);

// True for USER:PASSWORD whose password is mixed or marked.
[[nodiscard]] bool is_login_pair(std::string_view value);

// True for a value of `size_min` characters or more of those that tokens have, which looks random and is no UUID.
[[nodiscard]] bool is_opaque_value(std::string_view value, std::size_t size_min);

// True for the whole of a text that is the value of a name, as a member of a JSON object is: meets the demand, and is
// no placeholder and no sentence. For kAssigned, the value counts as quoted.
[[nodiscard]] bool is_secret_value(Demand demand, std::string_view value);

// The same for a number in its decimal form.
[[nodiscard]] bool is_secret_number(Demand demand, std::string_view digits);

}  // namespace runledger
