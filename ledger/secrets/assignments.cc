// Finds the name before a separator and the end of the value after it, in every usual notation.
//
// The scanner of detector.cc calls the public functions at the one character that every instance of a notation
// contains: the separator, the first hyphen of an option, the ">" of a tag, a quotation mark, a space. Each then takes
// the same steps:
//
//  1. name_before() (name_before.h) walks back from that character, over closing quotes, brackets and spaces, and
//     returns the last words before it. The name of an option follows the hyphens instead.
//  2. demand_of() says by these words what the value has to be like (names.h).
//  3. value_from() skips whatever may stand before a value, such as spaces, Markdown's bold, an escaped quote or a
//     wrapper such as Some(, and measures the value: up to the matching quote, or up to the end of a word. After an
//     authorization scheme the next word and its parameters belong to the value; after a cookie's name the following
//     cookies do.
//  4. Values that do not meet the demand, placeholders and words that continue a sentence are dropped (values.h).
//
// Every step but the measuring of the value reads a bounded number of characters, and word_at() remembers the word that
// it measured and where the closers at its end begin. Dropping earlier redactions makes redaction idempotent.
#include "ledger/secrets/assignments.h"

#include <algorithm>
#include <array>
#include <utility>

#include "ledger/base/ascii.h"
#include "ledger/secrets/announced_values.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/contexts.h"
#include "ledger/secrets/member_names.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/notations.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"
#include "ledger/secrets/word_lists.h"

namespace runledger {

namespace {

std::string_view part(std::string_view text, TextSpan span) {
  return text.substr(span.begin, span.end - span.begin);
}

// True for the scheme in "Authorization: SCHEME VALUE".
bool is_scheme(std::string_view word) {
  constexpr std::array kSchemes = std::to_array<std::string_view>({"bearer",
                                                                   "basic",
                                                                   "digest",
                                                                   "token",
                                                                   "apikey",
                                                                   "negotiate",
                                                                   "ntlm",
                                                                   "sharedkey",
                                                                   "sharedkeylite",
                                                                   "sharedaccesssignature",
                                                                   "key",
                                                                   "hmac",
                                                                   "dpop",
                                                                   "ssws",
                                                                   "oauth",
                                                                   "hawk",
                                                                   "signature",
                                                                   "bot",
                                                                   "gssapi",
                                                                   "geniekey",
                                                                   "aws4-hmac-sha256",
                                                                   "pas",
                                                                   "elastic",
                                                                   "splunk",
                                                                   "mac",
                                                                   "scram-sha-256"});
  return is_one_of(word, kSchemes);
}

// True for the name of a member that names another member's value.
bool is_naming(std::string_view name) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"name", "key", "id", "type", "property", "parameter", "param", "variable"});
  return is_one_of(name, kNames);
}

bool is_named(std::string_view name) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"value", "val", "content", "default", "defaultvalue", "default_value"});
  return is_one_of(name, kNames);
}

std::string_view last_word_of(std::string_view name) {
  return name.substr(name.rfind(' ') + 1);
}

// Returns the demand of a name that is itself a value: name="db.password".
Demand demand_of_named(std::string_view called) {
  constexpr std::size_t kNameMax = 96;
  return called.size() > kNameMax ? Demand::kNever : demand_of(called);
}

// Returns the demand of the name of the element that ends soon after the one that ends at the position:
// <Value>…</Value></AdministratorPassword>.
Demand demand_of_element_around(std::string_view text, std::size_t end) {
  constexpr std::size_t kNearMax = 160;
  constexpr int kElementsMax = 4;
  const std::string_view near = text.substr(end, kNearMax);
  std::size_t at = 0;
  for (int i = 0; i < kElementsMax; ++i) {
    at = near.find("</", at);
    const std::size_t close = at == std::string_view::npos ? at : near.find('>', at);
    if (close == std::string_view::npos) return Demand::kNever;
    const Demand demand = demand_of(near.substr(at + 2, close - at - 2));
    if (demand != Demand::kNever) return std::max(demand, Demand::kMarked);
    at = close;
  }
  return Demand::kNever;
}

}  // namespace

