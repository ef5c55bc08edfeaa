// Each function reads a bounded number of characters, but for those of a quoted value.
#include "ledger/secrets/notations.h"

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

// True for a word such as /etc/, ~/, ../, C:/ or https://host/, which a file follows; false for the first of two names:
// login/.
bool begins_path(std::string_view word) {
  const char first = word.front();
  const bool has_drive = word.size() > 2 && (is_lower(first) || is_upper(first)) && word[1] == ':' && word[2] == '/';
  return first == '/' || first == '~' || first == '.' || has_drive || word.find("://") != std::string_view::npos;
}

// True for a name at `begin` whose colon no space follows.
bool is_value_beside(std::string_view text, std::size_t begin) {
  constexpr std::size_t kNameMax = 64;
  const std::size_t end = skip(text, begin, is_name, kNameMax);
  return end + 1 < text.size() && text[end] == ':' && !is_space(text[end + 1]);
}

}  // namespace

bool ends_value(std::string_view text, std::size_t position) {
  constexpr std::size_t kParameterMax = 32;
  const char c = text[position];
  if (c == '&') {
    const std::size_t end = skip(text, position + 1, is_name, kParameterMax);
    return end == position + 1 || end >= text.size() || text[end] == '=';
  }
  if (is_quote(c)) return position + 1 >= text.size() || !is_alnum(text[position + 1]);
  return is_space(c) || c == ';' || c == '<' || c == '>';
}

TextSpan quoted(std::string_view text, std::size_t open) {
  const char quote = text[open];
  const std::string_view triple = text.substr(open, 3);
  if (triple.size() == 3 && triple[1] == quote && triple[2] == quote)
    return {open + 3, std::min(text.find(triple, open + 3), text.size())};
  const bool escaped = open > 0 && text[open - 1] == '\\';  // \"…\" inside a JSON text.
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == quote) {
      std::size_t end = i;
      while (escaped && end > open + 1 && text[end - 1] == '\\') --end;
      return {open + 1, end};
    }
    if (text[i] == '\\' && !escaped) ++i;
  }
  return {open + 1, text.size()};
}

std::size_t skip_to_value(std::string_view text, std::size_t position) {
  constexpr std::size_t kSpacesMax = 64;
  position = skip(text, position, is_space, kSpacesMax);
  const std::size_t mark = skip(
      text, position, [](char c) { return c == '*' || c == '|' || c == '>' || c == '-'; }, 2);
  if (mark > position && mark < text.size() && is_space(text[mark])) position = skip(text, mark, is_space, kSpacesMax);
  const std::string_view rest = text.substr(position);
  if (rest.starts_with(kRedacted)) return position;
  const std::size_t inside = skip(
      text, position, [](char c) { return c == '\\' || c == '[' || is_space(c); }, kSpacesMax);
  // A bracket around a word, such as [FILTERED], belongs to the value.
  const bool is_list = inside < text.size() && (is_quote(text[inside]) || inside == position);
  return is_list || !rest.starts_with('[') ? inside : position;
}

std::size_t skip_wrapper(std::string_view text, std::size_t position) {
  constexpr std::array kWrappers = std::to_array<std::string_view>(
      {"some", "optional", "ok", "just", "string", "str", "new string", "secretstr", "secret", "secretstring",
       "sensitive", "bytes", "std::string", "password", "apikey"});
  constexpr std::size_t kWrapperMax = 16;
  const std::size_t end = skip(
      text, position, [](char c) { return is_alnum(c) || c == ':' || c == ' '; }, kWrapperMax);
  if (end == position || end + 1 >= text.size()) return position;
  if (end == position + 1 && is_quote(text[end])) return end;
  // string(32) "…" of PHP's var_dump().
  const std::size_t size_end = text[end] == '(' ? skip(text, end + 1, is_digit, 6) : end;
  if (size_end > end + 1 && text.substr(size_end, 2) == ") ") {
    const std::size_t mark = size_end + 2 + (text.substr(size_end + 2).starts_with('\\') ? 1U : 0U);
    if (mark < text.size() && is_quote(text[mark])) return mark;
  }
  const std::size_t quote = end + 1 + (text[end + 1] == '\\' ? 1U : 0U);
  const bool opens = text[end] == '(' && quote < text.size() && is_quote(text[quote]);
  return opens && is_one_of(text.substr(position, end - position), kWrappers) ? quote : position;
}

bool begins_structure(std::string_view text, std::size_t position) {
  if (text[position] != '{') return false;
  const std::size_t next = skip(
      text, position + 1, [](char c) { return is_space(c) || c == '\\'; }, 64);
  return next >= text.size() || is_quote(text[next]) || text[next] == '}' || text[next] == '{';
}

std::size_t separator_size(std::string_view text, std::size_t position) {
  const std::string_view rest = text.substr(position, 3);
  if (rest.starts_with("://") || rest.starts_with("::") || rest.starts_with("==")) return 0;
  if (rest.starts_with('-') && position > 0 && text[position - 1] == '<') return 1;  // password <- "…" of R.
  if (rest.starts_with("->")) return rest == "-> " && position > 0 && text[position - 1] == ' ' ? 2 : 0;
  if (rest.starts_with("=>") || rest.starts_with(":=")) return 2;
  return rest.starts_with('=') || rest.starts_with(':') ? 1 : 0;
}

std::optional<std::size_t> literal_end(std::string_view text, std::size_t begin) {
  constexpr std::size_t kNumberMax = 32;
  std::size_t end = skip(
      text, begin, [](char c) { return is_digit(c) || c == '.'; }, kNumberMax);
  for (const std::string_view literal : {"null", "true", "false", "None", "True", "False"}) {
    if (text.substr(begin).starts_with(literal)) end = begin + literal.size();
  }
  const bool is_member =
      end > begin && end < text.size() && std::string_view(",}]").find(text[end]) != std::string_view::npos;
  return is_member ? std::optional(end) : std::nullopt;
}

bool is_part_of_address(std::string_view text, std::size_t begin) {
  constexpr std::size_t kAddressMax = 128;
  if (begin == 0) return false;
  const std::string_view before = text.substr(begin - std::min(begin, kAddressMax), std::min(begin, kAddressMax));
  // An option of Windows has its value beside it: /password:….
  const bool is_option = before.ends_with(" /") && is_value_beside(text, begin);
  if (before.ends_with('/'))
    return !is_option && begins_path(before.substr(before.find_last_of(" \t\r\n\"'`()[]{}<>,;|=") + 1));
  if (!before.ends_with(':')) return false;
  const std::size_t arn = before.rfind("arn:");
  return arn != std::string_view::npos && before.find(' ', arn) == std::string_view::npos;
}

bool is_end_of_quotation(std::string_view text, std::size_t name, std::size_t separator, std::size_t next) {
  next = skip(text, next, is_space, 2);
  if (next >= text.size() || !is_quote(text[next]) || is_quote(text[separator - 1])) return false;
  const bool opens = next + 1 < text.size() && is_alnum(text[next + 1]);
  return !opens && text.substr(0, name).ends_with(text[next]);
}

}  // namespace runledger
