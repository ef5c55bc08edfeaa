// Text as a reader sees it: without what is invisible, and without what changes how the rest is shown.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace runledger {

// Looks into the raw text, which must outlive it, where nothing had to be changed.
struct VisibleText {
  std::string_view raw;
  std::optional<std::string> changed;

  [[nodiscard]] std::string_view view() const { return changed ? std::string_view(*changed) : raw; }
};

// Valid UTF-8: bytes that are none become U+FFFD. White space other than the space becomes a space. Removed are the
// other C0 and C1 controls and DEL, bidirectional controls, zero-width characters, soft hyphens, variation selectors,
// tags and noncharacters. Idempotent.
[[nodiscard]] VisibleText visible_text(std::string_view raw);

}  // namespace runledger