Assignments::Word Assignments::word_at(std::size_t begin) {
  if (begin < word_.begin || begin >= word_.end) {
    std::size_t end = begin;
    while (end < text_.size() && !ends_value(text_, end)) ++end;
    word_ = {begin, begin + without_closers(part(text_, {begin, end})).size(), end};
  }
  return {begin, std::max(begin, word_.closers), word_.end};
}

std::size_t Assignments::word_end(std::size_t begin) {
  return word_at(begin).end;
}

// Any of the cookies in a list such as a=1; b=2 may be the credential, so all are redacted, but for a list of settings
// only.
std::optional<TextSpan> Assignments::cookies_from(TextSpan first) {
  std::size_t end = first.end;
  bool are_settings = is_setting(part(text_, first));
  while (end < text_.size() && text_[end] == ';') {
    const std::size_t name = skip(text_, end + 1, is_space, 2);
    const std::size_t equals = skip(text_, name, is_name, 128);
    if (equals == name || equals >= text_.size() || text_[equals] != '=') break;
    end = word_end(equals + 1);
    are_settings = are_settings && is_setting(part(text_, {name, end}));
  }
  return are_settings ? std::nullopt : std::optional(TextSpan{first.begin, end});
}

// The end of the parameters of an authorization scheme, such as username="bob", response="…"; `begin` when there is
// none.
std::size_t Assignments::parameters_end(std::size_t begin) {
  constexpr int kParametersMax = 32;
  std::size_t end = begin;
  for (int i = 0; i < kParametersMax; ++i) {
    const std::size_t name = skip(
        text_, end, [](char c) { return is_space(c) || c == ','; }, 4);
    const std::size_t equals = skip(text_, name, is_name, 64);
    if (equals == name || equals + 1 >= text_.size() || text_[equals] != '=') break;
    if (i > 0 && text_[end] != ',') break;
    const bool is_quoted = is_quote(text_[equals + 1]);
    end = is_quoted ? std::min(quoted(text_, equals + 1).end + 1, text_.size()) : word_at(equals + 1).closers;
    if (end >= text_.size()) break;
  }
  return end;
}

// After an authorization scheme, the scheme and the next word or its parameters together are the value.
std::optional<TextSpan> Assignments::credentials_after(TextSpan scheme) {
  const std::size_t begin = skip(text_, scheme.end, is_space, 8);
  const Word word = word_at(begin);
  if (word.end == begin || is_placeholder(part(text_, {begin, word.end}))) return std::nullopt;
  if (const std::size_t end = parameters_end(begin); end > begin) return TextSpan{scheme.begin, end};
  return TextSpan{scheme.begin, word.closers};
}

// Measures a value without quotes.
std::optional<TextSpan> Assignments::bare_from(std::size_t begin, Demand demand, bool is_assigned) {
  if (demand == Demand::kMnemonic) {
    if (const std::size_t size = mnemonic_size(text_.substr(begin)); size > 0) return TextSpan{begin, begin + size};
  }
  if (text_[begin] == '&') return std::nullopt;  // An address in a program, or the next parameter of a query.
  const Word whole = word_at(begin);
  const std::size_t end = literal_end(text_, begin).value_or(whole.end);
  const std::string_view word = part(text_, {begin, end});
  const std::string_view value = end < whole.end ? without_closers(word) : part(text_, {begin, whole.closers});
  const bool may_have_scheme = demand == Demand::kAny || demand == Demand::kNoCount;
  if (may_have_scheme && is_scheme(value) && !are_in_sentence(text_, {begin, end}) &&
      text_.substr(end).starts_with(' '))
    return credentials_after({begin, end});
  if (value.empty() || !meets(demand, value)) return std::nullopt;
  // "PASS: Test2" is the result of a test; "pass: …" may be a password.
  const bool is_weak = demand == Demand::kAssigned && !is_assigned;
  constexpr std::size_t kWeakMax = 96;  // A longer word is no password; to judge many beginnings of one costs time.
  if (is_weak && (value.size() > kWeakMax || is_upper_before(text_, begin) || !meets(Demand::kMarked, value)))
    return std::nullopt;
  if (is_placeholder(word)) return std::nullopt;
  const TextSpan span{begin, begin + value.size()};
  // Prose has a space after the separator; "token=soon" is an assignment.
  const bool is_apart = begin > 0 && is_space(text_[begin - 1]);
  if (is_apart && (is_prose(value) || (!is_assigned && begins_sentence(text_, span)))) return std::nullopt;
  if (is_length(text_, span)) return std::nullopt;
  if (is_apart && !is_assigned && is_next_name(text_, span)) return std::nullopt;
  const bool may_be_words = demand == Demand::kNoCount || demand == Demand::kUnstored;
  if (is_apart && !is_assigned && may_be_words && is_word_in_text(text_, span)) return std::nullopt;
  return span;
}

