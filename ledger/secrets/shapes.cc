// The shapes of credentials, each with the source that describes it where there is one.
//
// The scanner of detector.cc calls one member function for each shape, at the position of one character that every
// credential of that shape contains: the J of "eyJ", the "~" of an Azure secret, the colon of "://". From there the
// function looks back for the fixed part, forward for the body, and returns the bytes of the secret or nothing. Tokens
// with a prefix of their provider are data (token_rules.cc).
//
// A shape must not match what merely resembles it. Bodies therefore have minimal lengths, and the functions know the
// look-alikes: ports, IPv6 addresses, container digests, SHA-512 digests in package locks, prose after "Bearer". A
// secret that was redacted before does not match again, which keeps redaction idempotent.
//
// The time is linear in the length of the text. Most functions read a bounded number of characters. The others measure
// runs of any length with a RunEnd, which remembers the last run, and last_at() remembers its address in the same way.
// Because positions only ascend, each of them reads a run once. A private key without an end takes the rest of the
// text.
#include "ledger/secrets/shapes.h"

#include <algorithm>
#include <array>
#include <string>

#include "ledger/base/ascii.h"
#include "ledger/secrets/base64.h"
#include "ledger/secrets/character_tests.h"
#include "ledger/secrets/name_before.h"
#include "ledger/secrets/names.h"
#include "ledger/secrets/placeholders.h"
#include "ledger/secrets/values.h"

