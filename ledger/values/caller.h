// Who caused an event: the caller of the command, as far as the ledger itself can tell. An initiator, by contrast, is a
// name that the caller chose to give.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/base/enum_words.h"
#include "ledger/values/names.h"
#include "ledger/values/uuid.h"

namespace runledger {

// The words are those of "caller_kind" in exported events.
enum class CallerKind : std::uint8_t {
  kSystem,          // The ledger itself, such as when a lease ran out.
  kUser,            // A user of the operating system.
  kToken,           // An access token that is bound to no scope.
  kWorkspaceToken,  // One that is bound to a workspace.
  kTenantToken,     // One that is bound to a tenant.
  kHidden,          // Never stored: stands for a caller that the reader may not see.
};
template <>
inline constexpr auto kEnumWords<CallerKind> = enum_words<CallerKind>({{CallerKind::kSystem, "system"},
                                                                       {CallerKind::kUser, "user"},
                                                                       {CallerKind::kToken, "token"},
                                                                       {CallerKind::kWorkspaceToken, "workspace_token"},
                                                                       {CallerKind::kTenantToken, "tenant_token"},
                                                                       {CallerKind::kHidden, "operator"}});

using TokenId = UuidName<struct TokenTag>;

struct Caller {
  CallerKind kind = CallerKind::kSystem;
  std::uint32_t uid = 0;  // With kUser.
  TokenId token = {};     // With a token of any kind.
  friend bool operator==(const Caller&, const Caller&) = default;

  [[nodiscard]] bool is_token() const {
    return kind == CallerKind::kToken || kind == CallerKind::kWorkspaceToken || kind == CallerKind::kTenantToken;
  }
};

[[nodiscard]] Caller user_caller(std::uint32_t uid);
// The user who runs this process.
[[nodiscard]] Caller this_user();

// "system", "uid:1000", the id of a token, or "operator" for a hidden one.
[[nodiscard]] std::string format_caller(const Caller& caller);

// Returns the caller with the given text and kind, or nullopt when no caller has them.
[[nodiscard]] std::optional<Caller> parse_caller(std::string_view text, CallerKind kind);

// Returns `caller` as readers see it who are bound to a workspace, or to a tenant: they see the ledger itself and
// callers of their own scope. All others are hidden from them, because they would tell of what is around the scope.
[[nodiscard]] Caller seen_from_workspace(const Caller& caller);
[[nodiscard]] Caller seen_from_tenant(const Caller& caller);

}  // namespace runledger
