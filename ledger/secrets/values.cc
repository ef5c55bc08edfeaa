// Word lists, and forms of references and of random text.
#include "ledger/secrets/values.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ledger/base/ascii.h"
#include "ledger/secrets/base64.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

// No judgement reads more of a value, so that many names before one long value cost little.
constexpr std::size_t kJudgedMax = 112;

// Closing brackets and punctuation, which are no part of the value before them.
constexpr std::string_view kClosers = ")}].,:!?\\";

bool is_ascii_letter(char c) {
  return is_lower(c) || is_upper(c);
}

bool is_identifier(char c) {
  return is_alnum(c) || c == '_';
}

template <class Test>
bool all_are(std::string_view text, Test test) {
  return std::all_of(text.begin(), text.end(), test);
}

template <class Test>
bool any_is(std::string_view text, Test test) {
  return std::any_of(text.begin(), text.end(), test);
}

bool starts_with_any(std::string_view text, std::initializer_list<std::string_view> lower_starts) {
  return std::any_of(lower_starts.begin(), lower_starts.end(), [&](std::string_view start) {
    return text.size() >= start.size() && equals_ignoring_case(text.substr(0, start.size()), start);
  });
}

// The formatter would put every word of the lists on a line of its own.
// clang-format off

// Words that say that there is no value, that it was removed, or of what type it is.
bool is_absence(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>({
      "null", "none", "nil", "true", "false", "undefined", "empty", "missing", "unset", "redacted", "n/a", "na",
      "yes", "no", "on", "off", "hidden", "masked", "filtered", "removed", "omitted", "placeholder", "todo", "tbd",
      "string", "str", "text", "varchar", "char", "bytes", "bool", "boolean", "int", "integer", "number", "object",
      "any", "void", "promise", "observable", "never", "mixed", "self", "static", "array", "callable", "(sensitive",
      "(known", "optional", "required", "secretstr", "inherit", "include", "same-origin",
      // What a check of a value found.
      "wrong", "invalid", "incorrect", "expired", "mismatch", "rejected", "denied", "failed", "malformed", "revoked",
      "unavailable", "unknown", "unchanged", "falsch", "abgelaufen", "incorrecto", "incorrecta", "invalido",
      "invalida", "invalide", "expire",
  });
  return is_one_of(word, kWords);
}

bool is_prose_word(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>({
      "invalid", "wrong", "incorrect", "found", "error", "unknown", "changed", "updated", "forbidden", "unauthorized",
      "ok", "okay", "valid", "good", "bad", "strong", "weak", "strict", "stale", "new", "old", "fresh", "active",
      "inactive", "ready", "pending", "done", "unchanged", "unlimited", "broken", "corrupt", "malformed", "mismatch",
      "must", "should", "cannot", "can't", "could", "can", "may", "might", "will", "would", "shall", "do", "does",
      "did", "is", "are", "was", "were", "be", "been", "has", "have", "had", "not", "isn't", "wasn't", "doesn't",
      "didn't", "hasn't", "the", "this", "that", "these", "it", "its", "your", "my", "our", "their", "a", "an", "of",
      "for", "in", "at", "or", "and", "with", "without", "too", "than", "to", "from", "by", "as", "if", "but", "so",
      "because", "when", "while", "until", "after", "before", "per", "via", "between", "about", "only", "all", "each",
      "every", "one", "two", "three", "several", "many", "more", "less", "least", "most", "some", "other", "another",
      "reset", "set", "sent", "read", "lost", "kept", "built", "enter", "please", "see", "use", "try", "check",
      "create", "change", "confirm", "choose", "type", "get", "login", "authentication", "authorization", "manager",
      "rotation", "policy", "header", "field", "value", "file", "name", "basic", "bearer", "oauth2", "anonymous",
      "requires", "needs", "expects", "takes", "contains", "exists", "fails", "matches", "differs", "looks", "seems",
      "permission", "password", "never", "always", "now", "still", "already", "yet", "again", "just",
      "also", "there", "here", "then", "signature", "length", "bad", "siehe", "darf", "muss", "ne", "campo", "pole",
      "unavailable", "available", "absent", "present", "optional", "private", "public", "short", "long", "secure",
      "erforderlich", "falsch", "ungultig", "abgelaufen", "fehlt", "fehlen", "nicht", "ist", "obligatoire",
      "incorrecte", "invalide", "manquant", "manquante", "requis", "requise", "expire", "incorrecta", "incorrecto",
      "invalida", "invalido", "incorreta", "incorreto", "requerida", "requerido", "obligatoria", "obligatorio",
      "necesaria", "vacia", "expirada", "expiree", "obbligatorio", "obbligatoria", "obligatorisk", "obligatoriskt",
      "prompt", "token", "key", "minimum", "minimal", "minimaal", "mindestens", "hochstens", "minst", "minimo", "feld",
      "pflichtfeld", "oubliee", "olvidada", "vazia", "scaduta", "verplicht", "verlopen", "ontbreekt", "leer", "await",
      "async", "errata", "errato", "erronea", "falta", "vergeten", "onjuist", "ongeldig", "saknas", "mangler",
      "puuttuu", "bledne", "błedne", "chybi", "hibas", "yanlis", "yanlıs", "netocna", "napacno",
      "neteisingas", "vale", "sai", "salah", "est", "es", "esta", "non", "nie", "nao", "pas", "valor",
  });
  return is_one_of(word, kWords);
}

