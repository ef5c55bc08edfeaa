// Adds up the widths of the characters.
#include "tools/cli/output/text_width.h"

#include <utf8proc.h>

#include <algorithm>

#include "ledger/base/utf8.h"

namespace runledger {

std::size_t character_width(char32_t character) {
  const auto code_point = static_cast<utf8proc_int32_t>(character);
  const unsigned kind = utf8proc_get_property(code_point)->boundclass;
  // A syllable of Hangul may be written as its letters; the first of them is as wide as the syllable.
  if (kind == UTF8PROC_BOUNDCLASS_V || kind == UTF8PROC_BOUNDCLASS_T) return 0;
  return static_cast<std::size_t>(std::max(0, utf8proc_charwidth(code_point)));
}

std::size_t text_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    const CodePoint next = decode_utf8(text);
    width += character_width(next.value);
    text.remove_prefix(next.size);
  }
  return width;
}

}  // namespace runledger
