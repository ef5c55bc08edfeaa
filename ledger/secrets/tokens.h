// Finds tokens by the prefix that their provider gives them (token_rules.h).
#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/secrets/folded_text.h"
#include "ledger/secrets/token_rules.h"

namespace runledger {

// The rules, indexed by the last characters of their prefixes: a token is found at the end of its prefix, which is
// mostly an underscore or a hyphen and thus rare in other text. Immutable, so any thread may use it.
class TokenIndex {
 public:
  TokenIndex();

  // False when no prefix ends with these two characters.
  [[nodiscard]] bool may_end_prefix(char before, char last) const {
    return pairs_[(static_cast<unsigned char>(before) & 127U) * 128U + (static_cast<unsigned char>(last) & 127U)];
  }

  // Returns the token whose prefix ends at the position, which is one or more, if there is one. Reads a bounded number
  // of characters, besides those of the token.
  [[nodiscard]] std::optional<TextSpan> find(std::string_view text, std::size_t position) const;

 private:
  std::array<std::vector<TokenRule>, 128> by_last_;
  std::bitset<128 * 128> pairs_;
};

// Returns the only index.
[[nodiscard]] const TokenIndex& token_index();

}  // namespace runledger
