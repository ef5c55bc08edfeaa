// Text that is safe to store, log and show: it has no secrets and no control characters, and its length is bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/from_log.h"

namespace runledger {

// Invariants: valid UTF-8; at most kCharactersMax code points; no control, bidirectional or zero-width characters;
// every secret that ledger/secrets/detector.h recognises is replaced by "[redacted]".
//
// The type is the guarantee: every free-text field of an event has it, and sanitize() is the only way from raw text.
class SanitizedText {
 public:
  static constexpr std::size_t kCharactersMax = 500;

  SanitizedText() = default;  // Empty.
  // Restores text that was sanitised before it was stored.
  SanitizedText(std::string stored, FromLog) : text_(std::move(stored)) {}

  [[nodiscard]] const std::string& str() const noexcept { return text_; }
  [[nodiscard]] bool empty() const noexcept { return text_.empty(); }

  friend bool operator==(const SanitizedText&, const SanitizedText&) = default;

 private:
  explicit SanitizedText(std::string text) : text_(std::move(text)) {}
  friend SanitizedText sanitize(std::string_view raw);

  std::string text_;
};

// Restores a text of an event that was exported: nullopt if it has invisible characters or is too long. Secrets are not
// looked for, because a stricter rule of a later version must not make an old event unreadable.
[[nodiscard]] std::optional<SanitizedText> restore_text(std::string_view exported, FromLog from_log);

// Accepts any bytes: invalid UTF-8 becomes U+FFFD, newlines and tabs become spaces, and text that is too long is cut at
// a character and ends in an ellipsis (U+2026, which counts as a character). Secrets are replaced before the text is
// cut, so that no part of a secret remains. Idempotent: sanitize(sanitize(x)) == sanitize(x).
[[nodiscard]] SanitizedText sanitize(std::string_view raw);

}  // namespace runledger
