// Recognises secrets by the name of their field and by the shape of their value.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// What stands in the place of a secret.
inline constexpr std::string_view kRedacted = "[redacted]";

// True for names such as client_secret, password, token, authorization, api_key, connectionString in any of the usual
// spellings (snake, kebab, camel, spaces). Whole words count: "author" and "tokenizer" are no secrets, and neither are
// counts and ids of secrets such as "token_count".
[[nodiscard]] bool is_secret_name(std::string_view name);

// True when `text` holds something with the shape of a credential anywhere in it: connection strings with passwords,
// AWS, GitHub, Slack, Stripe and Azure keys, JWTs, PEM private keys, bearer and basic authorization values, name=value
// and name: value pairs with a secret name. UUIDs, hex digests and plain words are none. Characters that nobody sees
// can hide a secret from it: give it a visible_text() (ledger/visible_text.h) where they are possible.
//
// Both functions below take time in proportion to the text's length, whatever it holds.
[[nodiscard]] bool contains_secret(std::string_view text);

// `text` with every secret in it replaced by kRedacted. contains_secret(redact_secrets(x)) is false.
[[nodiscard]] std::string redact_secrets(std::string_view text);

}  // namespace runledger