// A code of digits only, such as a one-time password.
std::optional<TextSpan> Assignments::code_from(std::size_t begin, std::size_t digits_min) {
  constexpr std::size_t kDigitsMax = 8;
  const std::string_view word = part(text_, {begin, word_at(begin).closers});
  const bool is_code = word.size() >= digits_min && word.size() <= kDigitsMax && only_digits(word);
  return is_code ? std::optional(TextSpan{begin, begin + word.size()}) : std::nullopt;
}

std::optional<TextSpan> Assignments::quoted_from(std::size_t position, Demand demand, bool is_assigned) {
  const TextSpan value = quoted(text_, position);
  const std::string_view content = part(text_, value);
  if (content.empty() || is_redacted(content)) return std::nullopt;
  // 'cookie' => ['key' => '…'] of PHP: the name of a member.
  if (value.end < text_.size() && text_.substr(skip(text_, value.end + 1, is_space, 8)).starts_with("=>"))
    return std::nullopt;
  const bool is_words = (demand == Demand::kAny || demand == Demand::kAssigned) && is_assigned &&
                        !is_placeholder(content) && !is_statement(content);
  if (!is_words && !is_secret_value(demand, content)) return std::nullopt;
  // The output of a command that the shell puts in place.
  if (text_[position] == '`' && content.find(' ') != std::string_view::npos) return std::nullopt;
  return value;
}

std::optional<TextSpan> Assignments::value_from(std::size_t position, Demand demand, bool is_assigned) {
  position = skip_wrapper(text_, skip_to_value(text_, position));
  if (position >= text_.size() || begins_structure(text_, position)) return std::nullopt;
  if (is_assigned && text_[position] == '{') {
    if (auto value = braced_from(position, demand)) return value;
  }
  return is_quote(text_[position]) ? quoted_from(position, demand, is_assigned)
                                   : bare_from(position, demand, is_assigned);
}

// A value in braces, in which those of the value are doubled: PWD={a;b}}c}. ODBC Programmer's Reference, "Connection
// strings".
std::optional<TextSpan> Assignments::braced_from(std::size_t position, Demand demand) {
  constexpr std::size_t kValueMax = 128;
  const std::size_t limit = std::min(text_.size(), position + kValueMax);
  std::size_t end = position + 1;
  while (end < limit && (text_[end] != '}' || text_.substr(end).starts_with("}}"))) end += text_[end] == '}' ? 2U : 1U;
  if (end >= limit || end == position + 1) return std::nullopt;
  const std::string_view content = part(text_, {position + 1, end});
  const bool is_reference = is_placeholder(part(text_, {position, end + 1})) && !is_mixed(content);
  if (is_reference || !is_secret_value(demand, content)) return std::nullopt;
  return TextSpan{position + 1, end};
}

