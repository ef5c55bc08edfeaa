// Finds the name before a separator and the end of the value behind it, whatever the notation.
#include "ledger/secrets/assignments.h"

#include <algorithm>
#include <array>
#include <string>

#include "ledger/base/ascii.h"
#include "ledger/secrets/names.h"

namespace runledger {

namespace {

bool is_quote(char c) {
  return c == '"' || c == '\'' || c == '`';
}
bool is_name(char c) {
  return is_alnum(c) || c == '_' || c == '-' || c == '.';
}

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& lower_words) {
  return std::any_of(lower_words.begin(), lower_words.end(),
                     [&](std::string_view other) { return equals_ignoring_case(word, other); });
}

std::size_t skip(std::string_view text, std::size_t position, bool (*test)(char), std::size_t limit) {
  const std::size_t end = std::min(text.size(), position + limit);
  while (position < end && test(text[position])) ++position;
  return position;
}

// The name that ends before `end`, seen through closing quotes and brackets; up to three words of it.
std::string_view name_before(std::string_view text, std::size_t end) {
  constexpr std::size_t kDecorationMax = 8;
  constexpr std::size_t kNameMax = 96;
  constexpr int kWordsMax = 4;
  for (std::size_t i = 0; i < kDecorationMax && end > 0; ++i, --end) {
    const char c = text[end - 1];
    if (!is_space(c) && !is_quote(c) && c != '\\' && c != ']' && c != '*') break;
  }
  std::size_t begin = end;
  int words = 1;
  while (begin > 0 && end - begin < kNameMax) {
    const char c = text[begin - 1];
    if (c == ' ' && ++words > kWordsMax) break;
    if (!is_name(c) && c != ' ') break;
    --begin;
  }
  return text.substr(begin, end - begin);
}

// What stands for the absence of a value.
bool is_absence(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"null", "none", "nil", "true", "false", "undefined", "empty", "missing", "unset", "redacted"});
  return is_one_of(word, kWords);
}

// What goes on with a sentence: "token: expired at noon".
bool is_prose(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"required", "invalid",   "expired",      "wrong",   "incorrect", "denied",  "revoked", "expected", "found",
       "failed",   "error",     "unknown",      "changed", "updated",   "enabled", "granted", "disabled", "rejected",
       "accepted", "forbidden", "unauthorized", "ok",      "must",      "should",  "cannot",  "could",    "is",
       "was",      "has",       "not",          "no",      "the",       "a",       "an",      "of",       "for",
       "in",       "at",        "or",           "and",     "with",      "too",     "than"});
  return is_one_of(word, kWords);
}

// Where a secret is put in later: ${NAME}, $NAME, %s, {}.
bool is_reference(std::string_view value) {
  value = value.substr(0, value.find_last_not_of(".,:)]") + 1);
  if (value == "%s" || value == "%d" || value == "{}") return true;
  if (value.starts_with("${")) return value.find('}') == value.size() - 1;
  return value.size() > 2 && value.front() == '$' &&
         value.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", 1) == std::string_view::npos;
}

bool is_no_value(std::string_view word) {
  return is_absence(word) || is_reference(word) || word.find_first_not_of("*.-") == std::string_view::npos;
}

// What "pass" says of a test and no password is: 3, 10/12, 98.5%, ok, first.
bool is_test_result(std::string_view value) {
  constexpr std::size_t kCountMax = 8;
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"yes", "pass", "passed", "fail", "all", "some", "first", "second", "third", "last", "on", "off", "skip"});
  const bool count = value.size() <= kCountMax && value.find_first_not_of("0123456789./%,") == std::string_view::npos;
  return count || is_one_of(value, kWords) || is_prose(value);
}

// Where a group could stand as well ("-u bob:staff", "-u 1000:1000"), only what is neither a word nor a number.
bool is_password_like(std::string_view value) {
  constexpr std::size_t kSizeMin = 6;
  const auto is_letter = [](char c) { return is_lower(c) || is_upper(c); };
  return value.size() >= kSizeMin && std::any_of(value.begin(), value.end(), is_digit) &&
         std::any_of(value.begin(), value.end(), is_letter);
}

// A value that an earlier pass replaced, with what may close it.
bool is_redacted(std::string_view value) {
  return value.starts_with(kRedacted) &&
         value.substr(kRedacted.size()).find_first_not_of(")}].,:!?\\") == std::string_view::npos;
}

std::string_view without_closers(std::string_view value) {
  const std::size_t last = value.find_last_not_of(")}].,:!?\\");
  return value.substr(0, last + 1);  // Nothing when it is closers only.
}

