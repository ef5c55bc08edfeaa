// Strict JSON: the form that the ledger accepts from outside, and the canonical form that it hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "ledger/values/json_value.h"
#include "ledger/values/rejection.h"

namespace runledger {

// What becomes of a number that a 64-bit float would alter. kExact refuses it, and every integer beyond +-2^53.
// kRounded, for texts that are not for the ledger to refuse, takes the nearest float, and integers from 1e21 on if they
// have an exponent; it still refuses other integers beyond +-2^53, in every spelling, and what no float can hold.
enum class JsonNumbers : std::uint8_t { kExact, kRounded };

// Each limit is inclusive.
struct JsonLimits {
  std::size_t bytes_max = 1024 * 1024;
  int depth_max = 32;
  std::size_t keys_max = 4096;  // Members of objects plus elements of arrays, in the whole document.
  JsonNumbers numbers = JsonNumbers::kExact;
};

// Parses one JSON text (RFC 8259) within I-JSON (RFC 7493). Pure, and safe from any thread. Codes:
//   json.too_large, json.too_deep, json.too_many_keys   past a limit
//   json.duplicate_key                                  an object names a member twice
//   json.number_out_of_range                            a number that would not be kept exactly: one that differs from
//                                                       the shortest decimal of its float, or an integer beyond +-2^53,
//                                                       however it is written; the detail has its path (RFC 6901)
//   json.bad_character                                  invalid UTF-8, a lone surrogate, or U+0000
//   json.malformed                                      everything else, including an empty text, a byte order mark
//                                                       and trailing bytes
// A whole number becomes an integer however it is written: 1, 1.0 and 1e0 are the same, and -0 is 0. The detail of a
// rejection never repeats the text, except for names of members.
[[nodiscard]] Result<JsonValue> parse_json(std::string_view text, const JsonLimits& limits);

// Returns the form of RFC 8785: members ordered by UTF-16 code units, ES6 numbers, no white space. Requires a value
// that parse_json() returned.
[[nodiscard]] std::string canonical_json(const JsonValue& value);

}  // namespace runledger
