// Recognises secrets by the name of their field and by the shape of their value.
#pragma once

#include <string>
#include <string_view>

#include "ledger/secrets/names.h"

namespace runledger {

// True when `text` holds something with the shape of a credential anywhere in it: connection strings with passwords,
// AWS, GitHub, Slack, Stripe and Azure keys, JWTs, PEM private keys, bearer and basic authorization values, name=value
// and name: value pairs with a secret name. UUIDs, hex digests, plain words and counts (pass=3) are none. Characters
// that nobody sees can hide a secret from it: give it a visible_text() (ledger/secrets/visible_text.h) where they are
// possible.
//
// Both functions below take time in proportion to the text's length, whatever it holds.
[[nodiscard]] bool contains_secret(std::string_view text);

// `text` with every secret in it replaced by kRedacted. contains_secret(redact_secrets(x)) is false.
[[nodiscard]] std::string redact_secrets(std::string_view text);

}  // namespace runledger
