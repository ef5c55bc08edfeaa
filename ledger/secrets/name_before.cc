// Walks back over decoration and then over words.
#include "ledger/secrets/name_before.h"

#include <array>

#include "ledger/secrets/names.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

bool is_decoration(char c) {
  return is_space(c) || is_quote(c) || c == '\\' || c == ']' || c == '[' || c == '*' || c == '?';
}

std::size_t skip_decoration_back(std::string_view text, std::size_t end) {
  constexpr std::size_t kDecorationMax = 8;
  if (text.substr(0, end).ends_with(" <")) end -= 2;
  for (std::size_t i = 0; i < kDecorationMax && end > 0 && is_decoration(text[end - 1]); ++i) --end;
  return end;
}

// Skips a remark in parentheses: password (again):
std::size_t skip_remark_back(std::string_view text, std::size_t end) {
  constexpr std::size_t kRemarkMax = 32;
  if (end == 0 || text[end - 1] != ')') return end;
  const std::size_t first = end - std::min(end, kRemarkMax);
  const std::size_t open = text.substr(first, end - first).rfind('(');
  return open == std::string_view::npos ? end : skip_decoration_back(text, first + open);
}

// Skips what leads the eye from a name to its value: password........., Passwort . . . . . :
std::size_t skip_leader_back(std::string_view text, std::size_t end) {
  constexpr std::size_t kLeaderMax = 96;
  constexpr std::size_t kDotsMin = 3;
  std::size_t begin = end;
  std::size_t dots = 0;
  for (; begin > 0 && end - begin < kLeaderMax && (text[begin - 1] == ' ' || text[begin - 1] == '.'); --begin)
    dots += text[begin - 1] == '.' ? 1U : 0U;
  return dots == 0 || dots >= kDotsMin ? begin : end;
}

NameBefore words_before(std::string_view text, std::size_t end) {
  constexpr std::size_t kNameMax = 96;
  constexpr int kWordsMax = 5;
  std::size_t begin = end;
  int words = 1;
  while (begin > 0 && end - begin < kNameMax) {
    const char c = text[begin - 1];
    // An apostrophe inside a word: mot d'ordre, clé d'api.
    const bool apostrophe = c == '\'' && begin > 1 && is_alnum(text[begin - 2]) && begin < end && is_alnum(text[begin]);
    if (c == ' ' && ++words > kWordsMax) break;
    if (!is_name(c) && c != ' ' && !apostrophe) break;
    --begin;
  }
  // The letter of an escape that ends a line is no part of the name: \npassword.
  if (begin > 0 && begin < end && text[begin - 1] == '\\' &&
      std::string_view("nrt").find(text[begin]) != std::string_view::npos)
    ++begin;
  while (begin < end && text[begin] == ' ') ++begin;
  return {text.substr(begin, end - begin), begin};
}

// The name of a member that a program shows with its access: ["password":protected], ["password":"User":private].
NameBefore member_before(std::string_view text, std::size_t end) {
  constexpr std::size_t kMemberMax = 96;
  const std::size_t first = end - std::min(end, kMemberMax);
  const std::size_t open = text.substr(first, end - first).rfind('[');
  if (open == std::string_view::npos) return {};
  const std::size_t begin = first + open + 1 + (text[first + open + 1] == '"' ? 1U : 0U);
  return {text.substr(begin, skip(text, begin, is_name, kMemberMax) - begin), begin};
}

bool is_access(std::string_view word) {
  return word == "protected" || word == "private";
}

bool is_type_name(std::string_view word) {
  constexpr std::array kTypes = std::to_array<std::string_view>({"str", "string", "text", "optional", "bytes", "any"});
  return is_one_of(word, kTypes);
}

