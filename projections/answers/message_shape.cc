// One pass over the words of the message.
#include "projections/answers/message_shape.h"

#include <algorithm>

#include "ledger/base/ascii.h"

namespace runledger {
namespace {

constexpr std::size_t kShapeBytesMax = 160;
constexpr std::size_t kHexDigitsMin = 8;  // Shorter ones may be words.

bool is_of_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_';
}

bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F') || c == '-';
}

// A number, or an id in hexadecimal digits. A word that only has digits in it, such as "sha256", is neither.
bool is_variable(std::string_view word) {
  if (!std::any_of(word.begin(), word.end(), is_digit)) return false;
  if (is_digit(word.front())) return true;
  return word.size() >= kHexDigitsMin && std::all_of(word.begin(), word.end(), is_hex);
}

// The word without the numbers among its parts: "policy-118" is "policy-#".
std::string without_numbers(std::string_view word) {
  std::string shape;
  while (!word.empty()) {
    const std::size_t end = std::min(word.find_first_of("-_"), word.size());
    const std::string_view part = word.substr(0, end);
    shape += !part.empty() && std::all_of(part.begin(), part.end(), is_digit) ? "#" : part;
    if (end < word.size()) shape += word[end];
    word.remove_prefix(std::min(end + 1, word.size()));
  }
  return shape;
}

}  // namespace

std::string message_shape(std::string_view message) {
  std::string shape;
  for (std::size_t i = 0; i < message.size();) {
    const char c = message[i];
    const bool is_apostrophe = i > 0 && is_of_word(message[i - 1]);
    if ((c == '"' || c == '\'' || c == '`') && !is_apostrophe) {
      const std::size_t end = message.find(c, i + 1);
      if (end != std::string_view::npos) {
        shape += c;
        shape += "…";
        shape += c;
        i = end + 1;
        continue;
      }
    }
    if (!is_of_word(c)) {
      shape += c;
      ++i;
      continue;
    }
    std::size_t end = i;
    while (end < message.size() && is_of_word(message[end])) ++end;
    const std::string_view word = message.substr(i, end - i);
    shape += is_variable(word) ? "#" : without_numbers(word);
    i = end;
  }
  if (shape.size() <= kShapeBytesMax) return shape;
  // Not within a character: continuation bytes of UTF-8 are 10xxxxxx.
  std::size_t end = kShapeBytesMax;
  while (end > 0 && (static_cast<unsigned char>(shape[end]) & 0xc0U) == 0x80U) --end;
  return shape.substr(0, end) + "…";
}

}  // namespace runledger
