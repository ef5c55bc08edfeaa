// Finds the name before a separator and the end of the value after it, in every usual notation.
//
// The scanner of detector.cc calls the public functions at the one character that every instance of a notation
// contains: the separator, the first hyphen of an option, the ">" of a tag, a quotation mark. Each then takes the same
// steps:
//
//  1. name_before() walks back from that character, over closing quotes, brackets and spaces, and returns the last
//     words before it. The name of an option follows the hyphens instead.
//  2. is_secret_name() decides by these words (names.cc). "pass" and "pw" are names only before "=", and only when the
//     value is not a test result; "sig" and "signature" only when the value is long.
//  3. value_from() skips whatever may stand before a value, such as spaces, Markdown's bold or an escaped quote, and
//     measures the value: quoted() up to the matching quote, bare() up to the end of a word. After an authorization
//     scheme the next word belongs to the value; after a cookie's name the following cookies do.
//  4. Values that are not secrets are dropped: an absence (null), a reference (${NAME}), an earlier redaction, or a
//     word that continues a sentence ("token: expired").
//
// Every step but the measuring of the value reads a bounded number of characters, and the scan continues after a value
// that was found. Rejecting earlier redactions makes redaction idempotent.
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

// Returns the name that ends before `end`, ignoring closing quotes and brackets after it; at most four words of it.
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

// True for a word that says that there is no value.
bool is_absence(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"null", "none", "nil", "true", "false", "undefined", "empty", "missing", "unset", "redacted"});
  return is_one_of(word, kWords);
}

// True for a word that continues a sentence: "token: expired at noon".
bool is_prose(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"required", "invalid",   "expired",      "wrong",   "incorrect", "denied",  "revoked", "expected", "found",
       "failed",   "error",     "unknown",      "changed", "updated",   "enabled", "granted", "disabled", "rejected",
       "accepted", "forbidden", "unauthorized", "ok",      "must",      "should",  "cannot",  "could",    "is",
       "was",      "has",       "not",          "no",      "the",       "a",       "an",      "of",       "for",
       "in",       "at",        "or",           "and",     "with",      "too",     "than"});
  return is_one_of(word, kWords);
}

// True for a reference that a shell or a template replaces by the secret later: ${NAME}, $NAME, %s, {}.
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

// True for a value that "pass" may have when it counts tests and names no password: 3, 10/12, 98.5%, ok, first.
bool is_test_result(std::string_view value) {
  constexpr std::size_t kCountMax = 8;
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"yes", "pass", "passed", "fail", "all", "some", "first", "second", "third", "last", "on", "off", "skip"});
  const bool count = value.size() <= kCountMax && value.find_first_not_of("0123456789./%,") == std::string_view::npos;
  return count || is_one_of(value, kWords) || is_prose(value);
}

// A group may stand in the same place ("-u bob:staff", "-u 1000:1000"), so only a mix of letters and digits counts.
bool is_password_like(std::string_view value) {
  constexpr std::size_t kSizeMin = 6;
  const auto is_letter = [](char c) { return is_lower(c) || is_upper(c); };
  return value.size() >= kSizeMin && std::any_of(value.begin(), value.end(), is_digit) &&
         std::any_of(value.begin(), value.end(), is_letter);
}

// True for a value that an earlier pass replaced, also when closing punctuation follows it.
bool is_redacted(std::string_view value) {
  return value.starts_with(kRedacted) &&
         value.substr(kRedacted.size()).find_first_not_of(")}].,:!?\\") == std::string_view::npos;
}

std::string_view without_closers(std::string_view value) {
  const std::size_t last = value.find_last_not_of(")}].,:!?\\");
  return value.substr(0, last + 1);  // Empty when the value consists of closers only.
}

// Returns the value up to the quote that ends it, or up to the end of the text when no quote does.
TextSpan quoted(std::string_view text, std::size_t open) {
  const char quote = text[open];
  const bool escaped = open > 0 && text[open - 1] == '\\';  // \"…\" inside a JSON text.
  for (std::size_t i = open + 1; i < text.size(); ++i) {
    if (text[i] == quote) return {open + 1, escaped && text[i - 1] == '\\' ? i - 1 : i};
    if (text[i] == '\\' && !escaped) ++i;
  }
  return {open + 1, text.size()};
}

// A quotation mark ends a value only when no letter or digit follows it: a password may contain one.
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

// True for the scheme in "Authorization: SCHEME VALUE".
bool is_scheme(std::string_view word) {
  constexpr std::array kSchemes =
      std::to_array<std::string_view>({"bearer", "basic", "digest", "token", "apikey", "negotiate", "ntlm", "sharedkey",
                                       "sharedkeylite", "sharedaccesssignature", "key", "hmac", "dpop"});
  return is_one_of(word, kSchemes);
}

// Measures a value without quotes. After an authorization scheme, the scheme and the next word together are the value.
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
  // Prose has a space after the separator; "token=wrong" is an assignment.
  if (begin > 0 && is_space(text[begin - 1]) && is_prose(value)) return std::nullopt;
  return TextSpan{begin, begin + value.size()};
}

// Returns the end of a list of cookies, such as a=1; b=2. Any of them may be the credential, so all are redacted.
std::size_t cookies_end(std::string_view text, std::size_t end) {
  while (end < text.size() && text[end] == ';') {
    const std::size_t name = skip(text, end + 1, is_space, 2);
    const std::size_t equals = skip(text, name, is_name, 128);
    if (equals == name || equals >= text.size() || text[equals] != '=') break;
    end = word_end(text, equals + 1);
  }
  return end;
}

// Skips everything that may stand between a separator and its value: spaces, the second half of Markdown's bold, YAML's
// mark of a block, the backslash of a quote inside a JSON text, the bracket of a list.
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

// True for a JSON object, whose members are judged by their own names, and for a placeholder of a template.
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

// Returns the size in bytes of the separator at `position`, or zero when there is no separator. A URL's "://", C++'s
// "::" and a comparison are not separators.
std::size_t separator_size(std::string_view text, std::size_t position) {
  const std::string_view rest = text.substr(position, 3);
  if (rest.starts_with("://") || rest.starts_with("::") || rest.starts_with("==")) return 0;
  if (rest.starts_with("=>") || rest.starts_with(":=")) return 2;
  if (rest.front() == '=' || rest.front() == ':') return 1;
  return equals_ignoring_case(rest, "%3d") || equals_ignoring_case(rest, "%3a") ? 3 : 0;
}

// True for the signature of a shared access signature or of a presigned URL: it is a credential for the signed
// resource. The words have other meanings elsewhere, with shorter values.
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
  // In prose, "pass:" introduces a description of the pass; only "=" makes a short name an assignment.
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
