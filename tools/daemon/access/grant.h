// What a caller of the daemon may do, and where.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>

#include "ledger/values/names.h"
#include "ledger/values/rejection.h"

namespace runledger {

// What each lets one do: kRequest: ask for runs and cancel them; kWork: claim, start, keep alive, finish and fail
// attempts; kAudit: read the events; kOperate: what concerns the whole ledger. Any of them lets one see runs, lists and
// totals of its scope.
enum class Right : std::uint8_t { kRequest, kWork, kAudit, kOperate };
inline constexpr Right kAllRights[] = {Right::kRequest, Right::kWork, Right::kAudit, Right::kOperate};

[[nodiscard]] std::string_view to_string(Right right);  // "request", "work", "audit", "operate"
[[nodiscard]] std::optional<Right> parse_right(std::string_view text);

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

// Invariant: a tenant only with its workspace. Without a workspace it covers the whole ledger.
struct Grant {
  std::optional<Workspace> workspace;
  std::optional<Tenant> tenant;
  Rights rights;

  [[nodiscard]] bool covers(const Scope& scope) const;
  // What concerns the whole ledger is not for a right that is bound to a scope. Code "access.denied".
  [[nodiscard]] std::optional<Rejection> deny_operation() const;
  // A journal tells of requests and of work in every scope: also needs these rights. Code "access.denied".
  [[nodiscard]] std::optional<Rejection> deny_import() const;
  friend bool operator==(const Grant&, const Grant&) = default;
};

}  // namespace runledger
