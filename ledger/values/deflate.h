// Compression of short texts: raw DEFLATE (RFC 1951), by zlib.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// Safe from any thread. The result may be longer than `text`.
[[nodiscard]] std::string deflate_text(std::string_view text);

// Returns nullopt when `deflated` is not the whole of one deflated text, or is one of more than `bytes_max` bytes.
[[nodiscard]] std::optional<std::string> inflate_text(std::string_view deflated, std::size_t bytes_max);

}  // namespace runledger
