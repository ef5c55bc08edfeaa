// Recognises references, masks, and texts for the one who fills the value in.
#include "ledger/secrets/placeholders.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "ledger/base/ascii.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

// Closing brackets and punctuation, which are no part of the value before them.
constexpr std::string_view kClosers = ")}].,:!?\\";

bool is_repeated(std::string_view value) {
  constexpr std::size_t kSizeMin = 3;
  const char first = value.empty() ? '\0' : value.front();
  return value.size() >= kSizeMin && !is_digit(first) && all_are(value, [first](char c) { return c == first; });
}

// A name of letters, digits, underscores and hyphens that begins with a letter.
bool is_plain_name(std::string_view text) {
  return !text.empty() && !is_digit(text.front()) &&
         all_are(text, [](char c) { return is_identifier(c) || c == '-' || c == '.'; });
}

bool is_upper_name(std::string_view text) {
  return text.size() > 1 && all_are(text, [](char c) { return is_upper(c) || is_digit(c) || c == '_'; });
}

// A word in brackets without a digit: [FILTERED], (hidden), <token>.
bool is_bracketed_word(std::string_view value) {
  if (value.size() < 3) return false;
  if (value.front() == '(' && all_are(value.substr(1), is_ascii_letter)) return true;  // The first of several words.
  const char open = value.front();
  const char close = value.back();
  const bool pair = (open == '[' && close == ']') || (open == '(' && close == ')') || (open == '<' && close == '>');
  return pair && !any_is(value, is_digit);
}

