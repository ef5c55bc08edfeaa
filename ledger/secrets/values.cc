// Word lists, and forms of random text.
#include "ledger/secrets/values.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "ledger/base/ascii.h"
#include "ledger/secrets/base64.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

// The formatter would put every word of the lists on a line of its own.
// clang-format off

bool is_prose_word(std::string_view word) {
  static constexpr WordSet kWords(std::to_array<std::string_view>({
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
      "prompt", "token", "key", "send", "sendline", "expect", "query", "min", "max", "minimum", "minimal",
      "minimaal", "mindestens", "hochstens", "minst", "minimo", "feld",
      "pflichtfeld", "oubliee", "olvidada", "vazia", "scaduta", "verplicht", "verlopen", "ontbreekt", "leer", "await",
      "async", "errata", "errato", "erronea", "falta", "vergeten", "onjuist", "ongeldig", "saknas", "mangler",
      "puuttuu", "bledne", "błedne", "chybi", "hibas", "yanlis", "yanlıs", "netocna", "napacno",
      "neteisingas", "vale", "sai", "salah", "est", "es", "esta", "non", "nie", "nao", "pas", "valor",
      "verkeerd", "rangt", "okerra", "anghywir", "ausente",
  }));
  return kWords.contains(word);
}

// Parts of the names of headers and classes, which are joined in the same way as words of a password.
bool is_header_word(std::string_view word) {
  static constexpr WordSet kWords(std::to_array<std::string_view>({
      "content", "accept", "cookie", "token", "key", "secret", "user", "agent", "request", "id", "control", "case",
      "sensitive", "only", "provider", "service", "exception", "handler", "factory", "filter", "validator", "encoder",
      "test", "spec", "hash", "session", "client", "server", "app", "api", "link", "store", "vault", "safe", "reader",
      "read", "not", "found", "valid", "invalid", "short", "long", "too", "log", "sign", "in", "out", "reset", "change",
  }));
  return kWords.contains(word);
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
  if (last == std::string_view::npos) return is_one_of(value, kEndings);
  return value.find('/') != std::string_view::npos || is_one_of(value.substr(last + 1), kEndings);
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

// The name of a kind of token, as parsers have them: token=IDENT.
bool is_kind(std::string_view value) {
  constexpr std::size_t kSizeMax = 12;
  return value.size() <= kSizeMax && all_are(value, [](char c) { return is_upper(c); });
}

// A slash or a plus occurs in base64 only, which ends in "=" here; a dot in the names of files.
bool is_token_value(std::string_view value) {
  constexpr std::size_t kSizeMin = 24;
  constexpr std::size_t kOfEachMin = 2;
  if (value.size() < kSizeMin) return false;
  const bool is_base64 = value.ends_with('=');
  const auto in_token = [&](char c) {
    return is_alnum(c) || c == '_' || c == '-' || c == '=' || (is_base64 && (c == '+' || c == '/'));
  };
  const Texture texture(value);
  return all_are(value, in_token) && texture.count(CharacterClass::kDigit) >= kOfEachMin &&
         texture.count(CharacterClass::kLower) >= kOfEachMin && texture.count(CharacterClass::kUpper) >= kOfEachMin &&
         texture.changes * 3 >= value.size() && !is_uuid(value);
}

}  // namespace

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
      {"read", "write", "reset", "delete", "create", "update", "list", "manage", "view", "edit", "rotate", "revoke",
       "use", "execute", "get", "add", "remove", "grant", "issue", "introspect", "refresh", "exchange", "generate",
       "validate", "verify", "request", "change", "forgot", "*", "admin:read", "admin:write",
       // How a dump shows a member: [password:protected].
       "protected", "private"});
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
  constexpr std::size_t kPostalCode = 6;  // As India's, which are called PIN codes.
  value = value.substr(0, kJudgedMax);
  switch (demand) {
    case Demand::kNever:
      return false;
    case Demand::kAny:
      return true;
    case Demand::kUnstored:
      return !is_store_place(value);
    case Demand::kNoCount:
      return !is_count(value) && !is_date(value) && !is_kind(value);
    case Demand::kAssigned:
      return !is_count(value) && !is_test_word(value) && !is_prose(value);
    case Demand::kPin:
      return value.size() != kPostalCode && meets(Demand::kDigits, value);
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
    case Demand::kToken:
      return is_token_value(value);
  }
  return false;
}

bool is_secret_value(Demand demand, std::string_view value) {
  if (demand == Demand::kMnemonic && mnemonic_size(value) > 0) return true;
  return meets(demand, value) && !is_placeholder(value) && !is_sentence(value);
}

bool is_secret_number(Demand demand, std::string_view digits) {
  return demand == Demand::kAny || demand == Demand::kUnstored ||
         ((demand == Demand::kNoCount || demand == Demand::kDigits) && digits.size() >= 4) ||
         (demand == Demand::kPin && meets(demand, digits));
}

}  // namespace runledger
