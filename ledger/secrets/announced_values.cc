// Looks at the few characters that every instance of a notation has beside the position, before it reads a name.
#include "ledger/secrets/announced_values.h"

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

constexpr std::size_t kAnnouncedMax = 256;

std::optional<TextSpan> if_secret(Demand demand, std::string_view text, TextSpan value) {
  const std::string_view content = text.substr(value.begin, value.end - value.begin);
  if (demand == Demand::kNever || content.empty() || is_redacted(content)) return std::nullopt;
  return is_secret_value(demand, content) ? std::optional(value) : std::nullopt;
}

// The position before the digits before `end`, and before the mark before them; npos without them.
std::size_t before_number(std::string_view text, std::size_t end, char mark) {
  constexpr std::size_t kDigitsMax = 6;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kDigitsMax && is_digit(text[begin - 1])) --begin;
  return begin < end && begin > 0 && text[begin - 1] == mark ? begin - 1 : std::string_view::npos;
}

// The end of the name before s:14:"…" of PHP's serialize(); npos for another text. `colon` is the last colon.
std::size_t end_of_serialized_name(std::string_view text, std::size_t colon) {
  const std::size_t type = before_number(text, colon, ':');
  if (type == std::string_view::npos || type < 2 || text[type - 1] != 's') return std::string_view::npos;
  const char before = text[type - 2];
  if (before == '|') return type - 2;
  std::size_t end = type - 2;
  while (end > 0 && (text[end] == ';' || text[end] == '\\' || text[end] == '"')) --end;
  return before == ';' && end + 1 < type - 2 ? end + 1 : std::string_view::npos;
}

// The end of the name before a run of dots that ends at `end`.
std::size_t end_of_led_name(std::string_view text, std::size_t end) {
  constexpr std::size_t kDotsMin = 4;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kAnnouncedMax && text[begin - 1] == '.') --begin;
  return end - begin >= kDotsMin ? begin : std::string_view::npos;
}

std::size_t end_of_word(std::string_view text, std::size_t begin) {
  return skip(
      text, begin, [](char c) { return !is_space(c) && !is_quote(c); }, kAnnouncedMax);
}

// The beginning of the word that ends at `end`, without quotation marks.
TextSpan word_before(std::string_view text, std::size_t end) {
  constexpr std::size_t kWordMax = 64;
  while (end > 0 && (is_quote(text[end - 1]) || text[end - 1] == ',')) --end;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kWordMax && !is_space(text[begin - 1]) && !is_quote(text[begin - 1])) --begin;
  return {begin, end};
}

// What the words from the position on are the name of, up to the end of their sentence: "verification code.".
Demand demand_of_words_at(std::string_view text, std::size_t begin) {
  constexpr std::size_t kNameMax = 64;
  const std::string_view words = text.substr(begin, kNameMax);
  for (std::size_t end = 0; end < words.size();) {
    end = std::min(words.find_first_not_of(' ', end), words.size());
    end = skip(words, end, is_name, kNameMax);
    const std::string_view name = without_closers(words.substr(0, end));
    const Demand demand = may_end_secret_name(name) ? demand_of(name) : Demand::kNever;
    if (demand == Demand::kAny || demand == Demand::kDigits) return demand;
    if (end >= words.size() || words[end] != ' ') break;
  }
  return Demand::kNever;
}

// The words between a value and its name.
std::size_t link_size(std::string_view rest, bool is_code) {
  constexpr std::array kOfCodes = std::to_array<std::string_view>(
      {" is your ", " is the ", " as your ", " est votre ", " est ton ", " ist ihr ", " ist dein ", " es tu ",
       " es su ", " e il tuo ", " e o seu ", " e o teu ", " is je ", " is uw ", " ar din ", " er din ", " to twoj ",
       " - ваш ", " is jouw "});
  constexpr std::array kOfPasswords =
      std::to_array<std::string_view>({" as the ", " as your ", " as my ", " as a ", " as new ", " as ", " als ",
                                       " comme ", " como ", " come ", " is the ", " is your "});
  const auto size_of = [&](const auto& links) -> std::size_t {
    for (const std::string_view link : links) {
      if (rest.size() > link.size() && equals_ignoring_case(rest.substr(0, link.size()), link)) return link.size();
    }
    return 0;
  };
  return is_code ? size_of(kOfCodes) : size_of(kOfPasswords);
}

}  // namespace

std::optional<TextSpan> dumped_value(std::string_view text, std::size_t position) {
  const std::size_t mark = position - (position > 0 && text[position - 1] == '\\' ? 1U : 0U);
  if (mark < 4 || (text[mark - 1] != ':' && text[mark - 1] != '.')) return std::nullopt;
  const bool is_sized = text[mark - 1] == ':';
  const std::size_t end = is_sized ? end_of_serialized_name(text, mark - 1) : end_of_led_name(text, mark);
  if (end == std::string_view::npos) return std::nullopt;
  const Demand demand = demand_of(name_before(text, end).name);
  if (demand == Demand::kNever) return std::nullopt;
  const std::size_t begin = position + 1;
  const std::size_t close = std::min(text.substr(0, begin + kAnnouncedMax).find(text[position], begin), text.size());
  return if_secret(demand, text, {begin, close - (close > begin && text[close - 1] == '\\' ? 1U : 0U)});
}

