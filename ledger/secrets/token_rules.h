// The table of the tokens that their providers mark with a prefix.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace runledger {

// The characters of a token after its prefix.
enum class TokenBody : std::uint8_t {
  kDigits,
  kHex,      // Of either case.
  kUuid,     // Hexadecimal digits and hyphens.
  kUpper,    // Capitals and digits.
  kAlnum,    // Letters and digits.
  kUrl,      // Letters, digits, "_" and "-".
  kDotted,   // The same and ".".
  kBase64,   // Letters, digits, "+", "/" and "=".
  kCrypt,    // The characters of hashes of passwords: those of kBase64, ".", "$", ",", "-" and ":".
  kVisible,  // Any character but white space and quotation marks.
};

// What may stand before the prefix. No token begins inside a word: "task-…" holds no "sk-…".
enum class TokenStart : std::uint8_t {
  kAnywhere,  // Anything: the prefix begins with a mark.
  kWord,      // Anything but a letter or a digit.
  kAlone,     // Anything but a letter, a digit, "_", "-", "." and "/", for prefixes that are short or usual words.
};

struct TokenRule {
  std::string_view prefix;
  TokenBody body;
  std::size_t size_min;  // A shorter body is prose: "ghp_ tokens".
  std::size_t size_max;  // A longer body is something else; zero for no limit.
  TokenStart start;
  std::string_view example;   // A template (tests/fixtures/data/text_template.h) of such a token.
  std::string_view harmless;  // A template of a text that must stay as it is.
};

[[nodiscard]] std::span<const TokenRule> token_rules();

}  // namespace runledger
