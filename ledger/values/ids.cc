// Checks, makes and prints the names of things.
#include "ledger/values/ids.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <unistd.h>

#include "ledger/base/ascii.h"
#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/secrets/detector.h"

namespace runledger {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

// The value of a hex digit in either case; negative: none.
int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_scope_name(std::string_view text) {
  for (const char c : text) {
    if (!is_alnum(c) && std::string_view("._:/-").find(c) == std::string_view::npos) return false;
  }
  return !text.empty() && text.size() <= 128;
}

// [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*, at most 64 characters. How many dots it has; absent: not of that form.
std::optional<int> dots_of_dotted_name(std::string_view text) {
  if (text.empty() || text.size() > 64) return std::nullopt;
  int dots = 0;
  bool part_begins = true;
  for (const char c : text) {
    if (part_begins) {
      if (!is_lower(c)) return std::nullopt;
      part_begins = false;
    } else if (c == '.') {
      ++dots;
      part_begins = true;
    } else if (!is_lower(c) && !is_digit(c) && c != '_') {
      return std::nullopt;
    }
  }
  return part_begins ? std::nullopt : std::optional(dots);
}

// What a name is called, and what is expected of it.
struct NameKind {
  std::string_view field;
  std::string_view invalid_code;
  std::string_view secret_code;
  std::string_view expected;
};

constexpr std::string_view kScopeNameForm = "1 to 128 characters of A-Z a-z 0-9 . _ : / -";
constexpr NameKind kWorkspaceKind{"workspace", "workspace.invalid", "workspace.secret", kScopeNameForm};
constexpr NameKind kTenantKind{"tenant", "tenant.invalid", "tenant.secret", kScopeNameForm};
constexpr NameKind kRunTypeKind{"type", "type.invalid", "type.secret",
                                "lower-case words joined by dots, such as assignments.fetch, at most 64 characters"};
constexpr NameKind kReasonCodeKind{
    "reason code", "reason_code.invalid", "reason_code.secret",
    "two or more lower-case words joined by dots, such as graph.throttled, at most 64 characters"};
constexpr NameKind kCountKeyKind{"count key", "counts.key_invalid", "counts.key_secret",
                                 "a lower-case word of a-z 0-9 _, at most 64 characters"};

}  // namespace

// Has access to the constructors of names.
struct NameParser {
  template <class NameType>
  static Result<NameType> parse(const NameKind& kind, std::string_view text, bool well_formed) {
    if (!well_formed) {
      return reject(kind.invalid_code, fmt::format("{}: expected {}, found \"{}\"", kind.field, kind.expected, text));
    }
    if (contains_secret(text)) {
      return reject(kind.secret_code,
                    fmt::format("{}: expected a name, found something with the shape of a credential", kind.field));
    }
    return NameType(std::string(text));
  }
};

Result<Workspace> parse_workspace(std::string_view text) {
  return NameParser::parse<Workspace>(kWorkspaceKind, text, is_scope_name(text));
}

Result<Tenant> parse_tenant(std::string_view text) {
  return NameParser::parse<Tenant>(kTenantKind, text, is_scope_name(text));
}

Result<RunType> parse_run_type(std::string_view text) {
  return NameParser::parse<RunType>(kRunTypeKind, text, dots_of_dotted_name(text).has_value());
}

Result<ReasonCode> parse_reason_code(std::string_view text) {
  return NameParser::parse<ReasonCode>(kReasonCodeKind, text, dots_of_dotted_name(text) >= 1);
}

Result<CountKey> parse_count_key(std::string_view text) {
  return NameParser::parse<CountKey>(kCountKeyKind, text, dots_of_dotted_name(text) == 0);
}

std::string format_uuid(const boost::uuids::uuid& value) {
  std::string text;
  text.reserve(36);
  for (std::size_t i = 0; i < sizeof(value.data); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kHexDigits[value.data[i] >> 4U];
    text += kHexDigits[value.data[i] & 15U];
  }
  return text;
}

Result<boost::uuids::uuid> parse_uuid(std::string_view text, std::string_view field) {
  const auto invalid = [&] {
    return reject(fmt::format("{}.invalid", field),
                  fmt::format("{}: expected a UUID in the form 8-4-4-4-12 hex digits, found \"{}\"", field, text));
  };
  if (text.size() != 36) return invalid();
  boost::uuids::uuid value{};
  std::size_t position = 0;
  for (unsigned char& byte : value.data) {
    if (position == 8 || position == 13 || position == 18 || position == 23) {
      if (text[position++] != '-') return invalid();
    }
    const int high = hex_value(text[position++]);
    const int low = hex_value(text[position++]);
    if (high < 0 || low < 0) return invalid();
    byte = static_cast<unsigned char>(high * 16 + low);
  }
  return value;
}

boost::uuids::uuid random_uuid() {
  boost::uuids::uuid value{};
  if (getentropy(value.data, sizeof(value.data)) != 0)
    throw Failure(Remedy::kCallOperator, "random.unavailable", "the operating system gave no random bytes");
  value.data[6] = static_cast<unsigned char>((value.data[6] & 0x0FU) | 0x40U);
  value.data[8] = static_cast<unsigned char>((value.data[8] & 0x3FU) | 0x80U);
  return value;
}

boost::uuids::uuid name_based_uuid(const boost::uuids::uuid& space, std::string_view name) {
  std::string content(reinterpret_cast<const char*>(space.data), sizeof(space.data));
  content += name;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  RUNLEDGER_ASSERT(EVP_Digest(content.data(), content.size(), digest.data(), &size, EVP_sha1(), nullptr) == 1);
  boost::uuids::uuid value{};
  RUNLEDGER_ASSERT(size >= sizeof(value.data));
  std::memcpy(value.data, digest.data(), sizeof(value.data));
  value.data[6] = static_cast<unsigned char>((value.data[6] & 0x0FU) | 0x50U);
  value.data[8] = static_cast<unsigned char>((value.data[8] & 0x3FU) | 0x80U);
  return value;
}

std::string format_hex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    text += kHexDigits[static_cast<unsigned char>(c) >> 4U];
    text += kHexDigits[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::optional<std::string> parse_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::string format_identity(const Identity& identity) {
  return format_hex({reinterpret_cast<const char*>(identity.digest.bytes.data()), identity.digest.bytes.size()});
}

Result<Identity> parse_identity(std::string_view hex) {
  const auto bytes = parse_hex(hex);
  Identity identity;
  if (!bytes || bytes->size() != identity.digest.bytes.size())
    return reject("identity.invalid", fmt::format("expected 64 hex digits, found \"{}\"", hex));
  std::memcpy(identity.digest.bytes.data(), bytes->data(), bytes->size());
  return identity;
}

}  // namespace runledger
