// Deterministic authenticated encryption of short texts: AES-128-SIV (RFC 5297), by OpenSSL.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// Consists of two AES-128 keys. Equal texts under the same key and the same associated text are always sealed alike,
// which reveals that they are equal and how long they are, and nothing else. Safe from any thread.
struct SivKey {
  std::array<unsigned char, 32> bytes{};

  static constexpr std::size_t kTagBytes = 16;

  // Returns the tag, followed by as many bytes as `text` has. `associated` is authenticated but not included. Neither
  // may be empty.
  [[nodiscard]] std::string seal(std::string_view text, std::string_view associated) const;

  // Returns the text, or nullopt when `sealed` was not sealed under this key with this associated text.
  [[nodiscard]] std::optional<std::string> open(std::string_view sealed, std::string_view associated) const;
};

}  // namespace runledger
