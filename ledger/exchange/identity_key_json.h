// The line of an export that carries the identity key.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/rules/identity.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Returns {"kind":"identity-key","identity_key":HEX}, a secret: it must be in no log and no message.
[[nodiscard]] std::string identity_key_to_json(const IdentityKey& key);

// Whether the line is meant to carry a key, right or wrong. An event is not.
[[nodiscard]] bool is_identity_key_line(std::string_view line);

// The reverse of identity_key_to_json(). Code "identity_key.malformed"; the text of a rejection holds nothing of the
// line.
[[nodiscard]] Result<IdentityKey> identity_key_from_json(std::string_view line);

}  // namespace runledger
