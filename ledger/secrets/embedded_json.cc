// Reads one token after the other, with a stack of the brackets that are open.
//
// It takes more than JSON, because a text may hold what another program printed. What it cannot read ends the reading;
// the secrets that were found up to there count, and the next bracket begins a new one. So the time stays linear: each
// character is read once, but for the words of a command line, of which a bounded number of characters is.
#include "ledger/secrets/embedded_json.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/secrets/member_names.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/values.h"

namespace runledger {

namespace {

constexpr std::size_t kLevelsMax = 64;
constexpr std::size_t kMemberNameMax = 96;

bool is_blank(char c) {
  return is_space(c) || c == ',';
}

bool is_backslash(char c) {
  return c == '\\';
}

bool is_literal(char c) {
  return is_alnum(c) || c == '.' || c == '+' || c == '-' || c == '_';
}

// A quoted text: the bytes between the marks, and where it ends with its mark.
struct QuotedText {
  TextSpan content;
  std::size_t end = 0;
};

// The backslashes before the first mark are before the last one too.
std::optional<QuotedText> quoted_text(std::string_view text, std::size_t position) {
  constexpr std::size_t kBackslashesMax = 15;
  const std::size_t mark = skip(text, position, is_backslash, kBackslashesMax);
  const std::size_t level = mark - position;
  if (mark >= text.size() || !is_quote(text[mark]) || text[mark] == '`') return std::nullopt;
  std::size_t run = 0;
  for (std::size_t i = mark + 1; i < text.size(); ++i) {
    const bool ends = level == 0 ? run % 2 == 0 : run == level;
    if (text[i] == text[mark] && ends) return QuotedText{{mark + 1, i - (level == 0 ? 0 : run)}, i + 1};
    run = is_backslash(text[i]) ? run + 1 : 0;
  }
  return std::nullopt;
}

// The name of the value that begins at the position: 'crypt' => [….
std::string_view name_of_value(std::string_view text, std::size_t position) {
  while (position > 0 && is_space(text[position - 1])) --position;
  const std::string_view before = text.substr(0, position);
  const std::size_t separator = before.ends_with("=>") ? 2 : before.ends_with(':') || before.ends_with('=') ? 1 : 0;
  return separator == 0 ? std::string_view() : name_before(text, position - separator).name;
}

bool is_option(std::string_view word) {
  return word.size() > 1 && word.front() == '-';
}

}  // namespace

std::vector<TextSpan> EmbeddedJson::secrets_from(std::size_t position) {
  constexpr std::size_t kSpacesMax = 16;
  if (position < at_) return {};
  const std::size_t first = skip(
      text_, position + 1, [](char c) { return is_space(c) || is_backslash(c); }, kSpacesMax);
  const bool begins = first < text_.size() && (is_quote(text_[first]) || text_[first] == '{' || text_[first] == '[');
  if (!begins) return {};
  at_ = position;
  levels_.clear();
  secrets_.clear();
  while (read_next()) {
  }
  std::sort(secrets_.begin(), secrets_.end(), [](const TextSpan& a, const TextSpan& b) { return a.begin < b.begin; });
  return std::exchange(secrets_, {});
}

bool EmbeddedJson::read_next() {
  while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  if (at_ >= text_.size()) return false;
  const char c = text_[at_];
  if (c == '{' || c == '[' || c == '(') return open(c);
  if (c == '}' || c == ']' || c == ')') return close();
  if (is_quote(c)) return read_text();
  if (is_backslash(c)) {
    const std::size_t end = skip(text_, at_, is_backslash, 16);
    if (end < text_.size() && is_quote(text_[end])) return read_text();
    at_ = end + 1;  // An escape that ends a line.
    return end < text_.size() && std::string_view("nrt").find(text_[end]) != std::string_view::npos;
  }
  return is_literal(c) && read_literal();
}

bool EmbeddedJson::open(char bracket) {
  if (levels_.size() >= kLevelsMax) return false;
  ++at_;
  Level level;
  level.is_object = bracket == '{';
  if (!levels_.empty()) {
    Level& outer = levels_.back();
    if (outer.is_object && !outer.name) return false;
    level.is_login = outer.is_object && is_login_member(*outer.name);
    level.above = outer.is_object ? demand_of_value(outer) : outer.above;
    level.outer = outer.is_object ? *outer.name : outer.outer;
    outer.name.reset();
  } else {
    level.outer = name_of_value(text_, at_ - 1);
  }
  levels_.push_back(std::move(level));
  return true;
}

bool EmbeddedJson::close() {
  if (levels_.empty()) return false;
  ++at_;
  levels_.pop_back();
  return !levels_.empty();
}

bool EmbeddedJson::read_text() {
  const auto text = quoted_text(text_, at_);
  if (!text || levels_.empty()) return false;
  at_ = text->end;
  Level& level = levels_.back();
  const std::size_t separator = skip(text_, at_, is_space, 16);
  const std::string_view rest = text_.substr(separator);
  if (level.elements == 0 && rest.starts_with("=>")) level.is_object = true;  // ['key' => '…'] of PHP.
  if (!level.is_object) {
    take_element(level, text->content);
    return true;
  }
  if (level.name) {
    take_member(level, text->content);
    return true;
  }
  const std::string_view name = content(text->content);
  level.name = name.size() > kMemberNameMax ? std::string_view() : name;
  if (!rest.starts_with(':') && !rest.starts_with("=>")) return false;
  at_ = separator + (rest.front() == ':' ? 1 : 2);
  return true;
}

bool EmbeddedJson::read_literal() {
  const std::size_t begin = at_;
  while (at_ < text_.size() && is_literal(text_[at_])) ++at_;
  if (levels_.empty()) return false;
  Level& level = levels_.back();
  if (!level.is_object) {
    ++level.elements;
    return true;
  }
  if (!level.name) return false;
  const std::string_view word = text_.substr(begin, at_ - begin);
  const bool is_number = std::all_of(word.begin(), word.end(), is_digit);
  if (is_number && is_secret_number(demand_of_value(level), word)) secrets_.push_back({begin, at_});
  level.name.reset();
  return true;
}

Demand EmbeddedJson::demand_of_value(Level& level) const {
  if (is_named_member(*level.name) && level.beside != Demand::kNever) return level.beside;
  const Demand demand = demand_below(level.above, *level.name);
  const bool may_be_within = level.above == Demand::kNever && (demand == Demand::kNever || demand == Demand::kToken);
  const Demand within = may_be_within ? demand_within(level.outer, *level.name) : Demand::kNever;
  return within == Demand::kNever ? demand : within;
}

void EmbeddedJson::add_if_secret(Demand demand, TextSpan value) {
  if (demand != Demand::kNever && is_secret_value(demand, content(value))) secrets_.push_back(value);
}

void EmbeddedJson::take_member(Level& level, TextSpan value) {
  const std::string_view text = content(value);
  if (is_naming_member(*level.name) && text.size() <= kMemberNameMax) {
    if (const Demand demand = demand_of(text); demand != Demand::kNever) {
      level.beside = demand;
      if (const auto unnamed = std::exchange(level.unnamed, std::nullopt)) add_if_secret(demand, *unnamed);
    }
  } else if (is_named_member(*level.name) && level.beside == Demand::kNever) {
    level.unnamed = value;
  }
  take_key_member(level, value);
  if (is_login_member(*level.name) && is_login_pair(text.substr(0, kMemberNameMax)))
    secrets_.push_back(value);
  else
    add_if_secret(demand_of_value(level), value);
  level.name.reset();
}

// The private members of a JSON Web Key may stand before the one that tells that it is one.
void EmbeddedJson::take_key_member(Level& level, TextSpan value) {
  constexpr std::size_t kUnsureMax = 8;
  if (*level.name == "kty") {
    level.is_key = true;
    for (const TextSpan each : std::exchange(level.unsure, {})) add_if_secret(Demand::kOpaque, each);
  } else if (is_private_key_member(*level.name) && level.unsure.size() < kUnsureMax) {
    if (level.is_key)
      add_if_secret(Demand::kOpaque, value);
    else
      level.unsure.push_back(value);
  }
}

void EmbeddedJson::take_element(Level& level, TextSpan value) {
  const std::string_view text = content(value);
  const bool is_password = level.is_login && level.elements == 1 && is_secret_value(Demand::kMarked, text);
  if (is_password || is_secret_element(level, text))
    secrets_.push_back(value);
  else
    add_if_secret(level.above, value);
  if (level.elements++ == 0) level.command = text;
  level.before = text;
}

// True for an element that is a secret by those before it, as the words of a command line: ["--password","…"],
// ["mysql","-p…"].
bool EmbeddedJson::is_secret_element(const Level& level, std::string_view value) const {
  constexpr std::size_t kWordMax = 64;
  if (level.elements == 0 || level.before.size() > kWordMax || value.size() > kWordMax) return false;
  if (!is_option(level.before) && !is_option(value)) return false;
  if (is_option(level.before) && !is_option(value)) {
    const Demand demand = demand_of(level.before);
    if (demand != Demand::kNever) return is_secret_value(demand, value);
  }
  if (level.command.size() > kWordMax) return false;
  std::string line = std::string(level.command) + ' ';
  if (level.elements > 1) line += std::string(level.before) + ' ';
  return holds_secret_(line + std::string(value)) && !holds_secret_(line) && !holds_secret_(value);
}

}  // namespace runledger
