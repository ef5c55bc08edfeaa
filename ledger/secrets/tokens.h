// Finds tokens by the prefix that their provider gives them (token_rules.h).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/token_rules.h"

namespace runledger {

// The rules, indexed by the last two characters of their prefixes: a token is found at the end of its prefix, which is
// mostly an underscore or a hyphen and thus rare in other text. Immutable, so any thread may use it.
class TokenIndex {
 public:
  TokenIndex();

  // False when no prefix ends with these two characters.
  [[nodiscard]] bool may_end_prefix(char before, char last) const { return group_of_[pair_of(before, last)] != 0; }

  // Returns the token whose prefix ends at the position, which is one or more, if there is one. Reads a bounded number
  // of characters, besides those of the token.
  [[nodiscard]] std::optional<TextSpan> find(std::string_view text, std::size_t position) const;

 private:
  static std::size_t pair_of(char before, char last) {
    return (static_cast<unsigned char>(before) & 127U) * 128U + (static_cast<unsigned char>(last) & 127U);
  }

  std::array<std::uint16_t, 128 * 128> group_of_{};  // By pair; 0: no rule.
  std::vector<std::vector<TokenRule>> groups_ = std::vector<std::vector<TokenRule>>(1);
};

// Returns the only index.
[[nodiscard]] const TokenIndex& token_index();

}  // namespace runledger
