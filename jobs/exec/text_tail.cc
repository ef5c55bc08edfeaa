// Keeps the last bytes of a text and shows no part of them that the cut at their front may have changed.
//
// A secret is recognised by its context, such as the name before it, and the cut may have removed that. So last()
// sanitises the kept bytes twice, with and without their first kContextBytes, and shows only the end in which both
// results agree.
#include "jobs/exec/text_tail.h"

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/visible_text.h"

namespace runledger {
namespace {

std::string sanitised(std::string_view text) {
  return redact_secrets(visible_text(text).view());
}

// The text after the context, from the next word on. A control character ends a word, although it is not shown later.
std::string_view after_context(std::string_view kept) {
  std::string_view rest = kept.substr(TextTail::kContextBytes);
  const auto* end = std::find_if(rest.begin(), rest.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte <= 0x20 || byte == 0x7F;
  });
  return rest.substr(static_cast<std::size_t>(end - rest.begin()));
}

// The longest common suffix, in whole characters.
std::string_view common_end(std::string_view text, std::string_view other) {
  const auto [one, two] = std::mismatch(text.rbegin(), text.rend(), other.rbegin(), other.rend());
  std::string_view end = text.substr(text.size() - static_cast<std::size_t>(one - text.rbegin()));
  while (!end.empty() && !begins_character(end.front())) end.remove_prefix(1);
  return end;
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
  const std::string whole = sanitised(kept_);
  const std::string rest = cut_ ? sanitised(after_context(kept_)) : whole;
  const std::string_view text = stripped(common_end(whole, rest));
  const auto characters = count_characters(text);
  if (characters <= characters_max && !cut_) return std::string(text);
  const std::size_t skipped = characters - std::min(characters, characters_max - 1);  // The ellipsis takes one place.
  std::size_t at = 0;
  for (std::size_t seen = 0; at < text.size(); ++at) {
    if (begins_character(text[at]) && seen++ == skipped) break;
  }
  return std::string(kEllipsis) += text.substr(at);
}

}  // namespace runledger