// Parts of the names of headers and classes, which are joined in the same way as words of a password.
bool is_header_word(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>({
      "content", "accept", "cookie", "token", "key", "secret", "user", "agent", "request", "id", "control", "case",
      "sensitive", "only", "provider", "service", "exception", "handler", "factory", "filter", "validator", "encoder",
      "test", "spec", "hash", "session", "client", "server", "app", "api", "link", "store", "vault", "safe", "reader",
      "read", "not", "found", "valid", "invalid", "short", "long", "too", "log", "sign", "in", "out", "reset", "change",
  });
  return is_one_of(word, kWords);
}

// What "pass" counts or says when it names no password: ok, first.
bool is_test_word(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>({
      "yes", "pass", "passed", "fail", "all", "some", "first", "second", "third", "last", "on", "off", "skip",
  });
  return is_one_of(word, kWords);
}
// clang-format on

// A count such as 3, 10/12, 98.5% or 4,096; and a time, an address or a date, which have more digits.
bool is_count(std::string_view value) {
  constexpr std::size_t kCountMax = 8;
  const bool few_digits = std::count_if(value.begin(), value.end(), is_digit) <= 3;
  return value.size() <= kCountMax &&
         all_are(value,
                 [](char c) { return is_digit(c) || c == '/' || c == '.' || c == '%' || c == ',' || c == '-'; }) &&
         (few_digits || value.find_first_of("/%,") != std::string_view::npos);
}

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

