// Removes the control sequences of terminals as a whole, and decides for each other code point whether to keep it,
// remove it or turn it into a space.
#include "ledger/secrets/visible_text.h"

#include <algorithm>
#include <array>

#include "ledger/base/utf8.h"
#include "ledger/secrets/terminal_sequence.h"

namespace runledger {

namespace {

struct Range {
  char32_t first;
  char32_t last;
};

// Characters that are invisible, or that change the order or form of others. Sorted by code point.
constexpr std::array<Range, 18> kRemoved{{
    {0x0000, 0x0008},    // Controls.
    {0x000E, 0x001F},    // Controls.
    {0x007F, 0x0084},    // Delete and controls.
    {0x0086, 0x009F},    // Controls.
    {0x00AD, 0x00AD},    // Soft hyphen.
    {0x034F, 0x034F},    // Combining grapheme joiner.
    {0x061C, 0x061C},    // Arabic letter mark.
    {0x115F, 0x1160},    // Hangul fillers.
    {0x17B4, 0x17B5},    // Khmer inherent vowels.
    {0x180B, 0x180F},    // Mongolian variation selectors and vowel separator.
    {0x200B, 0x200F},    // Zero-width characters, direction marks.
    {0x202A, 0x202E},    // Bidirectional embeddings and overrides.
    {0x2060, 0x206F},    // Word joiner, invisible operators, bidirectional isolates.
    {0x3164, 0x3164},    // Hangul filler.
    {0xFDD0, 0xFDEF},    // Noncharacters.
    {0xFE00, 0xFE0F},    // Variation selectors.
    {0xFEFF, 0xFEFF},    // Zero-width no-break space.
    {0xE0000, 0xE0FFF},  // Tags, variation selectors.
}};

// Line ends and tabs would break a line of output. Some of them lie outside ASCII.
bool is_white_space(char32_t c) {
  return (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0x2028 || c == 0x2029;
}

bool is_removed(char32_t c) {
  if ((c & 0xFFFEU) == 0xFFFE || (c >= 0xFFF0 && c <= 0xFFFB)) return true;
  const auto* range = std::lower_bound(kRemoved.begin(), kRemoved.end(), c,
                                       [](const Range& candidate, char32_t value) { return candidate.last < value; });
  return range != kRemoved.end() && range->first <= c;
}

bool is_printable_ascii(char c) {
  return c >= 0x20 && c < 0x7F;
}

// Returns the first position at which the text has to change, or its size. Most texts do not change, and need no copy.
std::size_t first_change(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    if (is_printable_ascii(text[position])) {
      ++position;
      continue;
    }
    const CodePoint next = decode_utf8(text.substr(position));
    if (!next.valid || is_white_space(next.value) || is_removed(next.value)) break;
    position += next.size;
  }
  return position;
}

}  // namespace

VisibleText visible_text(std::string_view raw) {
  std::size_t position = first_change(raw);
  if (position == raw.size()) return {raw, std::nullopt};
  std::string text(raw.substr(0, position));
  text.reserve(raw.size());
  while (position < raw.size()) {
    if (const std::size_t sequence = terminal_sequence_size(raw.substr(position)); sequence > 0) {
      position += sequence;
      continue;
    }
    const CodePoint next = decode_utf8(raw.substr(position));
    if (is_white_space(next.value))
      text += ' ';
    else if (!next.valid || !is_removed(next.value))
      append_utf8(text, next.value);
    position += next.size;
  }
  return {raw, std::move(text)};
}

}  // namespace runledger
