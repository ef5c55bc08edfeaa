// Recognises the names of secrets, and holds the text that replaces a secret.
#pragma once

#include <string_view>

#include "ledger/secrets/name_rules.h"

namespace runledger {

// Replaces every secret in stored, logged and shown text.
inline constexpr std::string_view kRedacted = "[redacted]";

// Returns what a value under the name has to be like to be a secret: the demand of the longest rule that fits the end
// of the name, in any of the usual spellings (snake, kebab, camel, spaces), and kNever when none fits. Words that do
// not change what a name is the name of are skipped ("password value"), and so are those that tell one of several
// secrets (DB_PASSWORD_PROD, apiKeyV2). What follows "for" or "of" is skipped too ("password for bob"), which raises
// the demand to kMarked; an unknown word at the end raises it to kOpaque, or to kMixed in a name of capitals. Counts
// and ids of secrets, such as "token_count", are no secrets.
//
// Requires a folded name (folded_text.h). Reads a bounded number of characters from its end.
[[nodiscard]] Demand demand_of(std::string_view folded_name);

// False when no name of a secret ends as the text does. Costs one look-up, so that most words need no closer look.
[[nodiscard]] bool may_end_secret_name(std::string_view folded_text);

// True when the last word of a name says that it is not that of a secret: "secret_name", "from_env", "token_count".
[[nodiscard]] bool is_name_of_other(std::string_view folded_name);

// The same as demand_of() for the name of a parameter in the query of a URL, where more names count.
[[nodiscard]] Demand demand_of_parameter(std::string_view folded_name);

}  // namespace runledger
