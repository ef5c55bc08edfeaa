// Looks words up in lists of words.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "ledger/base/ascii.h"

namespace runledger {

// True when the word is one of the list, in any case. Requires a list in lower case.
template <std::size_t N>
[[nodiscard]] bool is_one_of(std::string_view word, const std::array<std::string_view, N>& lower_words) {
  return std::any_of(lower_words.begin(), lower_words.end(),
                     [&](std::string_view other) { return equals_ignoring_case(word, other); });
}

}  // namespace runledger
