// Random bytes for keys and their ids, by OpenSSL.
#pragma once

#include <array>
#include <cstddef>

namespace runledger {

// Fills the bytes. Throws Failure "random.unavailable" when OpenSSL has no random bytes. Safe from any thread.
void fill_random(unsigned char* bytes, std::size_t count);

template <std::size_t N>
[[nodiscard]] std::array<unsigned char, N> random_bytes() {
  std::array<unsigned char, N> bytes;
  fill_random(bytes.data(), bytes.size());
  return bytes;
}

}  // namespace runledger
