// Decodes base64, as far as the recognition of credentials needs it.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Decodes whole bytes only, of the standard and the URL alphabet, and stops at the first character that is not a digit.
[[nodiscard]] std::string decode_base64(std::string_view text);

// True for bytes that read as text: valid UTF-8 without control characters other than white space.
[[nodiscard]] bool is_plain_text(std::string_view bytes);

// True for the base64 of USER:PASSWORD, as Basic authentication sends it (RFC 7617).
[[nodiscard]] bool is_basic_credential(std::string_view word);

}  // namespace runledger
