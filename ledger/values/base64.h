// Base64 as RFC 4648, section 4, defines it, with padding and without line breaks.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger {

[[nodiscard]] std::string format_base64(std::string_view bytes);

// Accepts exactly the texts that format_base64() returns, so that no two texts stand for the same bytes.
[[nodiscard]] std::optional<std::string> parse_base64(std::string_view text);

}  // namespace runledger