TextSpan Assignments::value_at(std::size_t position) {
  constexpr std::size_t kNameMax = 128;
  position = skip_to_value(text_, position);
  if (position >= text_.size()) return {position, position};
  const std::string_view head = text_.substr(0, position + kNameMax);
  TextSpan value = is_quote(text_[position]) ? quoted(head, position) : TextSpan{position, word_end(position)};
  value.end = std::max(value.begin, std::min(value.end, head.size()));
  return value;
}

void Assignments::end_object() {
  named_.reset();
  unnamed_.reset();
}

// variable "db_pass" { default = "…" }
void Assignments::begin_block(std::size_t position) {
  end_object();
  if (position < 2 || text_[position - 1] != ' ' || !is_quote(text_[position - 2])) return;
  name_next(position, name_before(text_, position).name);
}

void Assignments::begin_tag(std::size_t position) {
  tag_ = position;
  unnamed_.reset();
}

void Assignments::name_next(std::size_t position, std::string_view called) {
  const Demand demand = demand_of_named(called);
  named_ = demand == Demand::kNever ? std::nullopt : std::optional(Named{position, demand, false});
}

// A name and its value as two members of an object or a tag, in either order.
std::optional<TextSpan> Assignments::attribute_value(std::string_view name, std::size_t position) {
  constexpr std::size_t kDistanceMax = 512;
  if (is_named(name)) {
    const bool is_same_tag = named_ && named_->position >= tag_ && position - named_->position <= kDistanceMax;
    if (is_same_tag) return value_from(position, named_->demand, true);
    const TextSpan value = value_at(position);
    unnamed_ = value.end > value.begin ? std::optional(value) : std::nullopt;
    return std::nullopt;
  }
  if (auto value = build_variable(text_, position - 1)) return value;
  const std::string_view called = part(text_, value_at(position));
  const bool is_type = equals_ignoring_case(name, "type");
  const Demand demand = demand_of_named(called);
  if (demand == Demand::kNever) {
    // Another name begins another member of a list, but for that of an input field of a form.
    if (named_ && !is_type && !named_->is_type) named_.reset();
    return std::nullopt;
  }
  if (!is_type || equals_ignoring_case(called, "password")) named_ = Named{position, demand, is_type};
  const std::optional<TextSpan> value = std::exchange(unnamed_, std::nullopt);
  if (!value || position - value->begin > kDistanceMax) return std::nullopt;
  return is_secret_value(demand, without_closers(part(text_, *value))) ? value : std::nullopt;
}

// What the name before a separator demands of the value.
Demand Assignments::demand_before(const NameBefore& before, std::size_t position) const {
  if (is_parameter(text_, before.begin)) return demand_of_parameter(before.name);
  const Demand demand = demand_of(before.name);
  const std::size_t space = before.name.rfind(' ');
  const std::string_view last = before.name.substr(space + 1);
  const bool is_attached = text_[position] == '=' && before.begin + before.name.size() == position;
  // "api-client token=…": the words before a name that "=" is attached to may not be part of it.
  if (demand == Demand::kNever && is_attached && space != std::string_view::npos && is_word_of_text(before.name, space))
    return demand_of(last);
  if (demand == Demand::kNever && before.name == "key" && text_.substr(0, before.begin).ends_with(": "))
    return demand_within(last_word_of(name_before(text_, before.begin - 2).name), before.name);
  // key = … of a section.
  if (demand == Demand::kNever && text_[position] == '=' && equals_ignoring_case(before.name, "key"))
    return Demand::kToken;
  return demand;
}

// The codes of a list, which have one form: Recovery codes: a1b2c-d3e4f 55f6a-9c8b7.
TextSpan Assignments::with_further_codes(TextSpan first) {
  constexpr int kCodesMax = 24;
  const std::size_t size = first.end - first.begin;
  for (int i = 0; i < kCodesMax; ++i) {
    const std::size_t next = skip(
        text_, first.end, [](char c) { return is_space(c) || c == ','; }, 4);
    if (next == first.end || next >= text_.size()) break;
    const Word word = word_at(next);
    if (word.closers - next != size || !any_is(part(text_, {next, word.closers}), is_digit)) break;
    first.end = word.closers;
  }
  return first;
}

