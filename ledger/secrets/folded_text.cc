// Copies the text and folds the characters, escapes and sequences in it one by one, so that each change has one origin.
//
// Most texts are of ASCII and have nothing to fold: first_fold() finds the first place that may have to change, and a
// text without one is not copied. Unicode's decomposition of a character does not depend on its neighbours, and marks
// are dropped, so that no composition has to follow, and the ways to write a letter (with a mark in it or after it, in
// half or full width) come to the same. Names of secrets in other languages are folded by the same function before
// they are compared (names.cc).
#include "ledger/secrets/folded_text.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"
#include "ledger/secrets/escapes.h"
#include "ledger/secrets/terminal_sequence.h"

namespace runledger {

namespace {

// True for a byte at which something to fold may begin.
bool may_fold(char c) {
  return c == '&' || c == '\\' || c == '%' || c == '[' || c == '\x1B' || static_cast<unsigned char>(c) >= 0x80;
}

struct Punctuation {
  char32_t from;
  std::string_view to;
};

// What Unicode has no compatibility decomposition for. Sorted.
constexpr std::array kPunctuation = std::to_array<Punctuation>({
    {0x00AB, "\""}, {0x00B4, "'"},  {0x00BB, "\""}, {0x02D0, ":"},  {0x2010, "-"},  {0x2011, "-"},  {0x2012, "-"},
    {0x2013, "-"},  {0x2014, "-"},  {0x2015, "-"},  {0x2018, "'"},  {0x2019, "'"},  {0x201A, "'"},  {0x201B, "'"},
    {0x201C, "\""}, {0x201D, "\""}, {0x201E, "\""}, {0x201F, "\""}, {0x2039, "'"},  {0x203A, "'"},  {0x2192, "=>"},
    {0x21D2, "=>"}, {0x2212, "-"},  {0x2236, ":"},  {0x279C, "=>"}, {0x27A1, "=>"}, {0x300C, "\""}, {0x300D, "\""},
    {0x300E, "\""}, {0x300F, "\""}, {0x301D, "\""}, {0x301E, "\""}, {0xA789, ":"},
});
static_assert(std::is_sorted(kPunctuation.begin(), kPunctuation.end(),
                             [](const Punctuation& a, const Punctuation& b) { return a.from < b.from; }));

const Punctuation* find_punctuation(char32_t c) {
  const auto* found = std::lower_bound(kPunctuation.begin(), kPunctuation.end(), c,
                                       [](const Punctuation& each, char32_t value) { return each.from < value; });
  return found != kPunctuation.end() && found->from == c ? found : nullptr;
}

// The category Zs.
bool is_space_separator(char32_t c) {
  return c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x205F || c == 0x3000;
}

// A syllable of Hangul is a letter of its own for our purpose.
bool is_hangul_syllable(char32_t c) {
  return c >= 0xAC00 && c <= 0xD7A3;
}

// Appends the folded form of a character outside ASCII.
void append_computed(std::string& out, char32_t c) {
  constexpr utf8proc_ssize_t kPartsMax = 4;  // More than that is a ligature of whole words.
  if (const Punctuation* punctuation = find_punctuation(c)) {
    out += punctuation->to;
    return;
  }
  const auto code_point = static_cast<utf8proc_int32_t>(c);
  if (is_space_separator(c)) {
    out += ' ';
    return;
  }
  std::array<utf8proc_int32_t, kPartsMax> parts{};
  int boundary = 0;
  const auto count =
      is_hangul_syllable(c)
          ? kPartsMax + 1
          : utf8proc_decompose_char(
                code_point, parts.data(), kPartsMax,
                static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT | UTF8PROC_STRIPMARK), &boundary);
  if (count < 0 || count > kPartsMax) return append_utf8(out, c);
  for (utf8proc_ssize_t i = 0; i < count; ++i) {
    const utf8proc_int32_t part = parts[static_cast<std::size_t>(i)];
    append_utf8(out, static_cast<char32_t>(part < 0x80 ? part : utf8proc_tolower(part)));
  }
}

// The same. The letters of most alphabets are computed once.
void append_folded(std::string& out, char32_t c) {
  constexpr char32_t kFrequentEnd = 0x600;
  static const std::vector<std::string> frequent = [] {
    std::vector<std::string> all(kFrequentEnd);
    for (char32_t each = 0x80; each < kFrequentEnd; ++each) append_computed(all[each], each);
    return all;
  }();
  if (c < kFrequentEnd)
    out += frequent[c];
  else
    append_computed(out, c);
}

// Appends what an escape stands for. A quotation mark keeps a backslash: it belongs to another level of quoting than a
// bare one, and does not end a value that a bare one began.
void append_escaped(std::string& out, char32_t c) {
  if (c >= 0x80) return append_folded(out, c);
  if (c == '"' || c == '\'' || c == '`') out += '\\';
  out += c < 0x20 || c == 0x7F ? ' ' : static_cast<char>(c);
}

// The end of the parameters and the final letter of a terminal sequence, from its "[" on.
std::size_t parameters_end(std::string_view text) {
  constexpr std::size_t kParametersMax = 16;
  std::size_t at = 1;
  while (at < text.size() && at <= kParametersMax && (is_digit(text[at]) || text[at] == ';' || text[at] == '?')) ++at;
  return at < text.size() && (is_lower(text[at]) || is_upper(text[at])) ? at + 1 : at;
}

// The size of a colour sequence that has lost its ESC, such as [0m and [1;31m; zero for other text.
std::size_t remnant_size(std::string_view text) {
  const std::size_t end = parameters_end(text);
  return end > 2 && text[end - 1] == 'm' ? end : 0;
}

}  // namespace

