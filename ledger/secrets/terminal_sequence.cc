// Reads the introducer, and then what belongs to its kind of sequence.
#include "ledger/secrets/terminal_sequence.h"

#include <algorithm>

namespace runledger {

namespace {

constexpr char kEscape = '\x1B';
constexpr char kBell = '\x07';

// The characters after ESC of the sequences that have one only, and of those that go on.
constexpr std::string_view kSingle = "78=>cDEHMNOZ\\no|}~";
constexpr std::string_view kIntroducers = "[]PX^_";

bool is_between(char c, char first, char last) {
  return c >= first && c <= last;
}

// Parameters, intermediates and one final character. A sequence that something else breaks off ends before that.
std::size_t control_end(std::string_view text, std::size_t at) {
  constexpr std::size_t kParametersMax = 128;
  const std::size_t limit = std::min(text.size(), at + kParametersMax);
  while (at < limit && is_between(text[at], '0', '?')) ++at;
  while (at < limit && is_between(text[at], ' ', '/')) ++at;
  return at < limit && is_between(text[at], '@', '~') ? at + 1 : at;
}

// A string up to BEL, or to the string terminator in either of its forms. Another control ends the search, so that many
// introducers without an end cost no more than one.
std::size_t string_end(std::string_view text, std::size_t begin) {
  const std::size_t limit = std::min(text.size(), begin + kTerminalStringMax);
  for (std::size_t at = begin; at < limit; ++at) {
    if (text[at] == kBell) return at + 1;
    if (text[at] == kEscape) return text.substr(at + 1).starts_with('\\') ? at + 2 : begin;
    if (text[at] == '\xC2' && at + 1 < text.size() && is_between(text[at + 1], '\x80', '\x9F'))
      return text[at + 1] == '\x9C' ? at + 2 : begin;
  }
  return begin;
}

// The end of the sequence whose introducer, written as the character after ESC, ends at `at`.
std::size_t sequence_end(std::string_view text, char introducer, std::size_t at) {
  switch (introducer) {
    case '[':
      return control_end(text, at);
    case ']':
    case 'P':
    case 'X':
    case '^':
    case '_':
      return string_end(text, at);
    default:
      return at;
  }
}

}  // namespace

std::size_t terminal_sequence_size(std::string_view text) {
  if (text.size() < 2) return 0;
  if (text[0] == '\xC2' && is_between(text[1], '\x90', '\x9F'))
    return sequence_end(text, static_cast<char>(text[1] - '\x90' + 'P'), 2);
  if (text[0] != kEscape) return 0;
  std::size_t at = 1;
  while (at < text.size() && at < 4 && is_between(text[at], ' ', '/')) ++at;  // As in ESC ( B.
  if (at == text.size()) return 0;
  if (at > 1) return is_between(text[at], '0', '~') ? at + 1 : 0;
  const bool is_known =
      kSingle.find(text[1]) != std::string_view::npos || kIntroducers.find(text[1]) != std::string_view::npos;
  return is_known ? sequence_end(text, text[1], 2) : 0;
}

}  // namespace runledger