std::optional<TextSpan> Assignments::assigned_value(std::size_t position) {
  const std::size_t separator = separator_size(text_, position);
  if (separator == 0) return std::nullopt;
  const NameBefore before = name_before(text_, position);
  if (before.name.empty()) return std::nullopt;
  const std::string_view last = before.name.substr(before.name.rfind(' ') + 1);
  if (is_naming(last) || is_named(last)) {
    if (auto value = attribute_value(last, position + separator)) return value;
  }
  if (is_usage(text_, before.begin, position)) return std::nullopt;
  const Demand demand = demand_before(before, position);
  const std::size_t last_begin = before.begin + (before.name.size() - last.size());
  if (demand == Demand::kNever || (text_[position] == ':' && is_part_of_address(text_, last_begin)))
    return pair_password(before.name, position + separator);
  if (is_end_of_quotation(text_, before.begin, position, position + separator)) return std::nullopt;
  const std::size_t first = skip_to_value(text_, position + separator);
  if (before.begin > 0 && text_[before.begin - 1] == '/' && begins_login(first)) {
    if (auto value = pair_password(before.name, first)) return value;
  }
  auto value = value_from(position + separator, demand, text_[position] == '=');
  // "password= user=bob" has no password, but "password = user=bob" has.
  const bool is_next = value && value->begin > position + separator && before.begin + before.name.size() == position &&
                       text_[position] == '=' && !is_quote(text_[value->begin - 1]);
  if (is_next && begins_assignment(part(text_, *value))) return std::nullopt;
  if (!value) return pair_password(before.name, position + separator);
  if (repeats_name(before.name, part(text_, *value))) return std::nullopt;
  // A connection string is judged by the password in it.
  if (contains_ignoring_case(last, "conn") && begins_assignment(part(text_, *value))) return std::nullopt;
  if (text_[position] == ':' && value->begin == position + 1 && is_name_beside(last, part(text_, *value)))
    return std::nullopt;
  if (last.ends_with("odes") && demand == Demand::kMixed) return with_further_codes(*value);
  const std::string_view end = before.name.substr(before.name.size() - std::min<std::size_t>(before.name.size(), 6));
  if (value && equals_ignoring_case(end, "cookie")) return cookies_from(*value);
  return value;
}

// True for a user's name and a mark as between it and a password, at the position: bob / ….
bool Assignments::begins_login(std::size_t position) const {
  constexpr std::size_t kUserMax = 64;
  const std::size_t end = skip(
      text_, position, [](char c) { return is_name(c) || c == '@'; }, kUserMax);
  const std::string_view rest = text_.substr(end, 3);
  return end > position && (rest == " / " || rest == " | ");
}

// The password of a user before it: "credentials: bob / …", {"login":"bob:…"}, "user/pass: bob / …".
std::optional<TextSpan> Assignments::pair_password(std::string_view name, std::size_t position) {
  constexpr std::array kNames = std::to_array<std::string_view>(
      {"credentials",  "credential",   "creds",       "zugangsdaten", "login",    "logindaten", "anmeldedaten",
       "identifiants", "credenciales", "credenziali", "credenciais",  "acceso",   "accesso",    "inloggegevens",
       "auth",         "account",      "access",      "userpwd",      "userpass", "logins"});
  constexpr std::size_t kUserMax = 64;
  position = skip_to_value(text_, position);
  const std::size_t user = position + (position < text_.size() && is_quote(text_[position]) ? 1U : 0U);
  const std::size_t user_end = skip(
      text_, user, [](char c) { return is_name(c) || c == '@'; }, kUserMax);
  const std::string_view rest = text_.substr(user_end, 3);
  const bool is_apart = rest == " / " || rest == " | ";
  if (user_end == user || is_digit(text_[user]) || (!is_apart && !rest.starts_with(':'))) return std::nullopt;
  const std::string_view last = name.substr(name.rfind(' ') + 1);
  bool is_of_login = is_one_of(last, kNames) || last.starts_with("BUNDLE_");
  while (is_apart && !is_of_login && !name.empty()) {
    const std::size_t end = std::min(name.find(' '), name.size());
    const std::string_view word = name.substr(0, end);
    is_of_login = is_one_of(word, kNames) || demand_of(word) == Demand::kAny || demand_of(word) == Demand::kAssigned;
    name.remove_prefix(std::min(end + 1, name.size()));
  }
  return is_of_login ? bare_from(user_end + (is_apart ? 3 : 1), Demand::kMarked, true) : std::nullopt;
}

