// Recognises and redacts secrets, by the name of their field and by the shape of their value.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// True when `text` contains a credential anywhere: connection strings with passwords, AWS, GitHub, Slack, Stripe and
// Azure keys, JWTs, PEM private keys, bearer and basic authorization values, name=value and name: value pairs with a
// secret name. UUIDs, hex digests, plain words and counts (pass=3) are not secrets. Invisible characters can hide a
// secret from this function: where they are possible, pass the text through visible_text() first
// (ledger/secrets/visible_text.h).
//
// The functions below are pure, and take time in proportion to the length of the text, whatever it contains.
[[nodiscard]] bool contains_secret(std::string_view text);

// Returns `text` with every secret replaced by kRedacted. contains_secret(redact_secrets(x)) is false for every x.
[[nodiscard]] std::string redact_secrets(std::string_view text);

// Does the same, but stops when the result has `size` bytes: it then ends in an ellipsis (U+2026) in place of the rest.
// What stands there is recognised by all of the text, so that no part of a long secret remains. After that, a byte of
// the rest costs little.
[[nodiscard]] std::string redact_beginning(std::string_view text, std::size_t size);

}  // namespace runledger
