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

// A list of words in lower case that is asked of most words of a text, few of which it has. Looks up in any case.
template <std::size_t N>
class WordSet {
 public:
  explicit constexpr WordSet(const std::array<std::string_view, N>& lower_words) : words_(lower_words) {
    for (const std::string_view word : words_) forms_[form_of(word)] = true;
  }

  [[nodiscard]] bool contains(std::string_view word) const {
    return !word.empty() && forms_[form_of(word)] && is_one_of(word, words_);
  }

 private:
  static constexpr std::size_t kForms = 1024;

  // A hash of the size, the first letter and the last one.
  static constexpr std::size_t form_of(std::string_view word) {
    return (word.size() * 37 + static_cast<unsigned char>(to_lower(word.front())) * 11U +
            static_cast<unsigned char>(to_lower(word.back())) * 101U) %
           kForms;
  }

  std::array<std::string_view, N> words_;
  std::array<bool, kForms> forms_{};
};

}  // namespace runledger
