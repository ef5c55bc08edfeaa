// SHA-256 (FIPS 180-4) of pieces laid end to end.
#pragma once

#include <initializer_list>
#include <string_view>

#include "ledger/values/digest.h"

namespace runledger {

// Safe from any thread.
[[nodiscard]] Digest<32> sha256(std::initializer_list<std::string_view> pieces);

// Its first 16 bytes: enough where only equality matters and nobody gains by a collision.
[[nodiscard]] ContentDigest content_digest(std::initializer_list<std::string_view> pieces);

}  // namespace runledger
