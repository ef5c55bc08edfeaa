// The word of each enumerator of an enum, in one table, by which values are printed and words are parsed.
//
// An enum has words where it is declared:
//
//   enum class Light : std::uint8_t { kRed, kGreen };
//   template <>
//   inline constexpr auto kEnumWords<Light> = enum_words<Light>({{Light::kRed, "red"}, {Light::kGreen, "green"}});
//
// A table compiles only if it has all enumerators, numbered from 0, in their order. Any thread may call these
// functions.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "ledger/base/assert.h"

namespace runledger {

template <class Enum>
struct EnumWord {
  Enum value;
  std::string_view word;
};

// The table of an enum, which specialises this.
template <class Enum>
inline constexpr bool kEnumWords = false;

template <class Enum>
concept WithWords = requires {
  kEnumWords<Enum>.size();
};

// Whether the value has a name. Compilers spell a value without one as a cast, such as `(Light)2`.
template <auto Value>
[[nodiscard]] constexpr bool is_enumerator() {
  constexpr std::string_view kSpelling = __PRETTY_FUNCTION__;
  constexpr std::string_view kBefore = "Value = ";
  return kSpelling[kSpelling.find(kBefore) + kBefore.size()] != '(';
}

// Makes the table of an enum.
template <class Enum, std::size_t N>
[[nodiscard]] constexpr std::array<EnumWord<Enum>, N> enum_words(const EnumWord<Enum> (&words)[N]) {
  static_assert(is_enumerator<static_cast<Enum>(N - 1)>(), "expected no more words than enumerators");
  static_assert(!is_enumerator<static_cast<Enum>(N)>(), "expected a word for every enumerator");
  for (std::size_t i = 0; i < N; ++i) RUNLEDGER_ASSERT(words[i].value == static_cast<Enum>(i));
  return std::to_array(words);
}

// Returns the word of `value`, which must be an enumerator. The word is a literal.
template <WithWords Enum>
[[nodiscard]] constexpr std::string_view to_string(Enum value) {
  const auto index = static_cast<std::size_t>(value);
  RUNLEDGER_ASSERT(index < kEnumWords<Enum>.size());
  return kEnumWords<Enum>[index].word;
}

// Returns nullopt for a text that is no word of the enum.
template <WithWords Enum>
[[nodiscard]] constexpr std::optional<Enum> parse_word(std::string_view text) {
  for (const auto& each : kEnumWords<Enum>) {
    if (each.word == text) return each.value;
  }
  return std::nullopt;
}

}  // namespace runledger