// $NAME, $name, ${NAME}, ${{ … }}, $(…).
bool is_dollar_reference(std::string_view value) {
  if (value.size() < 2 || value.front() != '$') return false;
  if (value[1] == '{') return value.find('}') == std::string_view::npos || value.find_last_of('}') == value.size() - 1;
  if (value[1] == '(') return true;
  const std::string_view name = value.substr(value.starts_with("$env:") ? 5 : 1);
  // $this->token, whose ">" ends the word, $row['token'], Config::$token.
  const std::size_t end =
      std::min(name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_"), name.size());
  const std::string_view rest = name.substr(end);
  if (end > 1 && (rest == "-" || rest.starts_with("->") || rest.starts_with("::") || rest.starts_with("['")))
    return true;
  const bool one_case = is_upper_name(name) || all_are(name, [](char c) { return is_lower(c) || c == '_'; });
  return one_case || (all_are(name, [](char c) { return is_ascii_letter(c) || c == '_' || c == '.'; }));
}

// {}, {0}, {name}, {{ name }}, #{name}, @{name}.
bool is_brace_reference(std::string_view value) {
  if (value.starts_with('#') || value.starts_with('@')) value.remove_prefix(1);
  if (!value.starts_with('{')) return false;
  const std::size_t inside = value.find_first_not_of("{ ");
  if (inside == std::string_view::npos) return true;
  if (value.starts_with("{{")) return true;
  return value[inside] == '}' ||
         (value.ends_with('}') && is_plain_name(value.substr(inside, value.size() - inside - 1))) ||
         (value.size() == 3 && is_digit(value[1]) && value[2] == '}');
}

// %s, %d, %v, %NAME%, %(name)s, %env(NAME)%.
bool is_percent_reference(std::string_view value) {
  if (value.size() < 2 || value.front() != '%') return false;
  if (value.size() == 2) return is_lower(value[1]);
  if (value[1] == '(' || (value.starts_with("%env(") && value.ends_with(")%"))) return true;
  return value.back() == '%' && is_plain_name(value.substr(1, value.size() - 2));
}

// :name and @name of SQL, "?".
bool is_parameter(std::string_view value) {
  if (value == "?" || value == "??") return true;
  return value.size() > 2 && (value.front() == ':' || value.front() == '@') &&
         all_are(value.substr(1), [](char c) { return is_lower(c) || c == '_'; });
}

// A scheme that says where the secret is kept.
bool is_store_reference(std::string_view value) {
  return starts_with_any(value, {"env:",      "env.",
                                 "file:",     "vault:",
                                 "vault.",    "op://",
                                 "arn:aws:",  "ssm:",
                                 "ssm.",      "sm://",
                                 "secret://", "secrets://",
                                 "secret:",   "keyvault:",
                                 "keyring:",  "doppler:",
                                 "ref+",      "awssm:",
                                 "gcpsm:",    "k8s:",
                                 "projects/", "@microsoft.keyvault(",
                                 "enc[",      "enc(",
                                 "{cipher}",  "!vault",
                                 "!secret",   "!ref",
                                 "!sub",      "secretref:",
                                 "bao:",      "pass:env:",
                                 "stdin"});
}

// Roots of expressions of programs and of configuration languages.
bool is_code_root(std::string_view root) {
  constexpr std::array kRoots = std::to_array<std::string_view>(
      {"process",     "import",  "os",       "env",     "environ",       "vars",   "var",     "local", "secrets",
       "secret",      "config",  "settings", "self",    "this",          "data",   "params",  "args",  "system",
       "environment", "request", "req",      "options", "opts",          "module", "context", "ctx",   "props",
       "inputs",      "steps",   "github",   "values",  "configuration", "conf",   "app"});
  return is_one_of(root, kRoots);
}

// An expression that gets the value: a call or an element by name, or a member of a known root. Wrappers with the
// value itself inside, such as Some("…"), are opened before.
bool is_code(std::string_view value) {
  const std::size_t end =
      std::min(value.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.>"), value.size());
  if (end < 2) return false;
  if (value.substr(end).starts_with("::")) return true;
  if (end < value.size() && (value[end] == '(' || value[end] == '[')) {
    const std::size_t close = value.find(value[end] == '(' ? ')' : ']', end);
    // More of a password than of a program: xtD(3)Futu.
    return close == std::string_view::npos || close + 1 >= value.size() || !is_alnum(value[close + 1]);
  }
  // A type with a parameter: Promise<void>.
  if (end < value.size() && value[end] == '<' && value.find('>', end) != std::string_view::npos) return true;
  const std::size_t dot = value.find('.');
  return dot != std::string_view::npos && dot < end && is_code_root(value.substr(0, dot)) && !any_is(value, is_digit);
}

// A text for the one who fills in the value.
bool is_instruction(std::string_view value) {
  const auto contains = [&](std::string_view lower) { return contains_ignoring_case(value, lower); };
  if (any_is(value, is_digit)) return false;
  return contains("your_") || contains("your-") || contains("_here") || contains("-here") || contains("replace_me") ||
         contains("replace-me") || contains("insert_") || contains("insert-");
}

// A path of a file: /run/secrets/db, ~/x, ./x, C:\x. Base64 may begin with a slash too, but has digits and capitals in
// long pieces.
bool is_path(std::string_view value) {
  if (value.size() > 3 && is_ascii_letter(value[0]) && value[1] == ':' && value[2] == '\\') return true;
  if (value.starts_with("~/") || value.starts_with("./") || value.starts_with("../")) return true;
  if (!value.starts_with('/') || value.size() < 3) return false;
  if (starts_with_any(value, {"/home/", "/etc/", "/root/", "/users/", "/var/", "/usr/", "/opt/", "/run/", "/tmp/",
                              "/srv/", "/mnt/", "/app/"}))
    return true;
  const auto in_path = [](char c) { return is_identifier(c) || c == '/' || c == '.' || c == '-' || c == '@'; };
  const auto digits = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_digit));
  const auto capitals = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_upper));
  return all_are(value, in_path) && digits * 6 <= value.size() && capitals * 4 <= value.size();
}

// The last of the pieces of the text that the character separates.
std::string_view last_piece(std::string_view text, char separator) {
  return text.substr(text.rfind(separator) + 1);
}

