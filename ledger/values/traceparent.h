// The place of a request in a distributed trace (W3C Trace Context, the header field traceparent).
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// The fields of a traceparent of version 00, in their order: 16 bytes of trace id, 8 of parent id, 1 of flags.
struct Traceparent {
  std::array<unsigned char, 25> bytes{};
  friend bool operator==(const Traceparent&, const Traceparent&) = default;
};

// Reads "00-<32 hex digits>-<16 hex digits>-<2 hex digits>". As the standard asks, the digits are lower case, neither
// id is all zeros, version ff is invalid, and of a higher version only the part that version 00 knows is read. Returns
// nullopt for anything else.
[[nodiscard]] std::optional<Traceparent> parse_traceparent(std::string_view text);

// Returns the text in the form of version 00.
[[nodiscard]] std::string format_traceparent(const Traceparent& value);

}  // namespace runledger