// The value up to the quote that ends it; to the end of the text when none does.
TextSpan quoted(std::string_view text, std::size_t open) {
  const char quote = text[open];
  const bool escaped = open > 0 && text[open - 1] == '\\';  // \"…\" inside a JSON text.
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == quote) return {open + 1, escaped && text[i - 1] == '\\' ? i - 1 : i};
    if (text[i] == '\\' && !escaped) ++i;
  }
  return {open + 1, text.size()};
}

// A quotation mark ends a value unless it goes on: it may be one of a password's own characters.
bool ends_value(std::string_view text, std::size_t position) {
  const char c = text[position];
  if (is_quote(c)) return position + 1 >= text.size() || !is_alnum(text[position + 1]);
  return is_space(c) || c == ';' || c == '&' || c == '<' || c == '>';
}

std::size_t word_end(std::string_view text, std::size_t begin) {
  std::size_t end = begin;
  while (end < text.size() && !ends_value(text, end)) ++end;
  return end;
}

// Authorization: SCHEME VALUE.
bool is_scheme(std::string_view word) {
  constexpr std::array kSchemes =
      std::to_array<std::string_view>({"bearer", "basic", "digest", "token", "apikey", "negotiate", "ntlm", "sharedkey",
                                       "sharedkeylite", "sharedaccesssignature", "key", "hmac", "dpop"});
  return is_one_of(word, kSchemes);
}

std::optional<TextSpan> bare(std::string_view text, std::size_t begin) {
  std::size_t end = word_end(text, begin);
  if (is_scheme(text.substr(begin, end - begin)) && end < text.size() && text[end] == ' ') {
    const std::size_t value = skip(text, end, is_space, 8);
    const std::size_t value_end = word_end(text, value);
    if (is_redacted(text.substr(value, value_end - value))) return std::nullopt;
    if (value_end > value) end = value_end;
  }
  const std::string_view value = without_closers(text.substr(begin, end - begin));
  const std::string_view word = text.substr(begin, end - begin);
  if (value.empty() || is_no_value(value) || is_reference(word) || is_redacted(word)) return std::nullopt;
  if (begin > 0 && is_space(text[begin - 1]) && is_prose(value)) return std::nullopt;
  return TextSpan{begin, begin + value.size()};
}

// Several cookies follow one another: a=1; b=2.
std::size_t cookies_end(std::string_view text, std::size_t end) {
  while (end < text.size() && text[end] == ';') {
    const std::size_t name = skip(text, end + 1, is_space, 2);
    const std::size_t equals = skip(text, name, is_name, 128);
    if (equals == name || equals >= text.size() || text[equals] != '=') break;
    end = word_end(text, equals + 1);
  }
  return end;
}

// Past what may stand between a separator and a value: spaces, the second half of Markdown's bold, YAML's mark of a
// block, the backslash of a quote inside a JSON text, the bracket of a list.
std::size_t skip_to_value(std::string_view text, std::size_t position) {
  constexpr std::size_t kSpacesMax = 64;
  position = skip(text, position, is_space, kSpacesMax);
  const std::size_t mark = skip(
      text, position, [](char c) { return c == '*' || c == '|' || c == '>' || c == '-'; }, 2);
  if (mark > position && mark < text.size() && is_space(text[mark])) position = skip(text, mark, is_space, kSpacesMax);
  if (text.substr(position).starts_with(kRedacted)) return position;
  return skip(
      text, position, [](char c) { return c == '\\' || c == '[' || is_space(c); }, kSpacesMax);
}

// A JSON object, whose members have names of their own, or a placeholder of a template.
bool begins_structure(std::string_view text, std::size_t position) {
  if (text[position] != '{') return false;
  const std::size_t next = skip(
      text, position + 1, [](char c) { return is_space(c) || c == '\\'; }, 64);
  return next >= text.size() || is_quote(text[next]) || text[next] == '}' || text[next] == '{';
}

std::optional<TextSpan> value_from(std::string_view text, std::size_t position, bool cookies) {
  position = skip_to_value(text, position);
  if (position >= text.size() || begins_structure(text, position)) return std::nullopt;
  if (is_quote(text[position])) {
    const TextSpan value = quoted(text, position);
    const std::string_view content = text.substr(value.begin, value.end - value.begin);
    if (content.empty() || is_redacted(content) || is_no_value(content)) return std::nullopt;
    return value;
  }
  auto value = bare(text, position);
  if (value && cookies) value->end = cookies_end(text, value->end);
  return value;
}

