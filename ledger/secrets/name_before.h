// Reads the name before a position of a text.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

#include "ledger/base/ascii.h"
#include "ledger/secrets/name_rules.h"

namespace runledger {

[[nodiscard]] constexpr bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}

// True for the characters of a name in any script.
[[nodiscard]] constexpr bool is_name(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
}

// Returns the first position, from `position` on, whose character fails the test; at most `limit` further.
[[nodiscard]] inline std::size_t skip(std::string_view text, std::size_t position, bool (*test)(char),
                                      std::size_t limit) {
  const std::size_t end = std::min(text.size(), position + limit);
  while (position < end && test(text[position])) ++position;
  return position;
}

// A name and where it begins in the text.
struct NameBefore {
  std::string_view name;
  std::size_t begin = 0;
};

// Returns the name that ends before `end`, ignoring closing quotes and brackets, a remark in parentheses and a type
// after it ("password: str ="). At most five words of it, which one space separates.
[[nodiscard]] NameBefore name_before(std::string_view text, std::size_t end);

// What the words before a value without a separator say about it.
struct SpokenName {
  Demand demand = Demand::kNever;
  bool is_password = false;  // A password rather than a secret, a key or a token.
  bool is_passphrase = false;
  bool has_verb = false;   // "the password is …", "password set to …".
  bool has_login = false;  // "login bob password …".
};

// Reads the words before the space at `space`. A value in quotes may have more words between the name and itself.
[[nodiscard]] SpokenName spoken_name_before(std::string_view text, std::size_t space, bool is_quoted);

}  // namespace runledger
