// Names that secrets have, and what may stand in the place of one.
#pragma once

#include <string_view>

namespace runledger {

// What stands in the place of a secret.
inline constexpr std::string_view kRedacted = "[redacted]";

// True for names such as client_secret, password, token, authorization, api_key, connectionString in any of the usual
// spellings (snake, kebab, camel, spaces). Whole words count: "author" and "tokenizer" are no secrets, and neither are
// counts and ids of secrets such as "token_count".
[[nodiscard]] bool is_secret_name(std::string_view name);

// True for names that end in the word "pw" or "pass": they name a secret where a value is assigned that looks like one.
// Tests that passed are counted by them too.
[[nodiscard]] bool is_short_secret_name(std::string_view name);

}  // namespace runledger
