// Keeps the last command before a position, and reads what its rules say about its options.
//
// A command line has no end of its own in the middle of a text: it ends at "|", ";" or "&", or at the next command. So
// an option counts for the last command before it.
#include "ledger/secrets/command_lines.h"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/secrets/command_rules.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"

namespace runledger {

namespace {

// Commands that log in with user/password@host.
constexpr std::string_view kOracleCommands = "sqlplus sqlldr exp imp expdp impdp rman sql connect conn";
constexpr std::string_view kShareCommands = "net";

bool is_listed(std::string_view words, std::string_view word) {
  std::size_t at = words.find(word);
  while (at != std::string_view::npos) {
    const std::size_t end = at + word.size();
    if ((at == 0 || words[at - 1] == ' ') && (end == words.size() || words[end] == ' ')) return true;
    at = words.find(word, at + 1);
  }
  return false;
}

void add_words(std::unordered_set<std::string_view>& set, std::string_view words) {
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    set.insert(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
}

bool is_any_command(std::string_view word) {
  static const std::unordered_set<std::string_view> commands = [] {
    std::unordered_set<std::string_view> all;
    for (const CommandRule& rule : command_rules()) add_words(all, rule.commands);
    add_words(all, kOracleCommands);
    add_words(all, kShareCommands);
    return all;
  }();
  return commands.contains(word);
}

bool ends_word(char c) {
  return is_space(c) || c == '|' || c == ';' || c == '&' || c == '(' || c == ')' || is_quote(c);
}

std::size_t word_end_of(std::string_view text, std::size_t begin) {
  constexpr std::size_t kWordMax = 512;
  const std::size_t limit = std::min(text.size(), begin + kWordMax);
  while (begin < limit && !is_space(text[begin]) && !is_quote(text[begin]) && text[begin] != '|') ++begin;
  return begin;
}

// The word at the position, without a quotation mark around it.
std::optional<TextSpan> password_at(std::string_view text, std::size_t begin) {
  const bool quotes = begin < text.size() && is_quote(text[begin]);
  if (quotes) ++begin;
  const std::size_t end = quotes ? std::min(text.find(text[begin - 1], begin), begin + 512) : word_end_of(text, begin);
  const TextSpan span{begin, std::min(end, text.size())};
  if (span.end <= span.begin) return std::nullopt;
  const std::string_view value = text.substr(span.begin, span.end - span.begin);
  if (value.starts_with('-') || is_placeholder(value) || is_redacted(value)) return std::nullopt;
  return span;
}

// After a user name and a mark. A group may stand in the same place ("-u bob:staff"), so that without a known command
// only a mix of letters and digits counts.
std::optional<TextSpan> password_after_user(std::string_view text, std::size_t begin, bool is_known,
                                            std::string_view marks = ":%") {
  constexpr std::size_t kUserMax = 128;
  const std::size_t user = skip(
      text, begin, [](char c) { return c == ' ' || c == '=' || is_quote(c); }, 8);
  const std::size_t mark = skip(
      text, user, [](char c) { return is_name(c) || c == '@' || c == '\\' || c == '/'; }, kUserMax);
  if (mark >= text.size() || marks.find(text[mark]) == std::string_view::npos) return std::nullopt;
  std::optional<TextSpan> span = password_at(text, mark + 1);
  if (!span) return std::nullopt;
  const std::string_view value = without_closers(text.substr(span->begin, span->end - span->begin));
  if (value.empty() || is_placeholder(value) || (!is_known && !is_mixed(value))) return std::nullopt;
  const std::string_view name = text.substr(user, mark - user);
  if (is_user_placeholder(name, value) || name == "jdbc" || value.starts_with("//")) return std::nullopt;
  return TextSpan{span->begin, span->begin + value.size()};
}

// The last of the three words after the option.
std::optional<TextSpan> password_after_words(std::string_view text, std::size_t at) {
  for (int word = 0; word < 2; ++word) {
    at = skip(text, at, is_space, 8);
    at = word_end_of(text, at);
  }
  return password_at(text, skip(text, at, is_space, 8));
}

std::optional<TextSpan> password_of(const CommandRule& rule, std::string_view text, std::size_t position) {
  const std::size_t end = position + rule.option.size();
  const bool is_long = rule.option.starts_with("--");
  const bool ends = end < text.size() && (text[end] == ' ' || (is_long && text[end] == '='));
  const std::size_t next = skip(text, end, is_space, 8);
  switch (rule.form) {
    case ArgumentForm::kAttached:
      return ends ? std::nullopt : password_at(text, end);
    case ArgumentForm::kSeparate:
      return ends ? password_at(text, next) : std::nullopt;
    case ArgumentForm::kEither:
      return password_at(text, ends ? next : end);
    case ArgumentForm::kAfterUser:
      return ends ? password_after_user(text, end, true) : std::nullopt;
    case ArgumentForm::kAfterComma:
      return ends ? password_after_user(text, end, true, ",") : std::nullopt;
    case ArgumentForm::kPositional:
      return ends ? password_after_words(text, end) : std::nullopt;
  }
  return std::nullopt;
}

// True when a command that reads a password from its input begins at the position.
bool reads_password(std::string_view rest) {
  constexpr std::array kReaders = std::to_array<std::string_view>(
      {"sudo -S", "chpasswd", "sudo chpasswd", "passwd --stdin", "docker login", "podman login", "helm registry login",
       "gpg --passphrase-fd", "kinit", "cryptsetup", "su ", "openssl ", "vault login", "gh auth login", "sshpass"});
  return std::any_of(kReaders.begin(), kReaders.end(), [&](std::string_view each) { return rest.starts_with(each); });
}

}  // namespace

bool CommandLines::is_command(std::string_view names) const {
  return !command_.empty() && is_listed(names, command_);
}

void CommandLines::read_word(std::string_view word) {
  constexpr std::size_t kCommandMax = 16;
  word.remove_prefix(std::min(word.rfind('/') + 1, word.size()));
  if (word.size() < 2 || word.size() > kCommandMax) return;
  if (word == "login" || word == "enc" || word == "sign")
    word_ = word;
  else if (is_any_command(word)) {
    command_ = word;
    word_ = {};
  }
}

void CommandLines::read_words_to(std::size_t position) {
  while (read_to_ < position) {
    const std::size_t begin = read_to_;
    while (read_to_ < position && !ends_word(text_[read_to_])) ++read_to_;
    if (read_to_ > begin) read_word(text_.substr(begin, read_to_ - begin));
    if (read_to_ == position) break;
    if (std::string_view("|;&").find(text_[read_to_]) != std::string_view::npos) command_ = {};
    ++read_to_;
  }
}

std::optional<TextSpan> CommandLines::option_password(std::size_t position) {
  if (position == 0 || (!is_space(text_[position - 1]) && !is_quote(text_[position - 1]))) {
    if (position > 0) return std::nullopt;
  }
  const std::string_view rest = text_.substr(position);
  if (rest.size() < 3 || !(is_lower(rest[1]) || is_upper(rest[1]) || rest[1] == '-')) return std::nullopt;
  read_words_to(position);
  if (!command_.empty()) {
    for (const CommandRule& rule : command_rules()) {
      if (!rest.starts_with(rule.option) || !is_command(rule.commands)) continue;
      if (!rule.word.empty() && word_ != rule.word) continue;
      if (auto span = password_of(rule, text_, position)) return span;
    }
    const std::size_t flags = skip(
        rest, 1, [](char c) { return is_lower(c) || is_upper(c); }, 8);
    if (flags > 2 && rest[flags - 1] == 'u' && rest.substr(flags).starts_with(' ') && is_command("curl"))
      return password_after_user(text_, position + flags, true);
    if (rest.starts_with("-bc ") && is_command("htpasswd")) return password_after_words(text_, position + 4);
  }
  for (const std::string_view option : {"-u ", "-U ", "--user ", "--user=", "--proxy-user ", "--proxy-user="}) {
    if (rest.starts_with(option)) return password_after_user(text_, position + option.size() - 1, false);
  }
  return std::nullopt;
}

std::optional<TextSpan> CommandLines::piped_password(std::size_t position) {
  constexpr std::size_t kLineMax = 192;
  const std::size_t begin_of_line = std::exchange(pipe_, position);
  const std::size_t next = skip(text_, position + 1, is_space, 4);
  if (!reads_password(text_.substr(next, 24))) return std::nullopt;
  const std::size_t first = std::max(begin_of_line, position - std::min(position, kLineMax));
  const std::string_view line = text_.substr(first, position - first);
  for (const std::string_view command : {"echo -n ", "echo ", "printf '%s' ", "printf "}) {
    const std::size_t at = line.rfind(command);
    if (at == std::string_view::npos) continue;
    std::size_t begin = first + at + command.size();
    std::size_t end = position;
    while (end > begin && (is_space(text_[end - 1]) || is_quote(text_[end - 1]))) --end;
    while (begin < end && is_quote(text_[begin])) ++begin;
    const std::string_view value = text_.substr(begin, end - begin);
    if (is_placeholder(value) || value.find('|') != std::string_view::npos || value.ends_with(kRedacted))
      return std::nullopt;
    // chpasswd reads user:password.
    const std::size_t colon = value.find(':');
    if (colon != std::string_view::npos && is_placeholder(value.substr(colon + 1))) return std::nullopt;
    return TextSpan{colon == std::string_view::npos ? begin : begin + colon + 1, end};
  }
  return std::nullopt;
}

std::optional<TextSpan> CommandLines::login_password(std::size_t position) {
  constexpr std::size_t kLoginMax = 160;
  const std::size_t first = position - std::min(position, kLoginMax);
  std::size_t begin = position;
  while (begin > first && !is_space(text_[begin - 1]) && !is_quote(text_[begin - 1]) && text_[begin - 1] != '@')
    --begin;
  const std::string_view login = text_.substr(begin, position - begin);
  const std::size_t mark = login.find_first_of(":/");
  if (mark == 0 || mark == std::string_view::npos || position + 1 >= text_.size()) return std::nullopt;
  const std::string_view rest = text_.substr(position + 1);
  const std::string_view value = login.substr(mark + 1);
  const TextSpan span{begin + mark + 1, position};
  if (login[mark] == ':')
    return (rest.starts_with("tcp(") || rest.starts_with("unix(")) && !is_placeholder(value) ? std::optional(span)
                                                                                             : std::nullopt;
  const bool is_host = is_lower(rest.front()) || is_upper(rest.front()) || rest.starts_with("//");
  const bool is_version = rest.size() > 1 && rest.front() == 'v' && is_digit(rest[1]);
  if (!is_host || is_version || value.find('/') != std::string_view::npos) return std::nullopt;
  read_words_to(begin);
  if (is_command(kOracleCommands)) return is_placeholder(value) ? std::nullopt : std::optional(span);
  // Without such a command, the value must look like a password, and the rest like the name of a database or a host.
  if (!is_mixed(value) || is_placeholder(value)) return std::nullopt;
  const std::string_view host = rest.substr(0, word_end_of(rest, 0));
  const bool has_capital = std::any_of(value.begin(), value.end(), is_upper);
  return has_capital || host.find('.') == std::string_view::npos ? std::optional(span) : std::nullopt;
}

std::optional<TextSpan> CommandLines::share_password(std::size_t position) {
  constexpr std::string_view kOption = "/user";
  if (!text_.substr(0, position).ends_with(kOption)) return std::nullopt;
  read_words_to(position - kOption.size());
  if (!is_command(kShareCommands)) return std::nullopt;
  const std::size_t user_end = word_end_of(text_, position + 1);
  const auto span = password_at(text_, skip(text_, user_end, is_space, 8));
  return span && text_[span->begin] != '/' && text_[span->begin] != '*' ? span : std::nullopt;
}

}  // namespace runledger
