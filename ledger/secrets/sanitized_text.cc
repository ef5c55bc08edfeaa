// The sanitiser: it removes invisible characters first, so that they cannot split a secret, then redacts secrets, then
// cuts text that is too long.
#include "ledger/secrets/sanitized_text.h"

#include "ledger/base/utf8.h"
#include "ledger/secrets/detector.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/visible_text.h"

namespace runledger {

namespace {

// Requires valid UTF-8.
std::string cut(std::string_view text) {
  if (text.size() <= SanitizedText::kCharactersMax)
    return std::string(text);  // A text has no more characters than bytes.
  std::size_t characters = 0;
  std::size_t last_kept_end = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (!begins_character(text[i])) continue;
    if (++characters == SanitizedText::kCharactersMax) last_kept_end = i;
    if (characters > SanitizedText::kCharactersMax) {
      std::string shortened(text.substr(0, last_kept_end));
      return shortened += kEllipsis;
    }
  }
  return std::string(text);
}

// Returns text without secrets and within the limit. After a cut, or next to a redaction, the text could in theory look
// like a secret again; a text that still does so after kRoundsMax rounds is redacted as a whole.
std::string redact_and_cut(std::string_view visible) {
  constexpr int kRoundsMax = 4;
  // Four times the bytes that may be kept, because a later round may shorten the text.
  constexpr std::size_t kRedactedMax = 4 * 4 * SanitizedText::kCharactersMax;
  std::string text = redact_beginning(visible, kRedactedMax);
  for (int round = 0; round < kRoundsMax; ++round) {
    std::string shortened = cut(text);
    if (shortened == text) return text;
    text = redact_secrets(shortened);
  }
  return cut(text) != text ? std::string(kRedacted) : text;
}

}  // namespace

std::optional<SanitizedText> restore_text(std::string_view exported, FromLog from_log) {
  if (visible_text(exported).view() != exported || cut(exported) != exported) return std::nullopt;
  return SanitizedText(std::string(exported), from_log);
}

SanitizedText sanitize(std::string_view raw) {
  return SanitizedText(redact_and_cut(visible_text(raw).view()));
}

}  // namespace runledger
