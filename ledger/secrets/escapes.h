// Reads characters that are written as escapes: references of HTML, escapes of strings, percent-encoding.
#pragma once

#include <cstddef>
#include <string_view>

namespace runledger {

// A character and the number of bytes that it is written in; zero bytes for no escape.
struct EscapedCharacter {
  char32_t value = 0;
  std::size_t size = 0;
};

// Reads the escape that `text` begins with, of any of these forms, also when it was escaped once more or several times:
//   &quot; &#34; &#x22;    references of HTML, the named ones of punctuation and the no-break space only
//   \u0022 \u{22} \x22     escapes of strings, with pairs of surrogates; and \e and \033 for ESC
//   %22                    percent-encoding, of = : " ' { } only, because other characters end a value when decoded
// The value is a Unicode scalar value. Reads a bounded number of bytes.
[[nodiscard]] EscapedCharacter escaped_character(std::string_view text);

}  // namespace runledger