// How many bytes the separator at `position` has; zero: there is none.
std::size_t separator_size(std::string_view text, std::size_t position) {
  const std::string_view rest = text.substr(position, 3);
  if (rest.starts_with("://") || rest.starts_with("::") || rest.starts_with("==")) return 0;
  if (rest.starts_with("=>") || rest.starts_with(":=")) return 2;
  if (rest.front() == '=' || rest.front() == ':') return 1;
  return equals_ignoring_case(rest, "%3d") || equals_ignoring_case(rest, "%3a") ? 3 : 0;
}

// The signature of a shared access signature or of a presigned address, which opens what it signs. The words have
// other meanings elsewhere, with shorter values.
bool is_signature(std::string_view text, std::size_t position) {
  constexpr std::size_t kSizeMin = 20;
  const std::string_view before = text.substr(0, position);
  const bool named = before.ends_with("&sig") || before.ends_with("?sig") || before.ends_with(" sig") ||
                     before == "sig" || before.ends_with("ignature");
  return named && word_end(text, position + 1) - position > kSizeMin;
}

}  // namespace

bool is_placeholder(std::string_view value) {
  return is_no_value(value);
}

std::optional<TextSpan> assigned_value(std::string_view text, std::size_t position) {
  const std::size_t separator = separator_size(text, position);
  if (separator == 0) return std::nullopt;
  const std::string_view name = name_before(text, position);
  // In prose "pass:" goes on with what happens in it.
  const bool is_short = text[position] == '=' && is_short_secret_name(name);
  if (!is_short && !is_secret_name(name) && !(text[position] == '=' && is_signature(text, position)))
    return std::nullopt;
  const bool cookies = equals_ignoring_case(name.substr(name.size() - std::min<std::size_t>(name.size(), 6)), "cookie");
  const auto value = value_from(text, position + separator, cookies);
  if (is_short && value && is_test_result(text.substr(value->begin, value->end - value->begin))) return std::nullopt;
  return value;
}

std::optional<TextSpan> login_value(std::string_view text, std::size_t position) {
  constexpr std::array kOptions =
      std::to_array<std::string_view>({"-u ", "-U ", "--user ", "--user=", "--proxy-user ", "--proxy-user="});
  constexpr std::size_t kUserMax = 128;
  if (position > 0 && is_name(text[position - 1])) return std::nullopt;
  const std::string_view rest = text.substr(position);
  const auto* const option =
      std::find_if(kOptions.begin(), kOptions.end(), [&](std::string_view each) { return rest.starts_with(each); });
  if (option == kOptions.end()) return std::nullopt;
  const std::size_t user = skip(
      text, position + option->size(), [](char c) { return c == ' ' || is_quote(c); }, 8);
  const std::size_t colon = skip(
      text, user, [](char c) { return is_name(c) || c == '@' || c == '\\'; }, kUserMax);
  if (colon == user || colon >= text.size() || text[colon] != ':') return std::nullopt;
  const std::size_t begin = colon + 1;
  const std::string_view value = without_closers(text.substr(begin, word_end(text, begin) - begin));
  if (!is_password_like(value) || is_no_value(value)) return std::nullopt;
  return TextSpan{begin, begin + value.size()};
}

std::optional<TextSpan> option_value(std::string_view text, std::size_t position) {
  constexpr std::size_t kNameMax = 64;
  if (text.substr(position, 2) != "--" || (position > 0 && is_name(text[position - 1]))) return std::nullopt;
  const std::size_t begin = position + 2;
  const std::size_t end = skip(text, begin, is_name, kNameMax);
  if (end == begin || end >= text.size() || text[end] != ' ') return std::nullopt;
  if (!is_secret_name(text.substr(begin, end - begin))) return std::nullopt;
  const std::size_t value = skip(text, end, is_space, 8);
  if (value < text.size() && text[value] == '-') return std::nullopt;  // The next option: this one is a switch.
  return value_from(text, value, false);
}

std::optional<TextSpan> element_value(std::string_view text, std::size_t position) {
  const std::string_view name = name_before(text, position);
  const std::size_t begin = position - name.size();
  if (name.empty() || begin == 0 || text[begin - 1] != '<' || !is_secret_name(name)) return std::nullopt;
  const std::size_t end = std::min(text.find('<', position + 1), text.size());
  const std::string_view value = text.substr(position + 1, end - position - 1);
  if (value.empty() || is_redacted(value) || is_no_value(value)) return std::nullopt;
  return TextSpan{position + 1, end};
}

std::optional<TextSpan> quoted_value(std::string_view text, std::size_t position) {
  if (position == 0 || text[position - 1] != ' ' || position < 2 || !is_alnum(text[position - 2])) return std::nullopt;
  if (!is_secret_name(name_before(text, position))) return std::nullopt;
  return value_from(text, position, false);
}

}  // namespace runledger