// %s, %d, %v, %NAME%, %(name)s.
bool is_percent_reference(std::string_view value) {
  if (value.size() < 2 || value.front() != '%') return false;
  if (value.size() == 2) return is_lower(value[1]);
  return value[1] == '(' || (value.back() == '%' && is_plain_name(value.substr(1, value.size() - 2)));
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

// The place of a secret in a store (prod/db, kv/data/app), or the name of one (db-credentials): words in small letters.
bool is_store_place(std::string_view value) {
  constexpr std::array kEndings =
      std::to_array<std::string_view>({"credentials", "credential", "creds", "secrets", "secret", "token", "tokens",
                                       "password", "keys", "key", "tls", "cert", "config", "auth", "db"});
  const auto in_place = [](char c) {
    return is_lower(c) || is_digit(c) || c == '-' || c == '_' || c == '/' || c == '.';
  };
  const auto digits = static_cast<std::size_t>(std::count_if(value.begin(), value.end(), is_digit));
  if (value.empty() || !is_lower(value.front()) || !all_are(value, in_place) || digits * 6 > value.size()) return false;
  const std::size_t last = value.find_last_of("-_/");
  if (last == std::string_view::npos) return false;
  return value.find('/') != std::string_view::npos || is_one_of(value.substr(last + 1), kEndings);
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
  if (end < value.size() && (value[end] == '(' || value[end] == '[')) return true;
  // A type with a parameter: Promise<void>.
  if (end < value.size() && value[end] == '<' && value.find('>', end) != std::string_view::npos) return true;
  const std::size_t dot = value.find('.');
  return dot != std::string_view::npos && dot < end && is_code_root(value.substr(0, dot)) && !any_is(value, is_digit);
}

// A text for the one who fills in the value.
bool is_instruction(std::string_view value) {
  const auto contains = [&](std::string_view lower) {
    return std::search(value.begin(), value.end(), lower.begin(), lower.end(),
                       [](char a, char b) { return to_lower(a) == b; }) != value.end();
  };
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

// Words, numbers and words with a number of up to two digits at the end, joined by punctuation: db-prod-2, v1.2.3.
bool is_slug(std::string_view value) {
  std::size_t segments = 0;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of("-_./:"), value.size());
    const std::string_view segment = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const std::size_t digits = std::min(segment.find_first_of("0123456789"), segment.size());
    const std::string_view tail = segment.substr(digits);
    if (!all_are(segment.substr(0, digits), is_lower)) return false;
    if (!all_are(tail, is_digit) || tail.size() > (digits == 0 ? 4U : 2U)) return false;
    ++segments;
  }
  return segments > 1;
}

// The name of an algorithm has letters and digits too: sha256, CRAM-MD5, aes-256-gcm.
bool is_algorithm(std::string_view value) {
  constexpr std::size_t kSizeMax = 20;
  return value.size() <= kSizeMax &&
         starts_with_any(value, {"sha1",  "sha2",   "sha3",    "sha5",   "sha-",    "md5",     "aes",
                                 "cram-", "scram-", "digest-", "hmac-",  "hmacsha", "ed25519", "rsa-",
                                 "rsa20", "rsa40",  "ecdsa",   "pbkdf2", "argon2",  "base64",  "blake2",
                                 "hs256", "rs256",  "es256",   "oauth2", "xoauth",  "utf-8",   "utf8"});
}

// The mark, if any, that joins letters to a password without digits: meadow!lark.
bool is_joining_mark(char c) {
  return std::string_view("!#%^*+~&$").find(c) != std::string_view::npos;
}

// Apple.Pie, Night-Train, Salt_and_Pepper: words of letters that begin and end with a capitalised one.
bool are_joined_words(std::string_view value) {
  constexpr std::size_t kWordMin = 3;
  std::size_t words = 0;
  std::string_view last;
  while (!value.empty()) {
    const std::size_t end = std::min(value.find_first_of("._-"), value.size());
    last = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    const bool is_capital = !last.empty() && is_upper(last.front());
    if (last.size() < 2 || !all_are(last.substr(1), is_lower) || (!is_capital && words == 0)) return false;
    if (last.size() < kWordMin && words == 0) return false;
    if (is_capital && is_header_word(last)) return false;
    ++words;
  }
  return words > 1 && last.size() >= kWordMin && is_upper(last.front());
}

bool is_date(std::string_view value) {
  return value.size() >= 10 && value[4] == '-' && value[7] == '-' && all_are(value.substr(0, 4), is_digit);
}

// RFC 9562: 8-4-4-4-12 hexadecimal digits.
bool is_uuid(std::string_view value) {
  if (value.size() != 36) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
    if (hyphen ? value[i] != '-' : !is_hex_digit(value[i])) return false;
  }
  return true;
}

enum class CharacterClass : std::uint8_t { kLower, kUpper, kDigit, kMark, kOther };