// The formatter would put every word on a line of its own.
// clang-format off
constexpr WordSet kVerbs(std::to_array<std::string_view>({
      "is", "was", "are", "were", "to", "as", "be", "been", "ist", "war", "lautet", "lauten", "est", "le",
      "es", "era", "e",
      "zu", "ar", "er", "je", "jest", "este", "on", "adalah", "ialah", "now", "currently", "set", "changed", "reset",
      "updated", "has", "have", "had", "will", "sent", "entered", "becomes", "became", "being", "heisst", "sind",
      "wurde", "jetzt", "nun", "ahora", "agora", "ora", "nu", "sont", "sera", "son", "sono", "sao", "heter",
      "bylo", "bude", "yra", "la", "ni", "eshte",
      "は", "是", "为", "это", "является", "ειναι", "הוא", "היא", "هو", "هي", "ह", "คอ",
  }));
// clang-format on

bool is_verb(std::string_view word) {
  return kVerbs.contains(word);
}

bool is_login(std::string_view word) {
  constexpr std::array kWords = std::to_array<std::string_view>({"login", "user", "username", "account"});
  return is_one_of(word, kWords);
}

// Takes the last word off a name.
std::string_view take_last_word(std::string_view& name) {
  while (name.ends_with(' ')) name.remove_suffix(1);
  const std::size_t space = name.rfind(' ');
  const std::size_t begin = space == std::string_view::npos ? 0 : space + 1;
  const std::string_view word = name.substr(begin);
  name = name.substr(0, space == std::string_view::npos ? 0 : space);
  while (name.ends_with(' ')) name.remove_suffix(1);
  return word;
}

// The size of a particle or a verb that is written together with the name before it, as Japanese and Chinese do.
std::size_t particle_size(std::string_view text) {
  if (text.empty() || static_cast<unsigned char>(text.back()) < 0x80) return 0;
  constexpr std::array kParticles = std::to_array<std::string_view>(
      {"改为", "设为", "置为", "改成", "改為", "設為", "は", "が", "是", "为", "為", "는", "은", "이", "가"});
  for (const std::string_view particle : kParticles) {
    if (text.ends_with(particle)) return particle.size();
  }
  return 0;
}

// Returns the word that ends at `end`, or its last bytes when it is long.
std::string_view last_word(std::string_view text, std::size_t end) {
  constexpr std::size_t kWordMax = 24;
  std::size_t begin = end;
  while (begin > 0 && end - begin < kWordMax && is_name(text[begin - 1])) --begin;
  return text.substr(begin, end - begin);
}

// Returns the end of the name of a password in the last words before `end`, as in "password of user app", "haslo
// uzytkownika sync"; npos when they have none.
std::size_t end_of_password_name(std::string_view text, std::size_t end) {
  constexpr int kWordsMax = 6;
  constexpr std::size_t kNameMax = 48;
  for (int i = 0; i < kWordsMax && end > 0; ++i) {
    const std::string_view word = last_word(text, end);
    const std::string_view before = text.substr(end - std::min(end, kNameMax), std::min(end, kNameMax));
    const Demand demand = may_end_secret_name(word) ? demand_of(before) : Demand::kNever;
    if (demand == Demand::kAny || demand == Demand::kDigits) return end;
    if (word.empty() || is_statement(word)) return std::string_view::npos;
    end -= word.size();
    if (end == 0 || text[end - 1] != ' ') return std::string_view::npos;
    --end;
  }
  return std::string_view::npos;
}

// True for the names of passwords proper, in English and by the weaker test that nothing else is meant.
bool is_name_of_password(std::string_view name) {
  constexpr std::array kOthers =
      std::to_array<std::string_view>({"secret", "credential", "key", "token", "string", "authorization", "cookie"});
  const std::string_view last = take_last_word(name);
  return std::none_of(kOthers.begin(), kOthers.end(), [&](std::string_view other) {
    return last.size() >= other.size() && equals_ignoring_case(last.substr(last.size() - other.size()), other);
  });
}

