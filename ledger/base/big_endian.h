// Stores numbers as big-endian bytes, so that keys sort as their numbers do.
//
// `bytes` needs no alignment. The code assumes a little-endian machine.
#pragma once

#include <cstdint>
#include <string>

namespace runledger {

[[nodiscard]] inline std::uint64_t load_big_endian_64(const void* bytes) {
  std::uint64_t value = 0;
  __builtin_memcpy(&value, bytes, sizeof(value));
  return __builtin_bswap64(value);
}

[[nodiscard]] inline std::uint32_t load_big_endian_32(const void* bytes) {
  std::uint32_t value = 0;
  __builtin_memcpy(&value, bytes, sizeof(value));
  return __builtin_bswap32(value);
}

inline void store_big_endian(std::uint64_t value, void* bytes) {
  value = __builtin_bswap64(value);
  __builtin_memcpy(bytes, &value, sizeof(value));
}

inline void store_big_endian(std::uint32_t value, void* bytes) {
  value = __builtin_bswap32(value);
  __builtin_memcpy(bytes, &value, sizeof(value));
}

// Appends the number's bytes to `text`.
template <class Number>
void append_big_endian(std::string& text, Number value) {
  char bytes[sizeof(value)];
  store_big_endian(value, bytes);
  text.append(bytes, sizeof(bytes));
}

}  // namespace runledger
