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
#include "ledger/secrets/terminal_sequence.h"
#include "ledger/secrets/visible_text.h"

namespace runledger {
namespace {

std::string sanitised(std::string_view text) {
  return redact_secrets(visible_text(text).view());
}

// Whether `text`, which begins with an introducer, is a terminal sequence that is not complete yet. Sequences stay
// within a line.
bool is_open_sequence(std::string_view text) {
  if (text.find('\n') != std::string_view::npos) return false;
  const bool is_escape = text.front() == '\x1B';
  if (is_escape && text.find_first_not_of(" !\"#$%&'()*+,-./", 1) == std::string_view::npos) return true;
  const std::size_t introducer = 2;  // In either of its forms.
  const char kind = is_escape ? text[1] : static_cast<char>(text[1] - '\x90' + 'P');
  constexpr std::string_view kStrings = "]PX^_";
  return kStrings.find(kind) != std::string_view::npos && terminal_sequence_size(text) == introducer;
}

// The text without a terminal sequence at its end that was never finished: the command ended while it wrote a title,
// for example.
std::string_view without_open_sequence(std::string_view text) {
  const std::size_t first = text.size() - std::min(text.size(), kTerminalStringMax);
  std::size_t end = text.size();
  while (end > first) {
    const std::size_t at = text.substr(0, end).find_last_of("\x1B\xC2");
    if (at == std::string_view::npos || at < first) break;
    end = at;
    const std::string_view sequence = text.substr(at);
    const bool is_introducer =
        sequence.front() == '\x1B' || (sequence.size() > 1 && sequence[1] >= '\x90' && sequence[1] <= '\x9F');
    if (is_introducer && is_open_sequence(sequence)) text = text.substr(0, at);
  }
  return text;
}

// The text after the context, from the next word on. A control character ends a word, although it is not shown later.
std::string_view after_context(std::string_view kept) {
  std::string_view rest = kept.substr(std::min(kept.size(), TextTail::kContextBytes));
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

// RFC 7468: -----BEGIN … PRIVATE KEY----- and -----END … PRIVATE KEY-----.
constexpr std::string_view kKeyLabel = "PRIVATE KEY";
constexpr std::size_t kLabelStartMax = 32;  // From BEGIN or END to the label.

enum class LabelOf { kBegin, kEnd, kUnknown };

// Says what the label at `label` belongs to: the beginning of a key or its end, unless the text begins too late to
// tell.
LabelOf label_of(std::string_view text, std::size_t label) {
  const std::size_t first = label - std::min(label, kLabelStartMax);
  const std::string_view before = text.substr(first, label - first);
  const std::size_t begin = before.rfind("BEGIN ");
  const std::size_t end = before.rfind("END ");
  if (begin == std::string_view::npos && end == std::string_view::npos) return LabelOf::kUnknown;
  if (begin == std::string_view::npos) return LabelOf::kEnd;
  return end == std::string_view::npos || begin > end ? LabelOf::kBegin : LabelOf::kEnd;
}

// True when a private key is open after the text, if one was open before it or not.
bool is_in_key_after(std::string_view text, bool is_in_key) {
  for (std::size_t label = text.find(kKeyLabel); label != std::string_view::npos;
       label = text.find(kKeyLabel, label + kKeyLabel.size())) {
    const LabelOf of = label_of(text, label);
    if (of != LabelOf::kUnknown) is_in_key = of == LabelOf::kBegin;
  }
  return is_in_key;
}

// The text after the end of the key in which it begins; empty when the key does not end.
std::string_view after_key(std::string_view kept) {
  std::size_t label = kept.find(kKeyLabel);
  while (label != std::string_view::npos && label_of(kept, label) != LabelOf::kEnd)
    label = kept.find(kKeyLabel, label + kKeyLabel.size());
  if (label == std::string_view::npos) return {};
  const std::string_view rest = kept.substr(label + kKeyLabel.size());
  return rest.substr(std::min(rest.find_first_not_of('-'), rest.size()));
}

}  // namespace

void TextTail::feed(std::string_view bytes) {
  kept_ += bytes;
  if (kept_.size() <= kBytesMax) return;
  cut_ = true;
  const std::size_t dropped = kept_.size() - kBytesMax;
  // A label that the cut divides counts too.
  const std::size_t read = dropped + kLabelStartMax + kKeyLabel.size();
  starts_in_key_ = is_in_key_after(std::string_view(kept_).substr(0, read), starts_in_key_);
  kept_.erase(0, dropped);
}

std::string TextTail::last(std::size_t characters_max) const {
  const std::string_view kept = without_open_sequence(kept_);
  const std::string whole = sanitised(starts_in_key_ ? after_key(kept) : kept);
  const std::string rest = cut_ && !starts_in_key_ ? sanitised(after_context(kept)) : whole;
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