constexpr std::array<CharacterClass, 256> classify() {
  std::array<CharacterClass, 256> classes{};
  for (std::size_t i = 0; i < classes.size(); ++i) {
    const char c = static_cast<char>(i);
    if (is_lower(c))
      classes[i] = CharacterClass::kLower;
    else if (is_upper(c))
      classes[i] = CharacterClass::kUpper;
    else if (is_digit(c))
      classes[i] = CharacterClass::kDigit;
    else
      classes[i] = std::string_view("+/=_~.%:-|").find(c) != std::string_view::npos ? CharacterClass::kMark
                                                                                    : CharacterClass::kOther;
  }
  return classes;
}

constexpr std::array<CharacterClass, 256> kClasses = classify();

// What a text is made of. Random text changes often between small letters, capitals and digits, words and numbers
// seldom.
struct Texture {
  std::array<std::size_t, 5> counts{};
  std::size_t changes = 0;

  explicit Texture(std::string_view text) {
    CharacterClass last = CharacterClass::kMark;
    for (const char c : text) {
      const CharacterClass now = kClasses[static_cast<unsigned char>(c)];
      ++counts[static_cast<std::size_t>(now)];
      if (now >= CharacterClass::kMark) continue;
      changes += last != CharacterClass::kMark && last != now ? 1U : 0U;
      last = now;
    }
  }

  [[nodiscard]] std::size_t count(CharacterClass of) const { return counts[static_cast<std::size_t>(of)]; }
};

// Words that are run together: InvalidAccessKeyId. Random letters hardly ever put a small one after each capital.
bool is_camel_case(std::string_view value) {
  std::size_t words = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!is_upper(value[i]) && !is_lower(value[i])) return false;
    if (!is_upper(value[i])) continue;
    if (i + 1 == value.size() || !is_lower(value[i + 1])) return false;
    ++words;
  }
  return words > 0 && words * 4 <= value.size();
}

}  // namespace

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
  for (const std::string_view form : {value, word}) {
    if (is_absence(form) || is_repeated(form) || is_bracketed_word(form)) return true;
    if (is_dollar_reference(form) || is_brace_reference(form) || is_percent_reference(form) || is_parameter(form))
      return true;
  }
  if (value.find(":error:") != std::string_view::npos) return true;  // An error of OpenSSL.
  if (value.find("****") != std::string_view::npos) return true;     // Whoever wrote it has masked it.
  constexpr std::size_t kCutMax = 12;                                // "sk-..." shows only what kind of key it is.
  if (value.ends_with("...") && value.size() <= kCutMax) return true;
  return is_store_reference(value) || is_code(value) || is_instruction(word) || is_path(word);
}

bool is_prose(std::string_view word) {
  word = without_closers(word);
  if (is_prose_word(word) || is_absence(word)) return true;
  const bool lower = all_are(word, is_lower);
  return lower && ((word.size() >= 5 && word.ends_with("ed")) || (word.size() >= 6 && word.ends_with("ing")));
}

bool is_user_placeholder(std::string_view user, std::string_view password) {
  constexpr std::array kUsers = std::to_array<std::string_view>(
      {"user", "username", "usr", "userid", "login", "name", "my_user", "myuser", "db_user", "dbuser", "your_user",
       "your-username", "youruser", "yourusername", "benutzer", "uid", "account"});
  constexpr std::array kPasswords = std::to_array<std::string_view>(
      {"password", "passwd", "pass", "pwd", "pw", "secret", "my_password", "mypassword", "db_password", "dbpassword",
       "yourpassword", "your_password", "passwort", "token", "pass@", "psw"});
  return is_one_of(user, kUsers) && is_one_of(password, kPasswords);
}