// {password,"…"} and {password,<<"…">>} of Erlang.
std::optional<TextSpan> Assignments::tuple_value(std::size_t position) {
  const std::size_t value = skip(
      text_, position + 1, [](char c) { return is_space(c) || c == '<'; }, 4);
  if (value >= text_.size() || !is_quote(text_[value])) return std::nullopt;
  const NameBefore before = name_before(text_, position);
  if (before.begin == 0 || text_[before.begin - 1] != '{') return std::nullopt;
  const Demand demand = demand_of(before.name);
  return demand == Demand::kNever ? std::nullopt : quoted_from(value, std::max(demand, Demand::kMarked), false);
}

std::optional<TextSpan> Assignments::argument_value(std::size_t position) {
  if (position < 2) return std::nullopt;
  if (is_name(text_[position - 1])) return tuple_value(position);
  if (!is_quote(text_[position - 1])) return std::nullopt;
  const NameBefore before = name_before(text_, position);
  if (before.begin < 2 || !is_quote(text_[before.begin - 1])) return std::nullopt;
  std::size_t call = before.begin - 2;
  while (call > 0 && call + 4 > before.begin && text_[call] == ' ') --call;
  if (text_[call] != '(') return std::nullopt;
  const Demand demand = demand_of(before.name);
  const std::size_t value = skip(text_, position + 1, is_space, 64);
  if (demand == Demand::kNever || value >= text_.size() || !is_quote(text_[value])) return std::nullopt;
  return quoted_from(value, std::max(demand, Demand::kMarked), false);
}

// The value of an option beside the one that names it: --name /prod/db/password --value …, -Name DbPassword -Value ….
std::optional<TextSpan> Assignments::named_option_value(std::string_view name, std::size_t value) {
  constexpr std::array kNames =
      std::to_array<std::string_view>({"name", "n", "key", "secret-id", "secret-name", "parameter"});
  constexpr std::array kValues =
      std::to_array<std::string_view>({"value", "body", "secret-string", "secret-value", "data", "plaintext"});
  constexpr std::size_t kDistanceMax = 128;
  if (is_one_of(name, kNames)) {
    name_next(value, without_closers(part(text_, value_at(value))));
    return std::nullopt;
  }
  const bool is_named = named_ && value - named_->position <= kDistanceMax;
  if (equals_ignoring_case(name, "secret-string")) return value_from(value, Demand::kMarked, true);
  if (!is_one_of(name, kValues) || !is_named) return std::nullopt;
  return value_from(value, std::max(named_->demand, Demand::kMarked), true);
}

std::optional<TextSpan> Assignments::option_value(std::size_t position) {
  constexpr std::size_t kNameMax = 64;
  if (position > 0 && is_name(text_[position - 1])) return std::nullopt;
  const std::size_t begin = skip(
      text_, position, [](char c) { return c == '-'; }, 2);
  const std::size_t end = skip(text_, begin, is_name, kNameMax);
  if (end - begin < 2 || end >= text_.size() || text_[end] != ' ') return std::nullopt;
  const std::size_t value = skip(text_, end, is_space, 8);
  if (value >= text_.size() || text_[value] == '-') return std::nullopt;  // The next option: this one is a switch.
  if (text_[value] == '(') return std::nullopt;                           // An expression that has the value inside.
  const std::string_view name = text_.substr(begin, end - begin);
  if (auto named = named_option_value(name, value)) return named;
  Demand demand = demand_of(name);
  if (demand == Demand::kNever || is_word_of_usage(text_, value)) return std::nullopt;
  if (position > 0 && text_[position - 1] == '[') demand = std::max(demand, Demand::kMixed);  // [--token TOKEN]
  return value_from(value, demand, true);
}

