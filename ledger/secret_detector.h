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

// True for names that end in the word "pw" or "pass": they name a secret where a value is assigned that looks like one.
// Tests that passed are counted by them too.
[[nodiscard]] bool is_short_secret_name(std::string_view name);

// True for what stands in a secret's place and is none: null, false, ${NAME}, $NAME, %s, asterisks.
[[nodiscard]] bool is_placeholder(std::string_view value);

// True when `text` holds something with the shape of a credential anywhere in it: connection strings with passwords,
// AWS, GitHub, Slack, Stripe and Azure keys, JWTs, PEM private keys, bearer and basic authorization values, name=value
// and name: value pairs with a secret name. UUIDs, hex digests, plain words and counts (pass=3) are none. Characters
// that nobody sees can hide a secret from it: give it a visible_text() (ledger/visible_text.h) where they are possible.
//
// Both functions below take time in proportion to the text's length, whatever it holds.
[[nodiscard]] bool contains_secret(std::string_view text);

// `text` with every secret in it replaced by kRedacted. contains_secret(redact_secrets(x)) is false.
[[nodiscard]] std::string redact_secrets(std::string_view text);

}  // namespace runledger
