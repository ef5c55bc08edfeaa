// Rights of a caller of the daemon, and the scope in which it has them.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>

#include "ledger/base/enum_words.h"
#include "ledger/values/caller.h"
#include "ledger/values/names.h"
#include "ledger/values/rejection.h"

namespace runledger {

// Each right allows a group of actions. A caller with any of them may also see the runs, lists and totals of its scope.
//   kRequest   request runs and cancel them
//   kWork      claim, start, keep alive, finish and fail attempts
//   kAudit     read the events
//   kOperate   operate the whole ledger; counts only in a grant without a workspace
enum class Right : std::uint8_t { kRequest, kWork, kAudit, kOperate };
template <>
inline constexpr auto kEnumWords<Right> = enum_words<Right>(
    {{Right::kRequest, "request"}, {Right::kWork, "work"}, {Right::kAudit, "audit"}, {Right::kOperate, "operate"}});

// A set of rights.
class Rights {
 public:
  Rights() = default;
  Rights(std::initializer_list<Right> rights) {
    for (const Right right : rights) insert(right);
  }
  void insert(Right right) { bits_ = static_cast<std::uint8_t>(bits_ | bit(right)); }
  [[nodiscard]] bool contains(Right right) const { return (bits_ & bit(right)) != 0; }
  [[nodiscard]] bool empty() const { return bits_ == 0; }
  friend bool operator==(const Rights&, const Rights&) = default;

 private:
  static std::uint8_t bit(Right right) { return static_cast<std::uint8_t>(1U << static_cast<unsigned>(right)); }
  std::uint8_t bits_ = 0;
};

// The rights of one caller and the scope that they apply to. Invariant: a grant names a tenant only together with its
// workspace. A grant without a workspace covers the whole ledger.
struct Grant {
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  Rights rights;

  // A grant for a workspace covers the workspace itself and every tenant in it; a grant for a tenant only that tenant.
  [[nodiscard]] bool covers(const Scope& scope) const;
  // The kind of caller that a token with this grant is.
  [[nodiscard]] CallerKind token_kind() const;
  // Returns `caller` as holders of this grant see it (ledger/values/caller.h).
  [[nodiscard]] Caller shown(const Caller& caller) const;
  // Returns the rejection "access.denied" unless the grant has kOperate and covers the whole ledger: kOperate means
  // nothing within a single scope.
  [[nodiscard]] std::optional<Rejection> deny_operation() const;
  // As deny_operation() for the right kAudit. How long the whole log is says how busy other scopes are.
  [[nodiscard]] std::optional<Rejection> deny_whole_audit() const;
  // As deny_operation(), but also requires kRequest and kWork, because a journal records requests and work in every
  // scope. Code "access.denied".
  [[nodiscard]] std::optional<Rejection> deny_import() const;
  friend bool operator==(const Grant&, const Grant&) = default;
};

}  // namespace runledger