// Marks at the ends of the text, as around **REDACTED**, are no part of the word.
std::string_view without_marks(std::string_view text) {
  const auto is_mark = [](char c) { return !is_alnum(c) && static_cast<unsigned char>(c) < 0x80; };
  while (!text.empty() && is_mark(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_mark(text.back())) text.remove_suffix(1);
  return text;
}

// What a program writes in the place of a value that it does not show: **REDACTED**, DATA+OMITTED, sk-ab...yz.
bool is_mask(std::string_view value) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"hidden",    "filtered",  "removed",    "secret",     "password", "token",        "protected", "sensitive",
       "sanitized", "scrubbed",  "suppressed", "obfuscated", "censored", "private",      "encrypted", "unset",
       "set",       "not set",   "empty",      "none",       "null",     "confidential", "not shown", "snip",
       "cut",       "truncated", "stripped",   "elided",     "withheld"});
  constexpr std::size_t kWordMax = 64;
  if (value.size() > kWordMax || value.starts_with(kRedacted)) return false;  // A secret may follow the mark.
  if (is_masked(value)) return true;
  const std::size_t dots = value.find("...");
  if (dots != std::string_view::npos && dots <= 10 && value.size() - dots <= 9) return true;
  if (any_is(value, is_digit)) return false;
  for (const std::string_view part :
       {"redacted", "omitted", "masked", "no_log", "obfuscated", "not_shown", "suppressed"}) {
    if (value.size() >= part.size() && contains_ignoring_case(value, part)) return true;
  }
  const std::string_view word = without_marks(value);
  const bool is_opened = value.starts_with('(') || value.starts_with('<') || value.starts_with('[');
  return word.size() + (is_opened ? 1 : 2) <= value.size() && is_one_of(word, kWords);
}

// PASSWORD, YOUR_TOKEN, INVALID_CREDENTIALS_GIVEN: words in capitals that underscores join, or the name of a secret.
bool is_name_in_capitals(std::string_view value) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"password", "passwd", "pass", "token", "apikey", "key", "username"});
  const auto in_name = [](char c) { return is_upper(c) || c == '_' || c == '-'; };
  if (value.size() < 2 || !all_are(value, in_name) || !is_upper(value.front())) return false;
  const auto joints = std::count_if(value.begin(), value.end(), [](char c) { return !is_upper(c); });
  if (joints == 0) return is_one_of(value, kNames);
  return joints > 1 || demand_of(value) != Demand::kNever || is_absence(last_piece(value, '_'));
}

// __NAME__, @NAME@, %%NAME%%, <<NAME>>.
bool is_name_in_marks(std::string_view value) {
  const std::string_view name = without_marks(value);
  const std::size_t around = (value.size() - name.size()) / 2;
  if (name.size() < 2 || around == 0 || around > 3 || around * 2 + name.size() != value.size()) return false;
  if (!all_are(name, [](char c) { return is_upper(c) || c == '_' || c == '-' || c == '.'; })) return false;
  return std::string_view("_@%#<~[{").find(value.front()) != std::string_view::npos;
}

// random_password.db.result, user.token: a member of an object of the program.
bool is_member(std::string_view value) {
  constexpr std::array kMembers = std::to_array<std::string_view>(
      {"result", "value", "output", "id", "arn", "data", "text", "content", "name", "stringvalue", "plaintext"});
  const auto in_member = [](char c) { return is_ascii_letter(c) || c == '_' || c == '.'; };
  const std::size_t dot = value.find('.');
  const bool is_long = value.find('.', std::min(dot, value.size() - 1) + 1) != std::string_view::npos;
  if (dot == std::string_view::npos || dot == 0 || !all_are(value, in_member)) return false;
  const std::string_view last = last_piece(value, '.');
  if (last.empty()) return false;
  if (!is_lower(value.front()) && !is_long && last.find('_') == std::string_view::npos) return false;
  if (is_upper(last.front()) && !is_lower(value.front())) return false;
  if (!is_lower(value.front()) && !is_long) return true;  // User.generate_password
  return is_one_of(last, kMembers) || demand_of(last) != Demand::kNever ||
         (value.find('_') != std::string_view::npos && value.find('_') < dot);
}

// smtp.example.com:587, [smtp.example.com]:587.
bool is_address(std::string_view value) {
  const std::size_t colon = value.rfind(':');
  if (colon == std::string_view::npos || value.size() - colon < 3 || value.size() - colon > 6) return false;
  const std::string_view host = value.substr(0, colon);
  return only_digits(value.substr(colon + 1)) && host.find('.') != std::string_view::npos && all_are(host, [](char c) {
           return is_lower(c) || is_digit(c) || c == '.' || c == '-' || c == '[' || c == ']';
         });
}