bool is_statement(std::string_view text) {
  constexpr std::array kWords = std::to_array<std::string_view>(
      {"must",    "should",      "cannot",     "can't",    "not",   "required", "invalid",     "incorrect",
       "is",      "are",         "was",        "were",     "be",    "may",      "please",      "enter",
       "missing", "expired",     "failed",     "wrong",    "field", "value",    "has",         "have",
       "had",     "nicht",       "darf",       "muss",     "ist",   "doit",     "obligatoire", "debe",
       "deve",    "obligatorio", "characters", "password", "does",  "will",     "could",       "too"});
  constexpr std::size_t kWordsMax = 32;
  text = text.substr(0, kJudgedMax);
  for (std::size_t i = 0; i < kWordsMax && !text.empty(); ++i) {
    const std::size_t end = std::min(text.find(' '), text.size());
    if (is_one_of(without_closers(text.substr(0, end)), kWords)) return true;
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return false;
}

bool is_sentence(std::string_view text) {
  constexpr std::size_t kWordsMax = 32;
  text = text.substr(0, kJudgedMax);
  bool speaks = false;
  bool begins = false;
  std::size_t words = 0;
  for (; words < kWordsMax && !text.empty(); ++words) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string_view word = text.substr(0, end);
    speaks = speaks || (word.size() > 1 && is_prose_word(without_closers(word)));
    begins = begins || (words == 0 && speaks);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words > 2 ? speaks : words == 2 && begins;
}

bool is_mixed(std::string_view value) {
  constexpr std::size_t kSizeMin = 6;
  if (value.size() < kSizeMin) return false;
  const Texture texture(value);
  const bool letters = texture.count(CharacterClass::kLower) + texture.count(CharacterClass::kUpper) > 0;
  if (!letters || texture.count(CharacterClass::kDigit) == 0) return false;
  return !is_slug(value) && !is_date(value) && !is_uuid(value) && !is_algorithm(value) && !value.starts_with("http");
}

bool is_marked(std::string_view value) {
  constexpr std::size_t kSizeMin = 7;
  if (value.size() < kSizeMin || value.size() > kJudgedMax) return false;
  const std::size_t mark = std::min(value.find_first_of("!#%^*+~&$"), value.size());
  const bool is_inside = mark > 1 && mark + 1 < value.size();
  const auto in_words = [](char c) {
    return is_ascii_letter(c) || c == '_' || c == '-' || c == '.' || is_joining_mark(c);
  };
  return (is_inside && all_are(value, in_words)) || are_joined_words(value);
}

bool are_hyphenated_words(std::string_view value) {
  constexpr std::size_t kWordMin = 3;
  std::size_t words = 0;
  for (; !value.empty(); ++words) {
    const std::size_t end = std::min(value.find('-'), value.size());
    const std::string_view word = value.substr(0, end);
    value.remove_prefix(std::min(end + 1, value.size()));
    if (word.size() < kWordMin || !all_are(word, is_lower) || is_prose_word(word) || is_header_word(word)) return false;
  }
  return words >= 3;
}

bool is_action(std::string_view value) {
  constexpr std::array kActions = std::to_array<std::string_view>(
      {"read",   "write",   "reset",  "delete",     "create",  "update",     "list",       "manage",
       "view",   "edit",    "rotate", "revoke",     "use",     "execute",    "get",        "add",
       "remove", "grant",   "issue",  "introspect", "refresh", "exchange",   "generate",   "validate",
       "verify", "request", "change", "forgot",     "*",       "admin:read", "admin:write"});
  return is_one_of(value.substr(0, value.find(':')), kActions);
}

bool is_login_pair(std::string_view value) {
  constexpr std::size_t kUserMax = 64;
  const std::size_t colon = value.find(':');
  if (colon < 2 || colon == std::string_view::npos || colon > kUserMax || is_digit(value.front())) return false;
  const auto in_user = [](char c) { return is_identifier(c) || c == '-' || c == '.' || c == '@'; };
  const std::string_view password = value.substr(colon + 1);
  return all_are(value.substr(0, colon), in_user) && (is_mixed(password) || is_marked(password)) &&
         !is_placeholder(password);
}

bool is_opaque_value(std::string_view value, std::size_t size_min) {
  constexpr std::size_t kDigestMin = 32;
  if (value.size() < size_min) return false;
  const Texture texture(value);
  const std::size_t digits = texture.count(CharacterClass::kDigit);
  const bool letters = texture.count(CharacterClass::kLower) + texture.count(CharacterClass::kUpper) > 0;
  if (texture.count(CharacterClass::kOther) > 0 || !letters) return false;
  const bool is_digest = value.size() >= kDigestMin && digits > 0 && all_are(value, is_hex_digit);
  const bool changes_often =
      digits > 0 ? texture.changes >= std::max<std::size_t>(4, value.size() / 8) : texture.changes * 4 >= value.size();
  if (!is_digest && !changes_often) return false;
  return !is_uuid(value) && !is_slug(value) && !is_date(value) && !is_camel_case(value) &&
         value.find("://") == std::string_view::npos;
}

std::size_t mnemonic_size(std::string_view text) {
  constexpr std::size_t kWordsMin = 12;
  constexpr std::size_t kWordsMax = 24;
  constexpr std::size_t kLettersMin = 3;
  constexpr std::size_t kLettersMax = 8;
  std::size_t words = 0;
  std::size_t size = 0;
  for (std::size_t at = 0; words < kWordsMax; ++words) {
    std::size_t end = at;
    while (end < text.size() && end - at <= kLettersMax && is_lower(text[end])) ++end;
    if (end - at < kLettersMin || end - at > kLettersMax || (end < text.size() && is_alnum(text[end]))) break;
    size = end;
    at = end + 1;
    if (end >= text.size() || text[end] != ' ') {
      ++words;
      break;
    }
  }
  return words >= kWordsMin ? size : 0;
}

bool meets(Demand demand, std::string_view value) {
  constexpr std::size_t kOpaqueMin = 16;
  constexpr std::size_t kDigitsMin = 4;
  value = value.substr(0, kJudgedMax);
  switch (demand) {
    case Demand::kNever:
      return false;
    case Demand::kAny:
      return true;
    case Demand::kUnstored:
      return !is_store_place(value);
    case Demand::kNoCount:
      return !is_count(value) && !is_date(value);
    case Demand::kAssigned:
      return !is_count(value) && !is_test_word(value) && !is_prose(value);
    case Demand::kDigits:
      return is_mixed(value) || (value.size() >= kDigitsMin && any_is(value, is_digit) &&
                                 all_are(value, [](char c) { return is_digit(c) || c == '-' || c == ' '; }));
    case Demand::kMarked:
      return is_mixed(value) || is_marked(value) || is_opaque_value(value, kOpaqueMin);
    case Demand::kMixed:
      return is_mixed(value) || is_opaque_value(value, kOpaqueMin);
    case Demand::kMnemonic:
      return mnemonic_size(value) > 0 || is_mixed(value);
    case Demand::kBasic:
      return is_basic_credential(value) || is_login_pair(value) || is_opaque_value(value, kOpaqueMin);
    case Demand::kUuid:
      return is_uuid(value.substr(value.find('-') < 4 ? value.find('-') + 1 : 0)) || is_opaque_value(value, kOpaqueMin);
    case Demand::kOpaque:
      return is_opaque_value(value, kOpaqueMin);
  }
  return false;
}

bool is_secret_value(Demand demand, std::string_view value) {
  if (demand == Demand::kMnemonic && mnemonic_size(value) > 0) return true;
  return meets(demand, value) && !is_placeholder(value) && !is_sentence(value);
}

bool is_secret_number(Demand demand, std::string_view digits) {
  return demand == Demand::kAny || demand == Demand::kUnstored ||
         ((demand == Demand::kNoCount || demand == Demand::kDigits) && digits.size() >= 4);
}

}  // namespace runledger