FoldedText::FoldedText(std::string_view text) : text_(text) {
  const auto* first = std::find_if(text.begin(), text.end(), may_fold);
  if (first != text.end()) fold_from(static_cast<std::size_t>(first - text.begin()));
}

void FoldedText::fold_from(std::size_t position) {
  folded_.reserve(text_.size());
  folded_ = text_.substr(0, position);
  while (position < text_.size()) {
    const std::string_view rest = text_.substr(position);
    const std::size_t begin = folded_.size();
    std::size_t size = 1;
    if (!may_fold(rest.front())) {
      folded_ += rest.front();
    } else if (const std::size_t sequence = terminal_sequence_size(rest); sequence > 0) {
      size = sequence;
    } else if (rest.front() == '[' && remnant_size(rest) > 0) {
      size = remnant_size(rest);
    } else if (const EscapedCharacter escaped = escaped_character(rest); escaped.size > 0) {
      size = escaped.size;
      if (escaped.value != 0x1B)
        append_escaped(folded_, escaped.value);
      else if (rest.substr(size).starts_with('['))
        size += parameters_end(rest.substr(size));
    } else if (static_cast<unsigned char>(rest.front()) >= 0x80) {
      const CodePoint next = decode_utf8(rest);
      size = next.size;
      if (next.valid)
        append_folded(folded_, next.value);
      else
        folded_ += rest.substr(0, size);
    } else {
      folded_ += rest.front();
    }
    if (size != 1 || folded_.size() != begin + 1) add(begin, {position, position + size});
    position += size;
  }
  is_changed_ = true;
}

void FoldedText::add(std::size_t folded_begin, TextSpan origin) {
  const bool same =
      folded_.size() - folded_begin == origin.end - origin.begin &&
      text_.substr(origin.begin, origin.end - origin.begin) == std::string_view(folded_).substr(folded_begin);
  if (!same) changes_.push_back({{folded_begin, folded_.size()}, origin});
}

// The last change that begins at the position or before it and is not empty there.
const FoldedText::Change* FoldedText::change_before(std::size_t folded_position) const {
  auto after = std::upper_bound(changes_.begin(), changes_.end(), folded_position,
                                [](std::size_t value, const Change& each) { return value < each.folded.begin; });
  return after == changes_.begin() ? nullptr : &*std::prev(after);
}

TextSpan FoldedText::origin_of(TextSpan part) const {
  const auto origin_of_byte = [this](std::size_t at) -> TextSpan {
    const Change* change = change_before(at);
    if (change == nullptr) return {at, at + 1};
    if (at < change->folded.end) return change->origin;
    const std::size_t origin = change->origin.end + (at - change->folded.end);
    return {origin, origin + 1};
  };
  return {origin_of_byte(part.begin).begin, origin_of_byte(part.end - 1).end};
}

std::string folded(std::string_view text) {
  return std::string(FoldedText(text).view());
}

}  // namespace runledger