// The word before that of a user whose last part begins at `end`: login in "login bob@example.com".
std::string_view word_before_user(std::string_view text, std::size_t end) {
  constexpr std::size_t kUserMax = 96;
  const std::size_t first = end - std::min(end, kUserMax);
  while (end > first && !is_space(text[end - 1])) --end;
  return last_word(text, end - (end > 0 ? 1U : 0U));
}

// Skips quotes and spaces before `end`.
std::size_t skip_spoken_back(std::string_view text, std::size_t end) {
  constexpr std::size_t kDecorationMax = 4;
  for (std::size_t i = 0; i < kDecorationMax && end > 0; ++i, --end) {
    const char c = text[end - 1];
    if (c != ' ' && !is_quote(c) && c != '\\') break;
  }
  return end;
}

}  // namespace

NameBefore name_before(std::string_view text, std::size_t end) {
  NameBefore before =
      words_before(text, skip_remark_back(text, skip_decoration_back(text, skip_leader_back(text, end))));
  const std::size_t last = text.substr(0, end).find_last_not_of(' ');
  const bool is_member = last != std::string_view::npos && text[last] == ']' && before.begin > 1;
  if (is_member && is_access(before.name) && text[before.begin - 1] == ':') return member_before(text, before.begin);
  if (is_type_name(before.name) && before.begin > 1) {
    const std::size_t colon = skip_decoration_back(text, before.begin);
    if (colon > 0 && text[colon - 1] == ':') before = words_before(text, skip_decoration_back(text, colon - 1));
  }
  return before;
}

SpokenName spoken_name_before(std::string_view text, std::size_t space, bool is_quoted) {
  constexpr int kVerbsMax = 4;
  SpokenName spoken;
  std::size_t end = skip_spoken_back(text, space);
  for (int i = 0; i < kVerbsMax; ++i) {
    const std::string_view word = last_word(text, end);
    if (!is_verb(word)) break;
    spoken.has_verb = true;
    end = skip_spoken_back(text, end - word.size());
  }
  if (const std::size_t particle = particle_size(text.substr(0, end)); particle > 0) {
    spoken.has_verb = true;
    end -= particle;
  }
  const bool may_be_name = is_quoted || may_end_secret_name(text.substr(0, end));
  // "To" is a verb in Polish only.
  const std::size_t named = spoken.has_verb ? end_of_password_name(text, end) : std::string_view::npos;
  const bool is_sure =
      !text.substr(0, space).ends_with(" to") || last_word(text, std::min(named, end)).ends_with("sło");
  if (named < end && is_sure)
    end = named;
  else if (!may_be_name)
    return {};
  const NameBefore before = words_before(text, end);
  std::string_view name = before.name;
  spoken.demand = demand_of(name);
  if (spoken.demand == Demand::kAssigned) {
    const bool is_short = spoken.has_verb && (name.ends_with("pw") || name.ends_with("PW"));
    spoken.demand = is_short ? Demand::kAny : Demand::kNever;
  }
  // The value of a parameter: https://support.example.com/?p=BadCredentials ….
  const bool is_one_word = name.find(' ') == std::string_view::npos;
  if (is_one_word && before.begin > 0 && text[before.begin - 1] == '=') return {};
  spoken.is_password = spoken.demand == Demand::kAny && is_name_of_password(name);
  spoken.is_passphrase = name.ends_with("phrase");
  const std::string_view last = take_last_word(name);
  const std::string_view user = take_last_word(name);
  const bool is_pass = spoken.is_password || last == "PASS" || last == "pass";
  spoken.has_login = !spoken.has_verb && is_pass && !user.empty() && is_login(take_last_word(name));
  // login bob@example.com password …
  const bool is_cut =
      before.begin > 0 && std::string_view("@+\\%").find(text[before.begin - 1]) != std::string_view::npos;
  if (is_cut && !spoken.has_verb && is_pass) spoken.has_login = is_login(word_before_user(text, before.begin));
  spoken.is_password = spoken.is_password || spoken.has_login;
  return spoken;
}

}  // namespace runledger
