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

// How messages call a kind of name, its codes, and its form.
struct NameKind {
  std::string_view field;
  std::string_view invalid_code;
  std::string_view secret_code;
  std::string_view expected;
  bool (*is_well_formed)(std::string_view);
};

constexpr std::string_view kScopeNameForm = "1 to 128 characters of A-Z a-z 0-9 . _ : / -";

template <class NameType>
constexpr NameKind kKindOf = {};
template <>
constexpr NameKind kKindOf<Workspace> = {"workspace", "workspace.invalid", "workspace.secret", kScopeNameForm,
                                         is_scope_name};
template <>
constexpr NameKind kKindOf<Tenant> = {"tenant", "tenant.invalid", "tenant.secret", kScopeNameForm, is_scope_name};
template <>
constexpr NameKind kKindOf<RunType> = {
    "type", "type.invalid", "type.secret",
    "lower-case words joined by dots, such as assignments.fetch, at most 64 characters",
    [](std::string_view text) { return dots_of_dotted_name(text).has_value(); }};
template <>
constexpr NameKind kKindOf<ReasonCode> = {
    "reason code", "reason_code.invalid", "reason_code.secret",
    "two or more lower-case words joined by dots, such as graph.throttled, at most 64 characters",
    [](std::string_view text) { return dots_of_dotted_name(text) >= 1; }};
template <>
constexpr NameKind kKindOf<CountKey> = {"count key", "counts.key_invalid", "counts.key_secret",
                                        "a lower-case word of a-z 0-9 _, at most 64 characters",
                                        [](std::string_view text) { return dots_of_dotted_name(text) == 0; }};
template <>
constexpr NameKind kKindOf<LabelKey> = {"label key", "label.key_invalid", "label.key_secret",
                                        "a lower-case word of a-z 0-9 _ and dots, at most 64 characters", is_label_key};

template <class NameType>
std::optional<Rejection> refuse_form(std::string_view text) {
  const NameKind& kind = kKindOf<NameType>;
  if (kind.is_well_formed(text)) return {};
  return reject(kind.invalid_code, fmt::format("{}: expected {}, found \"{}\"", kind.field, kind.expected, text));
}

}  // namespace

// The friend of Name that constructs names from checked text.
struct NameParser {
  template <class NameType>
  static Result<NameType> parse(std::string_view text) {
    if (auto refused = refuse_form<NameType>(text)) return *std::move(refused);
    if (contains_secret(text)) {
      return reject(
          kKindOf<NameType>.secret_code,
          fmt::format("{}: expected a name, found something with the shape of a credential", kKindOf<NameType>.field));
    }
    return NameType(std::string(text));
  }
};

template <class NameType>
Result<NameType> restore_name(std::string_view text, FromLog from_log) {
  if (auto refused = refuse_form<NameType>(text)) return *std::move(refused);
  return NameType(std::string(text), from_log);
}
template Result<Workspace> restore_name(std::string_view, FromLog);
template Result<Tenant> restore_name(std::string_view, FromLog);
template Result<RunType> restore_name(std::string_view, FromLog);
template Result<ReasonCode> restore_name(std::string_view, FromLog);
template Result<CountKey> restore_name(std::string_view, FromLog);
template Result<LabelKey> restore_name(std::string_view, FromLog);

Result<Workspace> parse_workspace(std::string_view text) {
  return NameParser::parse<Workspace>(text);
}
Result<Tenant> parse_tenant(std::string_view text) {
  return NameParser::parse<Tenant>(text);
}
Result<RunType> parse_run_type(std::string_view text) {
  return NameParser::parse<RunType>(text);
}
Result<ReasonCode> parse_reason_code(std::string_view text) {
  return NameParser::parse<ReasonCode>(text);
}
Result<CountKey> parse_count_key(std::string_view text) {
  return NameParser::parse<CountKey>(text);
}
Result<LabelKey> parse_label_key(std::string_view text) {
  return NameParser::parse<LabelKey>(text);
}

}  // namespace runledger
