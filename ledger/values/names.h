// Names that people choose. Each is checked once, when it is read.
#pragma once

#include <compare>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "ledger/base/from_log.h"
#include "ledger/values/rejection.h"

namespace runledger {

// A checked name. The rules for each kind are at its parse function below. Only a default-constructed name is empty.
template <class Tag>
class Name {
 public:
  Name() = default;
  Name(std::string stored, FromLog) : text_(std::move(stored)) {}

  [[nodiscard]] const std::string& str() const noexcept { return text_; }

  friend bool operator==(const Name&, const Name&) = default;
  friend auto operator<=>(const Name&, const Name&) = default;

 private:
  explicit Name(std::string text) : text_(std::move(text)) {}
  friend struct NameParser;  // ledger/values/names.cc

  std::string text_;
};

using Workspace = Name<struct WorkspaceTag>;
using Tenant = Name<struct TenantTag>;
using RunType = Name<struct RunTypeTag>;
using ReasonCode = Name<struct ReasonCodeTag>;
using CountKey = Name<struct CountKeyTag>;
using LabelKey = Name<struct LabelKeyTag>;

// The form is [A-Za-z0-9._:/-]{1,128}. Codes: "workspace.invalid" and "tenant.invalid" for another form,
// "workspace.secret" and "tenant.secret" for a name with the shape of a credential. The codes below are alike.
[[nodiscard]] Result<Workspace> parse_workspace(std::string_view text);
[[nodiscard]] Result<Tenant> parse_tenant(std::string_view text);

// The form is [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*, at most 64 characters. Codes: "type.invalid", "type.secret".
[[nodiscard]] Result<RunType> parse_run_type(std::string_view text);

// The form is [a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+, at most 64 characters. Codes: "reason_code.invalid",
// "reason_code.secret".
[[nodiscard]] Result<ReasonCode> parse_reason_code(std::string_view text);

// The form is [a-z][a-z0-9_]{0,63}. Codes: "counts.key_invalid", "counts.key_secret".
[[nodiscard]] Result<CountKey> parse_count_key(std::string_view text);

// The form is [a-z][a-z0-9_.]{0,63}. Codes: "label.key_invalid", "label.key_secret".
[[nodiscard]] Result<LabelKey> parse_label_key(std::string_view text);

// Restores a name of an event that was exported. Its form is checked, with the codes above, but not whether it is a
// credential: a stricter rule of a later version must not make an old event unreadable.
template <class NameType>
[[nodiscard]] Result<NameType> restore_name(std::string_view text, FromLog from_log);

// The owner of a run. A run without a tenant is housekeeping of the workspace itself.
struct Scope {
  Workspace workspace;
  std::optional<Tenant> tenant;
  friend bool operator==(const Scope&, const Scope&) = default;
  friend auto operator<=>(const Scope&, const Scope&) = default;
};

}  // namespace runledger
