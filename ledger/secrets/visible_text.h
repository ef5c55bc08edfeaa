// Reduces text to what a reader sees: it removes invisible characters, and those that change how others are shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// The result of visible_text(). When nothing had to change, it refers to the raw text, which must outlive it.
struct VisibleText {
  std::string_view raw;
  std::optional<std::string> changed;  // Absent when the raw text needs no change.

  [[nodiscard]] std::string_view view() const { return changed ? std::string_view(*changed) : raw; }
};

// Returns valid UTF-8: bytes that are not UTF-8 become U+FFFD. White space other than the space becomes a space. The
// function removes control sequences of terminals as a whole, the other C0 and C1 controls and DEL, bidirectional
// controls, zero-width characters, soft hyphens, variation selectors, tags and noncharacters. Idempotent.
[[nodiscard]] VisibleText visible_text(std::string_view raw);

}  // namespace runledger
