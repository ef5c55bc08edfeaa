// Recognises the control sequences that programs send to terminals: colours, cursor movements, titles, links.
#pragma once

#include <cstddef>
#include <string_view>

namespace runledger {

// Returns the size in bytes of the control sequence that `text` begins with, or zero when it begins with none. It
// begins with ESC, or with the single character for ESC and the next (U+0090 to U+009F, in UTF-8). A string (a title, a
// link) without its end within kTerminalStringMax bytes counts only up to its introducer, so that it cannot hide the
// rest of the text. ECMA-48, sections 5.3 to 5.6; XTerm Control Sequences ends a string also with BEL.
[[nodiscard]] std::size_t terminal_sequence_size(std::string_view text);

inline constexpr std::size_t kTerminalStringMax = 4096;

}  // namespace runledger
