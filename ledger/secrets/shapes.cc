// The shapes of credentials, each with the source that describes it where there is one.
//
// The scanner of detector.cc calls one member function for each shape, at the position of one character that every
// credential of that shape contains: the J of "eyJ", the "~" of an Azure secret, the colon of "://". From there the
// function looks back for the fixed part, forward for the body, and returns the bytes of the secret or nothing.
//
// Tokens with a provider's prefix are data, not code: kPrefixes. They are found at the last character of the prefix,
// which is mostly an underscore or a hyphen. kGroups maps that character to the prefixes that end in it, a slice of
// kPrefixes, so that only a few are compared; static assertions check the grouping, and that the scanner stops at all
// of these characters. A new provider is one line in the table.
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
#include <cstdint>
#include <string>

#include "ledger/base/ascii.h"
#include "ledger/base/utf8.h"
#include "ledger/secrets/names.h"

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
bool is_hex(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

// Counts the characters from `position` on that pass the test, up to `limit`.
std::size_t run(std::string_view text, std::size_t position, CharacterTest test, std::size_t limit) {
  std::size_t size = 0;
  while (size < limit && position + size < text.size() && test(text[position + size])) ++size;
  return size;
}

// No token is longer. The scanner redacts this much of a longer run and examines the rest separately.
constexpr std::size_t kTokenMax = 4096;

struct Prefix {
  std::string_view text;
  std::size_t body_min;  // A shorter run after the prefix is prose: "ghp_ tokens".
  CharacterTest body;
};

// Grouped by their last characters.
constexpr std::array kPrefixes = std::to_array<Prefix>({
    {"rlt_", 40, is_hex},    // Our own access tokens.
    {"ghp_", 20, is_alnum},  // GitHub, personal.
    {"gho_", 20, is_alnum},  // GitHub, OAuth.
    {"ghu_", 20, is_alnum},  // GitHub, user to server.
    {"ghs_", 20, is_token},  // GitHub, server to server; newer ones hold a JWT.
    {"ghr_", 20, is_alnum},  // GitHub, refresh.
    {"github_pat_", 20, is_alnum_or_mark},
    {"sk_live_", 10, is_alnum},  // Stripe.
    {"rk_live_", 10, is_alnum},
    {"sk_test_", 10, is_alnum},
    {"rk_test_", 10, is_alnum},
    {"whsec_", 16, is_base64},
    {"npm_", 30, is_alnum},
    {"hf_", 30, is_alnum},    // Hugging Face.
    {"dop_v1_", 40, is_hex},  // DigitalOcean.
    {"doo_v1_", 40, is_hex},
    {"dckr_pat_", 20, is_alnum_or_mark},  // Docker.
    {"shpat_", 32, is_alnum},             // Shopify.
    {"shpss_", 32, is_alnum},
    {"lin_api_", 30, is_alnum},  // Linear.
    {"glpat-", 16, is_token},    // GitLab, as are the three below.
    {"glptt-", 16, is_alnum_or_mark},
    {"gldt-", 16, is_alnum_or_mark},
    {"glrt-", 16, is_token},
    {"xoxb-", 10, is_alnum_or_mark},  // Slack.
    {"xoxp-", 10, is_alnum_or_mark},
    {"xoxa-", 10, is_alnum_or_mark},
    {"xoxr-", 10, is_alnum_or_mark},
    {"xoxs-", 10, is_alnum_or_mark},
    {"xoxe-", 10, is_token},
    {"xoxc-", 10, is_alnum_or_mark},
    {"xoxd-", 10, is_token},
    {"xapp-", 10, is_alnum_or_mark},
    {"pypi-", 50, is_alnum_or_mark},
    {"sk-ant-", 20, is_alnum_or_mark},   // Anthropic.
    {"sk-proj-", 20, is_alnum_or_mark},  // OpenAI.
    {"sk-svcacct-", 20, is_alnum_or_mark},
    {"sk-admin-", 20, is_alnum_or_mark},
    {"sk-or-v1-", 40, is_hex},  // OpenRouter.
    {"AGE-SECRET-KEY-", 40, is_alnum},
    {"sk-", 40, is_alnum},
    {"GOCSPX-", 20, is_alnum_or_mark},  // Google OAuth client secret.
    {"NRAK-", 20, is_alnum},            // New Relic.
    {"PMAK-", 24, is_alnum_or_mark},    // Postman.
    {"ya29.", 20, is_token},            // Google OAuth access token.
    {"SG.", 32, is_token},              // SendGrid.
    {"hvs.", 24, is_alnum_or_mark},     // HashiCorp Vault.
    {"hvb.", 24, is_alnum_or_mark},
    {"AIza", 30, is_alnum_or_mark},  // Google API key.
    {"dapi", 32, is_hex},            // Databricks.
});

// The prefixes that end in one character: [first, last) of kPrefixes.
struct Group {
  std::uint8_t first = 0;
  std::uint8_t last = 0;
};

constexpr std::array<Group, 128> group_prefixes() {
  std::array<Group, 128> groups{};
  for (std::size_t i = 0; i < kPrefixes.size(); ++i) {
    Group& group = groups[static_cast<unsigned char>(kPrefixes[i].text.back())];
    if (group.last == 0) group.first = static_cast<std::uint8_t>(i);
    group.last = static_cast<std::uint8_t>(i + 1);
  }
  return groups;
}

constexpr std::array<Group, 128> kGroups = group_prefixes();

static_assert(std::all_of(kPrefixes.begin(), kPrefixes.end(),
                          [](const Prefix& prefix) {
                            return kPrefixEnds.find(prefix.text.back()) != std::string_view::npos;
                          }),
              "the detector stops at kPrefixEnds only");

constexpr bool is_grouped() {
  std::size_t grouped = 0;
  for (const Group& group : kGroups) grouped += static_cast<std::size_t>(group.last - group.first);
  return grouped == kPrefixes.size();
}
static_assert(is_grouped(), "prefixes with the same last character must stand together");

std::optional<TextSpan> span_of(const Prefix& prefix, std::string_view text, std::size_t body) {
  const std::size_t size = run(text, body, prefix.body, kTokenMax);
  if (size < prefix.body_min) return std::nullopt;
  return TextSpan{body - prefix.text.size(), body + size};
}

// Returns the value of a base64 digit, also of the URL alphabet, or -1 when it is not a digit.
int base64_value(char c) {
  if (is_upper(c)) return c - 'A';
  if (is_lower(c)) return c - 'a' + 26;
  if (is_digit(c)) return c - '0' + 52;
  if (c == '+' || c == '-') return 62;
  if (c == '/' || c == '_') return 63;
  return -1;
}

// Decodes whole bytes only, and stops at the first character that is not a digit.
std::string decode_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  unsigned count = 0;
  for (const char c : text) {
    const int value = base64_value(c);
    if (value < 0) break;
    bits = (bits << 6U) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count < 8) continue;
    count -= 8;
    bytes += static_cast<char>((bits >> count) & 0xFFU);
  }
  return bytes;
}

