// SHA-256 (FIPS 180-4) of pieces that are laid end to end.
#pragma once

#include <initializer_list>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

// Digests the concatenation of the pieces; their boundaries do not matter. Safe from any thread.
[[nodiscard]] Digest<32> sha256(std::initializer_list<std::string_view> pieces);

// Returns the first 16 bytes of sha256(), which suffice where only equality matters and no caller gains by a collision.
[[nodiscard]] ContentDigest content_digest(std::initializer_list<std::string_view> pieces);

}  // namespace runledger
