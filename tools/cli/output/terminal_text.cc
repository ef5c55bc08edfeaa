// Asks for one character at a time whether it is visible.
#include "tools/cli/output/terminal_text.h"

#include <fmt/format.h>

#include "ledger/base/utf8.h"
#include "ledger/secrets/visible_text.h"

namespace runledger {
namespace {

constexpr char32_t kDelete = 0x7F;

// In UTF-16, as JSON has it (RFC 8259, 7).
std::string escaped(char32_t character) {
  if (character < 0x10000) return fmt::format("\\u{:04x}", static_cast<unsigned>(character));
  const auto above = static_cast<unsigned>(character) - 0x10000U;
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800U + (above >> 10U), 0xDC00U + (above & 0x3FFU));
}

}  // namespace

std::string terminal_text(std::string_view text) {
  std::string shown;
  shown.reserve(text.size());
  while (!text.empty()) {
    const CodePoint next = decode_utf8(text);
    std::string character;
    append_utf8(character, next.value);
    const bool is_shown = next.value < kDelete || visible_text(character).view() == character;
    shown += is_shown ? character : escaped(next.value);
    text.remove_prefix(next.size);
  }
  return shown;
}

}  // namespace runledger