bool is_plain_text(std::string_view bytes) {
  const auto is_shown = [](char c) { return (c >= 0 && c < 0x20 ? is_space(c) : c != 0x7F); };
  return std::all_of(bytes.begin(), bytes.end(), is_shown) && is_valid_utf8(bytes);
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

// Basic authentication sends the base64 of user:password (RFC 7617). Other words after "Basic" are prose.
bool is_basic_credential(std::string_view word) {
  const std::string decoded = decode_base64(word);
  return word.size() >= 4 && decoded.find(':') != std::string::npos && is_plain_text(decoded);
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

std::optional<TextSpan> SecretShapes::prefixed_token(std::size_t position) const {
  if (position < 2) return std::nullopt;
  const std::string_view before = text_.substr(0, position + 1);
  const Group group = kGroups[static_cast<unsigned char>(before.back()) & 127U];
  for (std::size_t i = group.first; i < group.last; ++i) {
    const Prefix& prefix = kPrefixes[i];
    if (prefix.text[prefix.text.size() - 2] != before[position - 1] || !before.ends_with(prefix.text)) continue;
    if (const auto span = span_of(prefix, text_, position + 1)) return span;
  }
  return std::nullopt;
}

// AWS IAM identifiers: AKIA (long-term) and ASIA (temporary), 20 characters; the secret key has 40 of base64.
std::optional<TextSpan> SecretShapes::aws_key(std::size_t position) const {
  constexpr std::size_t kIdSize = 20;
  constexpr std::size_t kSecretSize = 40;
  constexpr std::size_t kGapMax = 4;
  if (position < 1) return std::nullopt;
  const std::size_t begin = position - 1;
  const std::string_view prefix = text_.substr(begin, 4);
  if (prefix != "AKIA" && prefix != "ASIA") return std::nullopt;
  const auto is_id = [](char c) { return is_upper(c) || is_digit(c); };
  if (run(text_, begin, is_id, kIdSize) < kIdSize) return std::nullopt;
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

// RFC 7468. When the end is missing, as in a cut text, everything after the beginning counts as the key.
std::optional<TextSpan> SecretShapes::private_key(std::size_t position) const {
  constexpr std::string_view kBegin = "-----BEGIN ";
  constexpr std::string_view kEnd = "-----END ";
  constexpr std::size_t kLabelMax = 64;
  if (text_.substr(position, kBegin.size()) != kBegin) return std::nullopt;
  const std::string_view label = text_.substr(position + kBegin.size(), kLabelMax);
  if (label.substr(0, label.find('-')).find("PRIVATE KEY") == std::string_view::npos) return std::nullopt;
  const std::size_t end = text_.find(kEnd, position + kBegin.size());
  if (end == std::string_view::npos) return TextSpan{position, text_.size()};
  const std::size_t dashes = text_.find("-----", end + kEnd.size());
  return TextSpan{position, dashes == std::string_view::npos ? text_.size() : dashes + 5};
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
  std::string_view authority = text_.substr(begin, end - begin);
  authority = authority.substr(0, authority.find_first_of("/?#"));
  const std::size_t colon = authority.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  if (authority.find('@') == std::string_view::npos && ends_in_port(authority, colon)) return std::nullopt;
  const std::size_t password = begin + colon + 1;
  const std::size_t at = last_at(begin, end);
  if (at <= password || text_.substr(password, at - password) == kRedacted) return std::nullopt;
  if (text_.substr(at).starts_with("@sha256:")) return std::nullopt;  // The digest of a container image.
  return TextSpan{password, at};
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
  if (at <= password || text_.substr(password, at - password) == kRedacted) return std::nullopt;
  return TextSpan{password, at};
}

std::optional<TextSpan> SecretShapes::webhook(std::size_t position) const {
  constexpr std::array kAddresses = std::to_array<std::string_view>(
      {"hooks.slack.com/services/", "hooks.slack.com/workflows/", "hooks.slack.com/triggers/",
       "discord.com/api/webhooks/", "discordapp.com/api/webhooks/", "webhook.office.com/webhookb2/"});
  const std::string_view before = text_.substr(0, position + 1);
  for (const std::string_view address : kAddresses) {
    if (!before.ends_with(address)) continue;
    const auto in_path = [](char c) { return is_token(c) || c == '/' || c == '@' || c == '~' || c == '%'; };
    const std::size_t size = run(text_, position + 1, in_path, kTokenMax);
    if (size >= 8) return TextSpan{position + 1, position + 1 + size};
  }
  return std::nullopt;
}

std::optional<TextSpan> SecretShapes::scheme_value(std::size_t position) const {
  if (position == 0 || (to_lower(text_[position - 1]) != 'r' && to_lower(text_[position - 1]) != 'c'))
    return std::nullopt;
  const bool bearer = ends_with_word(text_, position, "bearer");
  if (!bearer && !ends_with_word(text_, position, "basic")) return std::nullopt;
  constexpr std::size_t kSpacesMax = 8;
  const std::size_t begin = position + run(text_, position, is_space, kSpacesMax);
  const std::size_t size = run(text_, begin, is_bearer_value, kTokenMax);
  const std::string_view word = text_.substr(begin, size);
  if (bearer ? !is_opaque(word) : !is_basic_credential(word)) return std::nullopt;
  return TextSpan{begin, begin + size};
}

}  // namespace runledger