std::optional<TextSpan> Assignments::element_value(std::size_t position) {
  constexpr std::size_t kTagMax = 256;
  const std::string_view before = text_.substr(0, position);
  const std::string_view near = before.substr(before.size() - std::min(before.size(), kTagMax));
  const std::size_t open = near.find_last_of("<>");
  if (open == std::string_view::npos || near[open] != '<' || near.ends_with('/')) return std::nullopt;
  const std::string_view tag = near.substr(open + 1);
  const std::string_view name = tag.substr(0, tag.find(' '));
  if (name.empty() || name.front() == '/' || name.front() == '!') return std::nullopt;
  const std::size_t end = std::min(text_.find('<', position + 1), text_.size());
  const TextSpan value{position + 1, end};
  Demand demand = demand_of(name);
  // <property name="db.password">…, and <name>db.password</name><value>…
  // A property list: <key>AdminPassword</key> <string>…</string>.
  const std::size_t last = tag_ == 0 ? std::string_view::npos : text_.find_last_not_of(' ', tag_ - 1);
  const bool is_of_list = name == "string" && named_ && last != std::string_view::npos && text_[last] == '>';
  const bool is_here = named_ && position - named_->position < tag.size() && name != "input";
  if (demand == Demand::kNever && named_ &&
      (is_here || ((is_named(name) || is_of_list) && position - named_->position < kTagMax)))
    demand = std::max(named_->demand, Demand::kMarked);
  if (demand == Demand::kNever && is_naming(name)) name_next(position, part(text_, value));
  if (demand == Demand::kNever && is_named(name)) demand = demand_of_element_around(text_, end);
  if (demand == Demand::kNever) return std::nullopt;
  if (part(text_, value).find_first_not_of(" \t\r\n") == std::string_view::npos)
    named_ = Named{position, demand, false};  // Its value is in an element of its own.
  // Without an end, it may as well be a placeholder: https://<user>:<password>@host.
  if (!text_.substr(end).starts_with("</")) {
    if (position + 1 >= text_.size() || !is_alnum(text_[position + 1])) return std::nullopt;
    demand = std::max(demand, Demand::kMixed);
  }
  return end > position + 1 && is_secret_value(demand, part(text_, value)) ? std::optional(value) : std::nullopt;
}

std::optional<TextSpan> Assignments::quoted_value(std::size_t position) {
  if (position < 2) return std::nullopt;
  const char before = text_[position - 1];
  if (before == '(') return set_value(position);
  if (auto dumped = dumped_value(text_, position)) return dumped;
  if (auto secret = dial_in_secret(text_, position)) return secret;
  const bool is_beside = static_cast<unsigned char>(before) >= 0x80;  // Scripts that do without spaces.
  if (before != ' ' && !is_beside) return std::nullopt;
  const SpokenName spoken = spoken_name_before(text_, is_beside ? position : position - 1, true);
  if (spoken.demand == Demand::kNever) return std::nullopt;
  // "secret "db" not found": only a password is quoted to be shown.
  const bool is_shown = spoken.has_verb || spoken.is_password;
  return quoted_from(position, is_shown ? spoken.demand : std::max(spoken.demand, Demand::kMixed), false);
}

// The argument of a function that sets a secret: setPassword("…").
std::optional<TextSpan> Assignments::set_value(std::size_t position) {
  std::string_view name = name_before(text_, position - 1).name;
  name = name.substr(name.find_last_of(". ") + 1);
  // PASSWORD('…') of SQL.
  const bool is_function = equals_ignoring_case(name, "password") || equals_ignoring_case(name, "old_password");
  if (!name.starts_with("set") && !name.starts_with("with") && !is_function) return std::nullopt;
  const Demand demand = demand_of(name);
  return demand == Demand::kNever ? std::nullopt : quoted_from(position, std::max(demand, Demand::kMarked), false);
}

