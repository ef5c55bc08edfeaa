// What a terminal gets of a text that others may have written.
#pragma once

#include <string>
#include <string_view>

namespace runledger {

// Returns the text with each invisible character (ledger/secrets/visible_text.h) as JSON escapes it, \u009b, and with
// U+FFFD for bytes that are not UTF-8. JSON stays the same JSON. ASCII controls other than DEL stay as they are: JSON
// and sanitised texts have none, and the program's own lines and colours are made of them.
[[nodiscard]] std::string terminal_text(std::string_view text);

}  // namespace runledger
