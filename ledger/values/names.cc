// Checks the names that people choose: the form first, then that the name is not a credential.
#include "ledger/values/names.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/ascii.h"
#include "ledger/secrets/detector.h"

namespace runledger {
namespace {

bool is_scope_name(std::string_view text) {
  const auto may_stand = [](char c) {
    return is_alnum(c) || std::string_view("._:/-").find(c) != std::string_view::npos;
  };
  return !text.empty() && text.size() <= 128 && std::all_of(text.begin(), text.end(), may_stand);
}

// Returns the number of dots in a name of the form [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*, at most 64 characters; nullopt,
// which compares as less than every number, for another form.
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

bool is_label_key(std::string_view text) {
  const auto may_stand = [](char c) { return is_lower(c) || is_digit(c) || c == '_' || c == '.'; };
  return !text.empty() && text.size() <= 64 && is_lower(text.front()) &&
         std::all_of(text.begin(), text.end(), may_stand);
}

// How messages call a kind of name, its codes, and its expected form.
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
constexpr NameKind kLabelKeyKind{"label key", "label.key_invalid", "label.key_secret",
                                 "a lower-case word of a-z 0-9 _ and dots, at most 64 characters"};

}  // namespace

// The friend of Name that constructs names from checked text.
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

Result<LabelKey> parse_label_key(std::string_view text) {
  return NameParser::parse<LabelKey>(kLabelKeyKind, text, is_label_key(text));
}

}  // namespace runledger
