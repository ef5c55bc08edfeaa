// Word lists and the forms of the text around a value.
#include "ledger/secrets/contexts.h"

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

std::string_view piece_of(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.end - span.begin);
}

}  // namespace

bool begins_sentence(std::string_view text, TextSpan word) {
  constexpr std::size_t kWordMax = 24;
  const auto is_letter = [](char c) { return is_lower(c) || static_cast<unsigned char>(c) >= 0x80; };
  const std::string_view first = piece_of(text, word);
  if (word.end + 2 >= text.size() || text[word.end] != ' ') return false;
  if (!std::all_of(first.begin(), first.end(), is_letter)) return false;
  const std::size_t end = skip(text, word.end + 1, is_letter, kWordMax);
  const bool ends = end >= text.size() || is_space(text[end]) || text[end] == ',' || text[end] == '.';
  return end > word.end + 2 && ends;
}

bool are_in_sentence(std::string_view text, TextSpan word) {
  constexpr std::size_t kWordMax = 24;
  if (!begins_sentence(text, word)) return false;
  return begins_sentence(text, {word.end + 1, skip(text, word.end + 1, is_lower, kWordMax)});
}

bool is_name_beside(std::string_view name, std::string_view value) {
  if (is_action(value) || value.ends_with(":private")) return true;
  const bool is_of_key =
      name.size() > 3 && !contains_ignoring_case(name, "pass") && !contains_ignoring_case(name, "pwd");
  return is_of_key && value.find('-') != std::string_view::npos &&
         all_are(value, [](char c) { return is_lower(c) || c == '-'; });
}

bool is_usage(std::string_view text, std::size_t name, std::size_t separator) {
  if (separator > 0 && text[separator - 1] == '[') return true;
  const std::string_view rest = text.substr(separator, 2);
  const bool is_option = text.substr(name).starts_with('-');
  if (is_option && rest.starts_with('=') && is_word_of_usage(text, separator + 1)) return true;
  if (rest == ":?" && text.substr(0, name).ends_with("${")) return true;
  return rest.starts_with(':') && text.substr(0, separator).ends_with("? ");
}

bool is_word_of_usage(std::string_view text, std::size_t begin) {
  const std::size_t end = skip(
      text, begin, [](char c) { return is_upper(c) || c == '_'; }, 16);
  if (end < begin + 2) return false;
  const std::string_view rest = text.substr(end, 2);
  return rest.starts_with(']') || rest == "  " || rest.starts_with('|') || rest.starts_with(')');
}

bool is_word_of_text(std::string_view name, std::size_t space) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"client", "request", "start", "end", "batch", "stop", "change", "history", "special", "mask", "marker", "error",
       "source", "exit", "status", "product", "unexpected"});
  const std::string_view before = name.substr(0, space);
  const std::string_view word = before.substr(before.find_last_of(" -_.") + 1);
  return is_one_of(word, kWords) && word.size() < before.size();
}

bool is_length(std::string_view text, TextSpan value) {
  constexpr std::array kUnits = std::to_array<std::string_view>(
      {"bytes",   "byte",       "characters", "character", "chars",    "char",   "symbols", "digits",      "letters",
       "zeichen", "caracteres", "caratteri",  "tekens",    "tecken",   "znakow", "znaku",   "characteres", "bits",
       "bit",     "entries",    "items",      "times",     "attempts", "days",   "words"});
  const std::string_view word = piece_of(text, value);
  for (const std::string_view counter : {"文字", "字符", "个字", "位", "桁", "字以", "글자", "자리", "자 이"}) {
    if (word.find(counter) != std::string_view::npos && any_is(word, is_digit)) return true;
  }
  const auto in_range = [](char c) { return is_digit(c) || c == '-' || c == '~' || c == '+'; };
  if (word.size() > 9 || !all_are(word, in_range) || value.end + 1 >= text.size() || text[value.end] != ' ')
    return false;
  std::size_t unit = value.end + 1;
  for (const std::string_view joint : {"bis ", "to ", "a ", "or ", "and ", "tot ", "do ", "until ", "- "}) {
    if (text.substr(unit).starts_with(joint)) unit = skip(text, unit + joint.size(), is_digit, 4) + 1;
  }
  if (unit >= text.size()) return false;
  return is_one_of(text.substr(unit, skip(text, unit, is_name, 16) - unit), kUnits);
}

bool is_next_name(std::string_view text, TextSpan word) {
  const std::string_view rest = text.substr(word.end, 2);
  return rest == ": " && all_are(piece_of(text, word), [](char c) { return is_lower(c) || c == '_'; });
}

bool is_word_in_text(std::string_view text, TextSpan word) {
  constexpr std::size_t kWordMax = 24;
  const std::string_view value = piece_of(text, word);
  if (value.size() > kWordMax || !is_ascii_letter(value.front()) || !all_are(value.substr(1), is_lower)) return false;
  const std::string_view rest = text.substr(word.end, 3);
  return rest.size() == 3 && rest[0] == ' ' && (is_ascii_letter(rest[1]) || is_quote(rest[1]));
}

bool is_upper_before(std::string_view text, std::size_t position) {
  constexpr std::size_t kGapMax = 8;
  for (std::size_t i = 0; i < kGapMax && position > 0; ++i) {
    const char c = text[--position];
    if (is_lower(c) || is_upper(c)) return is_upper(c);
  }
  return false;
}

bool begins_assignment(std::string_view value) {
  const std::size_t name = skip(
      value, 0, [](char c) { return is_lower(c) || is_upper(c) || c == '_'; }, 64);
  return name > 1 && value.substr(name).starts_with('=');
}

bool repeats_name(std::string_view name, std::string_view value) {
  return name.size() >= value.size() &&
         std::equal(value.begin(), value.end(), name.end() - static_cast<std::ptrdiff_t>(value.size()),
                    [](char a, char b) { return to_lower(a) == to_lower(b); });
}

bool is_parameter(std::string_view text, std::size_t begin) {
  return begin > 0 && (text[begin - 1] == '?' || text[begin - 1] == '&' || text[begin - 1] == '#');
}

bool is_setting(std::string_view cookie) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"theme",          "lang",          "language",  "locale",    "tz",
                                       "timezone",       "currency",      "country",   "region",    "consent",
                                       "cookie_consent", "cookieconsent", "path",      "domain",    "max-age",
                                       "expires",        "samesite",      "priority",  "view",      "layout",
                                       "sidebar",        "color_scheme",  "dark_mode", "darkmode",  "variant",
                                       "experiment",     "_ga",           "_gid",      "_gat",      "utm_source",
                                       "utm_medium",     "utm_campaign",  "page_size", "font_size", "fontsize",
                                       "i18n",           "nxt_lang"});
  constexpr std::size_t kOpaqueMin = 16;
  constexpr std::size_t kCookieMax = 128;
  cookie = cookie.substr(0, kCookieMax);
  const std::size_t equals = cookie.find('=');
  if (equals == std::string_view::npos) return false;
  if (equals + 1 == cookie.size() || is_absence(without_closers(cookie.substr(equals + 1))))
    return true;  // session=deleted
  if (!is_one_of(cookie.substr(0, equals), kNames)) return false;
  return cookie.starts_with("_ga") || !is_opaque_value(cookie.substr(equals + 1), kOpaqueMin);
}

}  // namespace runledger
