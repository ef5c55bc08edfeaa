// Keeps the end, and cuts it by characters from behind.
#include "jobs/text_tail.h"

#include <algorithm>

#include "ledger/secret_detector.h"
#include "ledger/visible_text.h"

namespace runledger {
namespace {

constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

bool begins_character(char c) {
  return (static_cast<unsigned char>(c) & 0xC0U) != 0x80;
}

std::string_view without_blanks_around(std::string_view text) {
  while (text.starts_with(' ')) text.remove_prefix(1);
  while (text.ends_with(' ')) text.remove_suffix(1);
  return text;
}

}  // namespace

void TextTail::feed(std::string_view bytes) {
  if (bytes.size() >= kBytesMax) {
    cut_ = cut_ || !kept_.empty() || bytes.size() > kBytesMax;
    kept_ = bytes.substr(bytes.size() - kBytesMax);
    return;
  }
  kept_ += bytes;
  if (kept_.size() <= kBytesMax) return;
  cut_ = true;
  kept_.erase(0, kept_.size() - kBytesMax);
}

std::string TextTail::last(std::size_t characters_max) const {
  const std::string redacted = redact_secrets(visible_text(kept_).view());
  const std::string_view text = without_blanks_around(redacted);
  const auto characters = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
  if (characters <= characters_max && !cut_) return std::string(text);
  const std::size_t skipped = characters - std::min(characters, characters_max - 1);  // One gives way to the ellipsis.
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && seen++ == skipped) break;
  }
  return std::string(kEllipsis) += text.substr(at);
}

}  // namespace runledger