namespace runledger {

namespace {

using CharacterTest = bool (*)(char);

bool is_base64(char c) {
  return is_alnum(c) || c == '+' || c == '/';
}

bool is_alnum_or_mark(char c) {
  return is_alnum(c) || c == '_' || c == '-';
}
bool is_token(char c) {
  return is_alnum_or_mark(c) || c == '.';
}

// Counts the characters from `position` on that pass the test, up to `limit`.
std::size_t run(std::string_view text, std::size_t position, CharacterTest test, std::size_t limit) {
  return skip(text, position, test, limit) - position;
}

// No authority of a URL is longer.
constexpr std::size_t kAuthorityMax = 1024;

// No token is longer. The scanner redacts this much of a longer run and examines the rest separately.
constexpr std::size_t kTokenMax = 4096;

// True when the label "BEGIN …" or "END …" at the position is that of a private key.
bool names_private_key(std::string_view text, std::size_t position) {
  constexpr std::size_t kLabelMax = 64;
  const std::string_view label = text.substr(position, kLabelMax);
  return label.substr(0, label.find('-')).find("PRIVATE KEY") != std::string_view::npos;
}

// True when lines of a key follow the label of a PEM block that ends at the position, or its headers, rather than prose
// such as "header not found".
bool begins_key_body(std::string_view text, std::size_t dashes) {
  constexpr std::size_t kWordMin = 12;
  constexpr std::size_t kWordMax = 24;
  if (dashes >= text.size()) return false;
  std::size_t begin = skip(
      text, dashes, [](char c) { return c == '-'; }, 5);
  for (int line = 0; line < 4; ++line) {
    begin = skip(
        text, begin, [](char c) { return is_space(c) || c == '\\' || c == '\'' || c == '"' || c == '+' || c == ','; },
        32);
    const std::string_view before = text.substr(0, begin);
    if (before.ends_with('\\'))
      begin = skip(
          text, begin, [](char c) { return c == 'n' || c == 'r'; }, 1);
  }
  const std::size_t end = skip(text, begin, is_base64, kWordMax);
  const std::string_view word = text.substr(begin, end - begin);
  const bool is_header = word == "Proc" || word == "DEK" || word == "Version" || word == "Comment" || word == "Hash";
  return is_header || word.size() >= kWordMin || word.starts_with("MI") || word.starts_with("b3Bl");
}

// The characters of the lines of a key in base64, and of escaped line ends between them.
bool is_key_body(char c) {
  return is_base64(c) || is_space(c) || c == '=' || c == '\\';
}

// True when the text before `end` ends with the word, in any case, and the word is not the end of a longer one.
bool ends_with_word(std::string_view text, std::size_t end, std::string_view word) {
  if (end < word.size()) return false;
  const std::size_t begin = end - word.size();
  return equals_ignoring_case(text.substr(begin, word.size()), word) && (begin == 0 || !is_alnum(text[begin - 1]));
}

// True when a word after "Bearer" is a token rather than prose such as "authentication", "token-based" or "OAuth2".
bool is_opaque(std::string_view word) {
  const bool digit = std::any_of(word.begin(), word.end(), is_digit);
  const bool upper_inside = word.size() > 1 && std::any_of(word.begin() + 1, word.end(), is_upper);
  const bool lower_inside = std::any_of(word.begin(), word.end(), is_lower);
  const bool protocol = word.starts_with("OAuth") || word.starts_with("oauth");
  return word.size() >= 6 && !protocol && (digit || (upper_inside && lower_inside));
}

bool is_bearer_value(char c) {
  return is_base64(c) || c == '-' || c == '.' || c == '_' || c == '~' || c == '=';
}

// True when no password follows the first colon of an authority, but a port or the rest of an IPv6 address.
bool ends_in_port(std::string_view authority, std::size_t colon) {
  return authority.front() == '[' ||
         std::all_of(authority.begin() + static_cast<std::ptrdiff_t>(colon) + 1, authority.end(), is_digit);
}

}  // namespace

bool IsAddress::operator()(char c) const {
  return !is_space(c) && c != '"' && c != '\'' && c != '<' && c != '>';
}

bool IsBase64Url::operator()(char c) const {
  return is_alnum_or_mark(c);
}

// RFC 7519: header, payload and signature in base64url between dots. A header begins with {" and so with eyJ.
std::optional<TextSpan> SecretShapes::web_token(std::size_t position) {
  constexpr int kEncryptedPartsMore = 2;  // RFC 7516: an encrypted token has five parts.
  if (position < 2 || text_.substr(position - 2, 3) != "eyJ") return std::nullopt;
  const std::size_t begin = position - 2;
  const std::size_t header_end = header_.of(text_, begin);
  if (header_end - begin < 8 || header_end >= text_.size() || text_[header_end] != '.') return std::nullopt;
  const std::size_t payload_end = payload_.of(text_, header_end + 1);
  if (payload_end - header_end < 4 || payload_end >= text_.size() || text_[payload_end] != '.') return std::nullopt;
  std::size_t end = signature_.of(text_, payload_end + 1);
  for (int part = 0; part < kEncryptedPartsMore && end < text_.size() && text_[end] == '.'; ++part)
    end = signature_.of(text_, end + 1);
  return TextSpan{begin, end};
}

// AWS IAM identifiers: AKIA (long-term) and ASIA (temporary), 20 characters; the secret key has 40 of base64.
std::optional<TextSpan> SecretShapes::aws_key(std::size_t position) const {
  constexpr std::size_t kIdSize = 20;
  constexpr std::size_t kSecretSize = 40;
  constexpr std::size_t kGapMax = 4;
  if (position < 1) return std::nullopt;
  const std::size_t begin = position - 1;
  const std::string_view prefix = text_.substr(begin, 4);
  if (prefix != "AKIA" && prefix != "ASIA" && prefix != "ABIA" && prefix != "ACCA") return std::nullopt;
  if (begin > 0 && is_alnum(text_[begin - 1])) return std::nullopt;
  const auto is_id = [](char c) { return is_upper(c) || is_digit(c); };
  if (run(text_, begin, is_id, kIdSize) < kIdSize || is_masked(text_.substr(begin, kIdSize))) return std::nullopt;
  const std::size_t id_end = begin + kIdSize;
  const std::size_t gap = run(
      text_, id_end, [](char c) { return !is_base64(c) || c == '/'; }, kGapMax);
  const std::size_t secret_size = run(text_, id_end + gap, is_base64, kSecretSize + 1);
  return TextSpan{begin, gap > 0 && secret_size == kSecretSize ? id_end + gap + kSecretSize : id_end};
}

std::optional<TextSpan> SecretShapes::azure_client_secret(std::size_t position) const {
  constexpr std::size_t kBefore = 5;  // Three characters, a digit, Q.
  constexpr std::size_t kBehindMin = 31;
  constexpr std::size_t kBehindMax = 40;
  if (position < kBefore || text_[position - 1] != 'Q' || !is_digit(text_[position - 2])) return std::nullopt;
  const auto is_body = [](char c) { return is_token(c) || c == '~'; };
  const std::size_t begin = position - kBefore;
  if (run(text_, begin, is_body, 3) < 3) return std::nullopt;
  const std::size_t behind = run(text_, position + 1, is_body, kBehindMax);
  if (behind < kBehindMin) return std::nullopt;
  return TextSpan{begin, position + 1 + behind};
}

// A SHA-512 digest has the same size, but package locks mark it with "sha512-". Bytes that decode to readable text are
// not a key either.
std::optional<TextSpan> SecretShapes::azure_account_key(std::size_t position) const {
  constexpr std::size_t kDigits = 86;
  if (position < kDigits || text_.substr(position, 2) != "==") return std::nullopt;
  const std::size_t begin = position - kDigits;
  if (run(text_, begin, is_base64, kDigits) < kDigits) return std::nullopt;
  if (begin > 0 && is_base64(text_[begin - 1])) return std::nullopt;
  if (ends_with_word(text_, begin, "sha512-")) return std::nullopt;
  if (is_plain_text(decode_base64(text_.substr(begin, kDigits)))) return std::nullopt;
  return TextSpan{begin, position + 2};
}

// RFC 7468, and RFC 4716 for "---- BEGIN". When the end is missing, as in a cut text, everything after the beginning
// counts as the key.
std::optional<TextSpan> SecretShapes::private_key(std::size_t position) const {
  constexpr std::string_view kBegin = "BEGIN ";
  constexpr std::string_view kDashes = "----";
  const std::string_view rest = text_.substr(position);
  if (!rest.starts_with(kDashes)) return std::nullopt;
  const std::size_t label = skip(
      text_, position, [](char c) { return c == '-' || c == ' '; }, 6);
  if (!text_.substr(label).starts_with(kBegin) || !names_private_key(text_, label)) return end_of_key(position, label);
  if (!begins_key_body(text_, text_.find(kDashes, label))) return std::nullopt;
  const std::size_t end = text_.find(kDashes, text_.find("END ", label + kBegin.size()));
  if (end == std::string_view::npos) return TextSpan{position, text_.size()};
  return TextSpan{position, skip(
                                text_, end, [](char c) { return c == '-'; }, 5)};
}

// The end of a key whose beginning was cut off: the lines of base64 before it count as the key.
std::optional<TextSpan> SecretShapes::end_of_key(std::size_t position, std::size_t label) const {
  constexpr std::size_t kBodyMin = 16;
  if (!text_.substr(label).starts_with("END ") || !names_private_key(text_, label)) return std::nullopt;
  std::size_t begin = position;
  while (begin > 0 && is_key_body(text_[begin - 1])) --begin;
  return position - begin >= kBodyMin ? std::optional(TextSpan{begin, position}) : std::nullopt;
}

// Searches each address only once, from its first colon on, so that many colons in one address cost no more than one.
std::size_t SecretShapes::last_at(std::size_t begin, std::size_t end) {
  if (address_end_ != end) {
    const std::size_t at = text_.substr(begin, end - begin).rfind('@');
    address_at_ = at == std::string_view::npos ? 0 : begin + at;
    address_end_ = end;
  }
  return address_at_;
}

// RFC 3986, 3.2.1. Passwords are often not percent-encoded as they should be, so the last "@" before the end of the
// word ends the password, not the first slash.
std::optional<TextSpan> SecretShapes::url_password(std::size_t position) {
  if (text_.substr(position, 3) != "://") return std::nullopt;
  const std::size_t begin = position + 3;
  const std::size_t end = address_.of(text_, begin);
  std::string_view authority = text_.substr(begin, std::min(end - begin, kAuthorityMax));
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t colon = authority.find(':');
  const std::size_t first_at = authority.find('@');
  if (colon == std::string_view::npos || first_at < colon) return url_user(begin, authority);
  if (first_at == std::string_view::npos && ends_in_port(authority, colon)) return std::nullopt;
  const std::size_t password = begin + colon + 1;
  const std::size_t at = last_at(begin, end);
  if (at <= password || is_placeholder(text_.substr(password, at - password))) return std::nullopt;
  if (is_user_placeholder(authority.substr(0, colon), text_.substr(password, at - password))) return std::nullopt;
  if (text_.substr(at).starts_with("@sha256:")) return std::nullopt;  // The digest of a container image.
  return TextSpan{password, at};
}

// A token in the place of a user: https://TOKEN@host.
std::optional<TextSpan> SecretShapes::url_user(std::size_t begin, std::string_view authority) const {
  constexpr std::size_t kTokenMin = 20;
  const std::string_view user = authority.substr(0, authority.find('@'));
  if (user.size() == authority.size() || !is_opaque_value(user, kTokenMin)) return std::nullopt;
  // The address that events are sent to has a public key: https://KEY@sentry.example.com/4.
  const bool is_public = user.size() == 32 && all_are(user, is_hex_digit);
  if (is_public && authority.find("sentry", user.size()) != std::string_view::npos) return std::nullopt;
  return TextSpan{begin, begin + user.size()};
}

// Oracle Database JDBC Developer's Guide, "Database URLs and Database Specifiers".
std::optional<TextSpan> SecretShapes::oracle_password(std::size_t position) {
  constexpr std::size_t kUserMax = 128;
  if (!ends_with_word(text_, position, "jdbc:oracle:thin") && !ends_with_word(text_, position, "jdbc:oracle:oci"))
    return std::nullopt;
  const auto in_user = [](char c) { return is_token(c) || c == '$' || c == '#'; };
  const std::size_t begin = position + 1;
  const std::size_t slash = begin + run(text_, begin, in_user, kUserMax);
  if (slash == begin || slash >= text_.size() || text_[slash] != '/') return std::nullopt;
  const std::size_t password = slash + 1;
  const std::size_t at = last_at(begin, address_.of(text_, begin));
  if (at <= password || is_placeholder(text_.substr(password, at - password))) return std::nullopt;
  return TextSpan{password, at};
}

std::optional<TextSpan> SecretShapes::webhook(std::size_t position) const {
  constexpr std::array kAddresses = std::to_array<std::string_view>(
      {"hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/",
       "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/",
       "outlook.office.com/webhook/", "hooks.zapier.com/hooks/catch/", "open.feishu.cn/open-apis/bot/v2/hook/",
       "open.larksuite.com/open-apis/bot/v2/hook/", "hooks.pagerduty.com/integration/", "hc-ping.com/", "webhook.site/",
       "/with/key/", "events.pagerduty.com/integration/", "hooks.glip.com/webhook/", "conda.anaconda.org/t/",
       "repo.anaconda.cloud/t/", "anaconda.org/t/"});
  const std::string_view before = text_.substr(0, position + 1);
  for (const std::string_view address : kAddresses) {
    if (position == 0 || text_[position - 1] != address[address.size() - 2] || !before.ends_with(address)) continue;
    const auto in_path = [](char c) { return is_token(c) || c == '/' || c == '@' || c == '~' || c == '%'; };
    const std::size_t size = run(text_, position + 1, in_path, kTokenMax);
    if (size >= 8) return TextSpan{position + 1, position + 1 + size};
  }
  return login_link(position);
}

// https://host/magic-link/TOKEN
std::optional<TextSpan> SecretShapes::login_link(std::size_t position) const {
  constexpr std::array kParts = std::to_array<std::string_view>(
      {"/magic",          "/magic-link",     "/magic_link",     "/magiclink",      "/magic-login",
       "/login-link",     "/passwordless",   "/reset-password", "/reset_password", "/password-reset",
       "/password_reset", "/password/reset", "/password/edit",  "/set-password",   "/set_password",
       "/invite",         "/invitation",     "/invitations",    "/activate",       "/activation",
       "/confirm-email",  "/verify-email",   "/email/verify",   "/one-time-login", "/login/token"});
  constexpr std::size_t kTokenMin = 20;
  if (position == 0) return std::nullopt;
  const std::string_view before = text_.substr(0, position);
  const bool is_part = std::any_of(kParts.begin(), kParts.end(), [&](std::string_view each) {
    return before.back() == each.back() && before.ends_with(each);
  });
  if (!is_part) return std::nullopt;
  const std::size_t size = run(text_, position + 1, is_token, 512);
  const std::string_view token = without_closers(text_.substr(position + 1, size));
  return is_opaque_value(token, kTokenMin) ? std::optional(TextSpan{position + 1, position + 1 + token.size()})
                                           : std::nullopt;
}

std::optional<TextSpan> SecretShapes::scheme_value(std::size_t position) const {
  const bool comma = position > 0 && text_[position - 1] == ',';  // Sec-WebSocket-Protocol: bearer, …
  const std::size_t end = comma ? position - 1 : position;
  if (end == 0 || (to_lower(text_[end - 1]) != 'r' && to_lower(text_[end - 1]) != 'c')) return std::nullopt;
  const bool bearer = ends_with_word(text_, end, "bearer");
  if (!bearer && !ends_with_word(text_, end, "basic")) return std::nullopt;
  constexpr std::size_t kSpacesMax = 8;
  const std::size_t begin = position + run(text_, position, is_space, kSpacesMax);
  const std::size_t size = run(text_, begin, is_bearer_value, kTokenMax);
  const std::string_view word = text_.substr(begin, size);
  if (bearer ? !is_opaque(word) : !is_basic_credential(word)) return std::nullopt;
  return is_placeholder(word) ? std::nullopt : std::optional(TextSpan{begin, begin + size});
}

// Telegram Bot API, "Authorizing your bot": a number, a colon and 35 characters.
std::optional<TextSpan> SecretShapes::telegram_token(std::size_t position) const {
  constexpr std::size_t kSize = 35;
  constexpr std::size_t kDigitsMin = 8;
  if (position < kDigitsMin || text_.substr(position + 1, 2) != "AA") return std::nullopt;
  const std::string_view digits = text_.substr(position - kDigitsMin, kDigitsMin);
  if (!std::all_of(digits.begin(), digits.end(), is_digit)) return std::nullopt;
  if (run(text_, position + 1, is_alnum_or_mark, kSize + 1) != kSize) return std::nullopt;
  return TextSpan{position + 1, position + 1 + kSize};
}

// Three parts: the id of the bot in base64, six characters, and 27 or more.
std::optional<TextSpan> SecretShapes::discord_token(std::size_t position) const {
  constexpr std::size_t kIdMin = 23;
  constexpr std::size_t kIdMax = 30;
  constexpr std::size_t kTimeSize = 6;
  constexpr std::size_t kRestMin = 27;
  const std::size_t second = position + 1 + kTimeSize;
  if (position < kIdMin || second >= text_.size() || text_[second] != '.') return std::nullopt;
  if (run(text_, position + 1, is_alnum_or_mark, kTimeSize) < kTimeSize) return std::nullopt;
  const std::size_t rest = run(text_, second + 1, is_alnum_or_mark, kTokenMax);
  std::size_t begin = position;
  while (begin > 0 && position - begin <= kIdMax && is_alnum_or_mark(text_[begin - 1])) --begin;
  const bool is_id = position - begin >= kIdMin && position - begin <= kIdMax &&
                     std::string_view("MNO").find(text_[begin]) != std::string_view::npos;
  return is_id && rest >= kRestMin ? std::optional(TextSpan{begin, second + 1 + rest}) : std::nullopt;
}

// Two hashes of 32 hexadecimal digits, as programs print them that dump the database of Windows.
std::optional<TextSpan> SecretShapes::password_database_entry(std::size_t position) const {
  constexpr std::size_t kHash = 32;
  constexpr std::size_t kBoth = 2 * kHash + 1;
  if (position < kBoth || text_.substr(position, 3) != ":::") return std::nullopt;
  const std::size_t begin = position - kBoth;
  const bool are_hashes = run(text_, begin, is_hex_digit, kHash) == kHash && text_[begin + kHash] == ':' &&
                          run(text_, begin + kHash + 1, is_hex_digit, kHash) == kHash;
  return are_hashes ? std::optional(TextSpan{begin, position}) : std::nullopt;
}

// The id of the organisation (15 or 18 characters from "00D" on), "!", and a token.
std::optional<TextSpan> SecretShapes::salesforce_session(std::size_t position) const {
  constexpr std::size_t kRestMin = 40;
  for (const std::size_t size : {std::size_t{15}, std::size_t{18}}) {
    if (position < size || !text_.substr(position - size).starts_with("00D")) continue;
    if (run(text_, position - size, is_alnum, size) < size) continue;
    const std::size_t rest = run(text_, position + 1, is_token, kTokenMax);
    if (rest >= kRestMin) return TextSpan{position - size, position + 1 + rest};
  }
  return std::nullopt;
}

// Mailchimp: 32 hexadecimal digits and the data centre.
std::optional<TextSpan> SecretShapes::mailchimp_key(std::size_t position) const {
  constexpr std::size_t kSize = 32;
  const std::string_view rest = text_.substr(position, 4);
  if (position < kSize || rest.size() < 4 || !rest.starts_with("-us") || !is_digit(rest[3])) return std::nullopt;
  const std::size_t begin = position - kSize;
  if (run(text_, begin, is_hex_digit, kSize) < kSize || (begin > 0 && is_alnum(text_[begin - 1]))) return std::nullopt;
  return TextSpan{begin, position + 3 + run(text_, position + 3, is_digit, 2)};
}

// MaxMind: six characters, 29 and "mmk", with "_" between them; `position` is that of the last "_".
std::optional<TextSpan> SecretShapes::maxmind_key(std::size_t position) const {
  constexpr std::size_t kSize = 36;
  if (position < kSize || text_.substr(position, 4) != "_mmk" || text_[position - 30] != '_') return std::nullopt;
  if (run(text_, position - kSize, is_alnum, 6) < 6 || run(text_, position - 29, is_alnum, 29) < 29)
    return std::nullopt;
  return TextSpan{position - kSize, position + 4};
}

// Microsoft marks the keys of its services at a fixed place before their end: AZDO in a token of Azure DevOps, AzFu in
// a key of Azure Functions, JQQJ99 in keys of its AI services.
std::optional<TextSpan> SecretShapes::azure_marked_key(std::size_t position) const {
  constexpr std::size_t kBeforeMin = 38;
  constexpr std::size_t kBeforeMax = 90;
  constexpr std::size_t kBehindMin = 4;
  if (position < kBeforeMin) return std::nullopt;
  const std::string_view mark = text_.substr(position - 1, 4);
  if (mark != "AZDO" && mark != "AzFu" && mark != "AzSe" && mark != "AzCa" && mark != "QQJ9") return std::nullopt;
  std::size_t begin = position - 1;
  while (begin > 0 && position - begin <= kBeforeMax && is_alnum_or_mark(text_[begin - 1])) --begin;
  const std::size_t end = position + 3 + run(text_, position + 3, is_alnum_or_mark, kBeforeMax);
  if (position - 1 - begin < kBeforeMin || end - position - 3 < kBehindMin) return std::nullopt;
  return TextSpan{begin, end + run(
                                   text_, end, [](char c) { return c == '='; }, 2)};
}

// PuTTY's private key file: "Private-Lines: N" and lines of base64.
std::optional<TextSpan> SecretShapes::putty_key(std::size_t position) const {
  constexpr std::size_t kBodyMin = 32;
  if (!ends_with_word(text_, position, "private-lines")) return std::nullopt;
  std::size_t end = position + 1;
  while (end < text_.size() && is_key_body(text_[end])) ++end;
  const std::string_view body = text_.substr(0, end);
  const std::size_t kept = body.find_last_not_of(' ') + 1;
  if (kept < position + kBodyMin) return std::nullopt;
  const std::size_t begin = skip(text_, position + 1, is_space, 4);
  return TextSpan{begin, kept};
}

// PostgreSQL's password file: host:port:database:user:password; `position` is that of the colon before the port.
std::optional<TextSpan> SecretShapes::password_file_entry(std::size_t position) const {
  constexpr std::size_t kPartMax = 64;
  if (position == 0 || !is_token(text_[position - 1])) return std::nullopt;
  const std::size_t digits = run(text_, position + 1, is_digit, 5);
  std::size_t at = position + 1 + digits;
  if (digits < 4 || at >= text_.size() || text_[at] != ':') return std::nullopt;
  for (int part = 0; part < 2; ++part) {
    const std::size_t size = run(
        text_, at + 1, [](char c) { return is_token(c) || c == '*'; }, kPartMax);
    at += 1 + size;
    if (size == 0 || at >= text_.size() || text_[at] != ':') return std::nullopt;
  }
  const std::size_t size = run(
      text_, at + 1, [](char c) { return !is_space(c) && !is_quote(c); }, kPartMax);
  const std::string_view password = text_.substr(at + 1, size);
  return is_mixed(password) && !is_placeholder(password) ? std::optional(TextSpan{at + 1, at + 1 + size})
                                                         : std::nullopt;
}

}  // namespace runledger
