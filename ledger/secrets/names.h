// Recognises the names of secrets, and holds the text that replaces a secret.
#pragma once

#include <string_view>

namespace runledger {

// Replaces every secret in stored, logged and shown text.
inline constexpr std::string_view kRedacted = "[redacted]";

// True for names such as client_secret, password, token, authorization, api_key and connectionString, in any of the
// usual spellings (snake, kebab, camel, spaces). Only whole words count: "author" and "tokenizer" are not secrets, and
// neither are counts and ids of secrets such as "token_count". False for an empty name.
[[nodiscard]] bool is_secret_name(std::string_view name);

// True for names that end in the word "pw" or "pass". They name a secret only when the assigned value looks like one,
// because counts of passed tests have these names too.
[[nodiscard]] bool is_short_secret_name(std::string_view name);

}  // namespace runledger