std::optional<TextSpan> build_variable(std::string_view text, std::size_t position) {
  constexpr std::size_t kNameMax = 64;
  const std::size_t name_end = skip(text, position + 1, is_name, kNameMax);
  const std::string_view before = text.substr(position - std::min<std::size_t>(position, 40), 40);
  const bool is_bracketed = before.find("##vso[task.setvariable ") != std::string_view::npos;
  const std::string_view close = is_bracketed ? "]" : "::";
  if (!is_bracketed && before.find("::s") == std::string_view::npos) return std::nullopt;  // ::set-output, ::save-state
  const std::size_t end = text.substr(0, name_end + kNameMax).find(close, name_end);
  if (end == std::string_view::npos) return std::nullopt;
  const std::size_t begin = end + close.size();
  return if_secret(demand_of(text.substr(position + 1, name_end - position - 1)), text,
                   {begin, end_of_word(text, begin)});
}

std::optional<TextSpan> registry_value(std::string_view text, std::size_t position) {
  if (position < 8 || text[position - 1] != 'Z') return std::nullopt;
  std::size_t end = position;
  for (const std::string_view type : {"REG_SZ", "REG_EXPAND_SZ", "REG_MULTI_SZ"}) {
    if (text.substr(0, position).ends_with(type)) end = position - type.size();
  }
  const std::size_t begin = skip(text, position, is_space, 8);
  if (end == position) return std::nullopt;
  while (end > 0 && is_space(text[end - 1])) --end;
  const TextSpan word = word_before(text, end);
  std::string_view name = text.substr(word.begin, word.end - word.begin);
  std::size_t value = begin;
  if (name == "/t" && text.substr(begin).starts_with("/d ")) {  // reg add … /v NAME /t REG_SZ /d VALUE
    const std::string_view before = text.substr(word.begin - std::min(word.begin, kAnnouncedMax), kAnnouncedMax);
    const std::size_t option = before.substr(0, std::min(word.begin, kAnnouncedMax)).rfind("/v ");
    if (option == std::string_view::npos) return std::nullopt;
    name = before.substr(option + 3, skip(before, option + 3, is_name, 64) - option - 3);
    value = begin + 3;
  }
  if (value < text.size() && is_quote(text[value])) ++value;
  return if_secret(demand_of(name), text, {value, end_of_word(text, value)});
}

std::optional<TextSpan> value_before_name(std::string_view text, std::size_t position) {
  constexpr std::size_t kLinkMax = 16;
  constexpr std::size_t kCodeMin = 4;
  constexpr std::size_t kCodeMax = 8;
  if (position == 0 || position + 4 >= text.size()) return std::nullopt;
  const char next = to_lower(text[position + 1]);
  if (next != 'i' && next != 'a' && next != 'e' && next != 'c' && next != 't' && next != '-') return std::nullopt;
  const char second = text[position + 2];
  if (second != 's' && second != 'l' && second != 'o' && second != ' ' && second != 'r') return std::nullopt;
  const std::string_view rest = text.substr(position, kLinkMax);
  const bool may_be_code = is_digit(text[position - 1]);
  const std::size_t code_link = may_be_code ? link_size(rest, true) : 0;
  const std::size_t link = code_link > 0 ? code_link : link_size(rest, false);
  if (link == 0) return std::nullopt;
  const TextSpan word = word_before(text, position);
  const std::string_view value = text.substr(word.begin, word.end - word.begin);
  const std::string_view code = value.substr(value.find('-') == 1 ? 2 : 0);  // G-481516
  const bool is_code = code.size() >= kCodeMin && code.size() <= kCodeMax && only_digits(code);
  if (!is_code && !is_mixed(value) && !is_marked(value)) return std::nullopt;
  const Demand demand = demand_of_words_at(text, position + link);
  const bool fits = is_code ? demand == Demand::kDigits : demand == Demand::kAny && !is_placeholder(value);
  return fits ? std::optional(word) : std::nullopt;
}

std::optional<TextSpan> relay_password(std::string_view text, std::size_t position) {
  if (position < 4 || text[position - 1] != ']' || !is_ascii_letter(text[position - 2])) return std::nullopt;
  const std::size_t port = skip(text, position + 1, is_digit, 5);
  const std::size_t user = skip(text, port, is_space, 8);
  if (port < position + 3 || user == port) return std::nullopt;
  const std::string_view login = text.substr(user, end_of_word(text, user) - user);
  const std::size_t colon = login.find(':');
  if (colon == std::string_view::npos || !is_login_pair(login)) return std::nullopt;
  return TextSpan{user + colon + 1, user + login.size()};
}

std::optional<TextSpan> dial_in_secret(std::string_view text, std::size_t position) {
  if (position < 6 || text.substr(position - 3, 3) != " * " || !is_quote(text[position - 4])) return std::nullopt;
  const std::size_t close = text.substr(0, position + kAnnouncedMax).find(text[position], position + 1);
  if (close == std::string_view::npos || !text.substr(skip(text, close + 1, is_space, 8)).starts_with('*'))
    return std::nullopt;
  return if_secret(Demand::kAny, text, {position + 1, close});
}

}  // namespace runledger