std::optional<TextSpan> Assignments::value_beside(std::size_t position) {
  const std::size_t begin = position + 1;
  if (begin >= text_.size() || !is_alnum(text_[begin])) return std::nullopt;
  const SpokenName spoken = spoken_name_before(text_, begin, false);
  if (spoken.demand == Demand::kDigits && spoken.has_verb) {
    const std::size_t code_end = skip(text_, begin, is_digit, 9);
    return code_end - begin >= 4 && code_end - begin <= 8 ? std::optional(TextSpan{begin, code_end}) : std::nullopt;
  }
  if (!spoken.is_password || !spoken.has_verb) return std::nullopt;
  const std::size_t end = skip(
      text_, begin, [](char c) { return !is_space(c) && !is_quote(c) && static_cast<unsigned char>(c) < 0x80; }, 64);
  const std::string_view value = without_closers(part(text_, {begin, end}));
  if (!meets(Demand::kMarked, value) || is_placeholder(value)) return std::nullopt;
  return TextSpan{begin, begin + value.size()};
}

// A dash instead of a colon: "password to the database - …".
std::optional<TextSpan> Assignments::after_dash(std::size_t position) {
  if (text_.substr(position, 3) != " - " || position + 3 >= text_.size()) return std::nullopt;
  const SpokenName spoken = spoken_name_before(text_, position, false);
  const bool is_named = spoken.is_password || demand_of(name_before(text_, position).name) == Demand::kMarked;
  return is_named ? bare_from(position + 3, Demand::kMarked, true) : std::nullopt;
}

std::optional<TextSpan> Assignments::spoken_value(std::size_t position) {
  constexpr std::size_t kRandomMin = 10;
  const std::size_t begin = position + 1;
  if (auto value = registry_value(text_, position)) return value;
  if (begin >= text_.size() || is_space(text_[begin]) || is_quote(text_[begin])) return std::nullopt;
  if (auto value = value_before_name(text_, position)) return value;
  if (text_[begin] == '-') return after_dash(position);
  const SpokenName spoken = spoken_name_before(text_, position, false);
  if (spoken.demand == Demand::kNever && !spoken.has_login) return std::nullopt;
  if (spoken.has_verb && begins_login(begin)) return pair_password("login", position);
  if (is_digit(text_[begin]) && begin + 2 < text_.size() && text_[begin + 1] == ' ' && spoken.is_password)
    return bare_from(begin + 2, Demand::kMarked, true);  // The kind of its encryption: password 7 …
  if (spoken.has_login) return bare_from(begin, Demand::kAny, true);
  if (spoken.demand == Demand::kPin && !spoken.has_verb) return std::nullopt;
  if (spoken.demand == Demand::kDigits || spoken.demand == Demand::kPin)
    return code_from(begin, spoken.has_verb ? 4 : 6);
  const Demand demand = std::max(spoken.demand, spoken.is_password ? Demand::kMarked : Demand::kMixed);
  if (spoken.is_password && (spoken.has_verb || spoken.is_passphrase)) {
    const Word word = word_at(begin);
    if (are_hyphenated_words(part(text_, {begin, word.closers}))) return TextSpan{begin, word.closers};
  }
  const auto value = bare_from(begin, demand, true);
  if (!value || begins_assignment(part(text_, *value))) return std::nullopt;
  const bool is_random = is_opaque_value(part(text_, *value), kRandomMin);
  // "the password Reset-Link": a hyphen joins other words too.
  const std::string_view word = part(text_, *value);
  if (!spoken.has_verb && !is_mixed(word) && word.find_first_of("._!#%^*+~&$") == std::string_view::npos &&
      word.find('-') != std::string_view::npos)
    return std::nullopt;
  const bool is_shown = spoken.has_verb || spoken.is_password || spoken.demand == Demand::kMnemonic;
  return is_shown || is_random ? value : std::nullopt;
}

}  // namespace runledger
