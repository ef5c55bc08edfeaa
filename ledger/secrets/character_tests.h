// Tests of the characters of a text.
#pragma once

#include <algorithm>
#include <initializer_list>
#include <string_view>

#include "ledger/base/ascii.h"

namespace runledger {

// The beginning of a value that judgements read, so that many names before one long value cost little.
inline constexpr std::size_t kJudgedMax = 112;

[[nodiscard]] constexpr bool is_ascii_letter(char c) {
  return is_lower(c) || is_upper(c);
}

[[nodiscard]] constexpr bool is_identifier(char c) {
  return is_alnum(c) || c == '_';
}

template <class Test>
[[nodiscard]] bool all_are(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

template <class Test>
[[nodiscard]] bool any_is(std::string_view text, Test test) {
  return std::any_of(text.begin(), text.end(), test);
}

[[nodiscard]] inline bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> lower_starts) {
  return std::any_of(lower_starts.begin(), lower_starts.end(), [&](std::string_view start) {
    return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
  });
}

// True when the text has the word in it, in any case. Requires a word in lower case.
[[nodiscard]] inline bool contains_ignoring_case(std::string_view text, std::string_view lower) {
  return std::search(text.begin(), text.end(), lower.begin(), lower.end(),
                     [](char a, char b) { return to_lower(a) == b; }) != text.end();
}

}  // namespace runledger
