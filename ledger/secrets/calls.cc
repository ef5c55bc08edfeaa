// Splits what is between parentheses at its commas.
#include "ledger/secrets/calls.h"

#include <algorithm>
#include <array>

#include "ledger/base/ascii.h"
#include "ledger/secrets/call_rules.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"

namespace runledger {

namespace {

// No more of a list of arguments is read.
constexpr std::size_t kArgumentsMax = 256;

// The part of the text before the position, at most so many bytes of it.
std::string_view tail_before(std::string_view text, std::size_t position, std::size_t size) {
  return text.substr(position - std::min(position, size), std::min(position, size));
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = std::min(text.find_first_not_of(" \t\r\n"), text.size());
  text.remove_prefix(first);
  return text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
}

// The arguments from `begin` on, up to the closing parenthesis.
std::vector<TextSpan> arguments_from(std::string_view text, std::size_t begin) {
  constexpr std::size_t kCountMax = 64;
  std::vector<TextSpan> arguments;
  const std::size_t limit = std::min(text.size(), begin + kArgumentsMax);
  std::size_t first = begin;
  std::size_t depth = 0;
  std::size_t at = begin;
  for (; at < limit && arguments.size() < kCountMax; ++at) {
    const char c = text[at];
    if (is_quote(c)) {
      const std::size_t end = text.substr(0, limit).find(c, at + 1);
      at = end == std::string_view::npos ? limit - 1 : end;
    } else if (c == '(' || c == '[') {
      ++depth;
    } else if (c == ')' || c == ']') {
      if (depth == 0) break;
      --depth;
    } else if (c == ',' && depth == 0) {
      arguments.push_back({first, at});
      first = at + 1;
    }
  }
  arguments.push_back({first, std::min(at, limit)});
  return arguments;
}

// The content of an argument in quotes.
std::optional<TextSpan> quoted_argument(std::string_view text, TextSpan argument) {
  const std::string_view whole = text.substr(argument.begin, argument.end - argument.begin);
  const std::string_view value = trimmed(whole);
  const std::size_t begin = argument.begin + std::min(whole.find_first_not_of(" \t\r\n"), whole.size());
  const std::size_t prefix = value.size() > 1 && !is_quote(value.front()) && is_quote(value[1]) ? 1 : 0;  // N'…'
  if (value.size() < prefix + 3 || !is_quote(value[prefix]) || value.back() != value[prefix]) return std::nullopt;
  return TextSpan{begin + prefix + 1, begin + value.size() - 1};
}

bool is_secret_span(std::string_view text, Demand demand, TextSpan span) {
  const std::string_view value = text.substr(span.begin, span.end - span.begin);
  if (demand == Demand::kAny) return !is_placeholder(value) && !is_statement(value);
  return is_secret_value(demand, value);
}

// The rule of the function whose name ends the text, the longest of several, or null.
const CallRule* rule_of(std::string_view before) {
  const auto ends_with = [&](std::string_view name) {
    return before.size() >= name.size() && equals_ignoring_case(before.substr(before.size() - name.size()), name);
  };
  const CallRule* longest = nullptr;
  for (const CallRule& rule : call_rules()) {
    const bool is_longer = longest == nullptr || rule.function.size() > longest->function.size();
    if (is_longer && ends_with(rule.function)) longest = &rule;
  }
  return longest;
}

// A hash of the last three letters of the names of functions, so that most parentheses need no search.
bool may_end_function(std::string_view before) {
  constexpr std::size_t kTails = 4096;
  constexpr std::size_t kSize = 3;
  const auto hash_of = [](std::string_view name) {
    std::size_t hash = 0;
    for (const char c : name.substr(name.size() - kSize)) hash = hash * 37 + static_cast<unsigned char>(to_lower(c));
    return hash % kTails;
  };
  static const std::vector<bool> tails = [&] {
    std::vector<bool> all(kTails);
    for (const CallRule& rule : call_rules()) all[hash_of(rule.function)] = true;
    return all;
  }();
  return before.size() >= kSize && tails[hash_of(before)];
}

}  // namespace

std::vector<TextSpan> Calls::secrets_in(std::size_t position) {
  constexpr std::size_t kNameMax = 32;
  const std::string_view before = trimmed(tail_before(text_, position, kNameMax));
  if (before.empty()) return {};
  constexpr std::string_view kValues = "values";
  const std::string_view last = before.substr(before.size() - std::min(before.size(), kValues.size()));
  if (equals_ignoring_case(last, kValues)) {
    read_columns(position);
    return secrets_in_row(position);
  }
  if (before.back() == ',') return secrets_in_row(position);
  if (const auto secret = secret_argument(position)) return {*secret};
  return {};
}

// INSERT INTO users (email, password) VALUES
void Calls::read_columns(std::size_t values) {
  constexpr std::size_t kColumnsMax = 320;
  columns_.clear();
  const std::string_view before = tail_before(text_, values, kColumnsMax);
  const std::size_t close = before.rfind(')');
  const std::size_t open = close == std::string_view::npos ? close : before.rfind('(', close);
  if (open == std::string_view::npos) return;
  std::string_view names = before.substr(open + 1, close - open - 1);
  for (std::size_t index = 0; !names.empty(); ++index) {
    const std::size_t end = std::min(names.find(','), names.size());
    const std::string_view name = trimmed(names.substr(0, end));
    const std::size_t letters = name.find_last_not_of("\"'`]") + 1;
    const Demand demand = demand_of(name.substr(0, letters));
    if (demand != Demand::kNever) columns_.push_back({index, demand});
    names.remove_prefix(std::min(end + 1, names.size()));
  }
}

std::vector<TextSpan> Calls::secrets_in_row(std::size_t position) const {
  std::vector<TextSpan> secrets;
  if (columns_.empty()) return secrets;
  const std::vector<TextSpan> values = arguments_from(text_, position + 1);
  for (const Column& column : columns_) {
    if (column.index >= values.size()) break;
    const auto value = quoted_argument(text_, values[column.index]);
    if (value && is_secret_span(text_, column.demand, *value)) secrets.push_back(*value);
  }
  return secrets;
}

std::optional<TextSpan> Calls::secret_argument(std::size_t position) const {
  constexpr std::size_t kNameMax = 48;
  const std::string_view before = tail_before(text_, position + 1, kNameMax);
  if (!may_end_function(before)) return std::nullopt;
  const CallRule* rule = rule_of(before);
  if (rule == nullptr) return std::nullopt;
  const std::vector<TextSpan> arguments = arguments_from(text_, position + 1);
  if (arguments.size() < rule->argument) return std::nullopt;
  const auto secret = quoted_argument(text_, arguments[rule->argument - 1]);
  return secret && is_secret_span(text_, rule->demand, *secret) ? secret : std::nullopt;
}

}  // namespace runledger
