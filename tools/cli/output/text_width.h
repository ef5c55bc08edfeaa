// How many columns of a terminal texts take.
#pragma once

#include <cstddef>
#include <string_view>

namespace runledger {

// The columns of a character, by the Unicode data of utf8proc and whatever the locale: two for wide ones of East Asia
// and for emoji, none for those that combine with the one before, and otherwise one. A terminal may think otherwise of
// a character that is newer than its own data.
[[nodiscard]] std::size_t character_width(char32_t character);

// The same of all characters together. Bytes that are not UTF-8 count as the characters that stand for them.
[[nodiscard]] std::size_t text_width(std::string_view text);

}  // namespace runledger