// Auth.Password.TooWeak, Token.Expired: a code that says what is wrong.
bool is_dotted_code(std::string_view value) {
  const auto in_code = [](char c) { return is_ascii_letter(c) || c == '.'; };
  if (!all_are(value, in_code) || !is_upper(value.front())) return false;
  if (value.find('.') == std::string_view::npos) return value.ends_with("Exception") || value.ends_with("Error");
  bool speaks = is_absence(last_piece(value, '.'));
  for (const std::string_view part :
       {"password", "token", "secret", "auth", "credential", "error", "invalid", "notfound"})
    speaks = speaks || contains_ignoring_case(value, part);
  if (!speaks) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool begins = i == 0 || value[i - 1] == '.';
    if (begins && !is_upper(value[i])) return false;
  }
  return true;
}

}  // namespace

// The formatter would put every word on a line of its own.
// clang-format off

bool is_absence(std::string_view word) {
  static constexpr WordSet kWords(std::to_array<std::string_view>({
      "null", "none", "nil", "true", "false", "undefined", "empty", "missing", "unset", "redacted", "n/a", "na",
      "yes", "no", "on", "off", "hidden", "masked", "filtered", "removed", "omitted", "placeholder", "todo", "tbd",
      "string", "str", "text", "varchar", "char", "bytes", "bool", "boolean", "int", "integer", "number", "object",
      "any", "void", "promise", "observable", "never", "mixed", "self", "static", "array", "callable", "(sensitive",
      "(known", "optional", "required", "secretstr", "inherit", "include", "same-origin",
      // What a check of a value found.
      "wrong", "invalid", "incorrect", "expired", "mismatch", "rejected", "denied", "failed", "malformed", "revoked",
      "unavailable", "unknown", "unchanged", "falsch", "abgelaufen", "incorrecto", "incorrecta", "invalido",
      "invalida", "invalide", "expire",
      // What became of it.
      "set", "present", "configured", "provided", "pending", "approved", "authorized", "declined", "granted", "valid",
      "enabled", "disabled", "deleted", "captured", "voided", "refunded", "accepted", "requested", "confirmed",
      "success", "succeeded",
  }));
  return kWords.contains(word);
}

// clang-format on

// Half of the value or more are the characters that masks are made of, beside each other.
bool is_masked(std::string_view value) {
  constexpr std::size_t kRunMin = 6;
  if (value.find("****") != std::string_view::npos || value.find("•••") != std::string_view::npos) return true;
  std::size_t run = 0;
  std::size_t longest = 0;
  std::size_t count = 0;
  for (const char c : value) {
    run = to_lower(c) != 'x' ? 0 : run + 1;
    longest = std::max(longest, run);
    count += run > 0 ? 1U : 0U;
  }
  return longest >= kRunMin && count * 2 >= value.size();
}

std::string_view without_closers(std::string_view value) {
  const std::size_t last = value.find_last_not_of(kClosers);
  return value.substr(0, last + 1);  // Empty when the value consists of closers only.
}

bool is_redacted(std::string_view value) {
  return value.starts_with(kRedacted) &&
         value.substr(kRedacted.size()).find_first_not_of(kClosers) == std::string_view::npos;
}

bool is_placeholder(std::string_view value) {
  if (value.size() > kJudgedMax) return false;
  value = stripped(value);
  if (value.empty() || is_redacted(value) || !any_is(value, is_alnum)) return true;
  const std::string_view word = without_closers(value);
  const auto is_form = [](std::string_view form) {
    return is_absence(form) || is_repeated(form) || is_bracketed_word(form) || is_dollar_reference(form) ||
           is_brace_reference(form) || is_percent_reference(form) || is_parameter(form);
  };
  if (is_form(value) || (word.size() < value.size() && is_form(word))) return true;
  if (value.find(":error:") != std::string_view::npos) return true;  // An error of OpenSSL.
  if (is_mask(value) || is_name_in_capitals(word) || is_name_in_marks(value)) return true;
  if (is_member(word) || is_dotted_code(word) || is_address(value)) return true;
  return is_store_reference(value) || is_code(value) || is_instruction(word) || is_path(word);
}

}  // namespace runledger
