// The known types of operations, each with its policy.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/rules/policy_bounds.h"
#include "ledger/values/names.h"
#include "ledger/values/run_input.h"

namespace runledger {

enum class TypeScope : std::uint8_t { kAny, kTenant, kWorkspace };
template <>
inline constexpr auto kEnumWords<TypeScope> = enum_words<TypeScope>({{TypeScope::kAny, "any"},
                                                                     {TypeScope::kTenant, "tenant"},
                                                                     {TypeScope::kWorkspace, "workspace"}});

struct CatalogEntry {
  RunType type;
  std::string label;  // Shown to people; the type is shown when it is empty.
  TypeScope scope = TypeScope::kAny;
  Policy policy;
  PolicyBounds bounds;  // How far a request may change the policy for its run.
  IdentityFields identity;
  std::vector<CountKey> summary_keys;  // The only keys allowed in counts; any when empty.
  std::vector<std::string> outcomes;   // The outcomes of its job, as documentation; any when empty.
  // How long after one success of the type another one is expected, in each scope that has requested it. Absent: no
  // success is expected at any time.
  std::optional<Duration> expect_every;
};

// A value, and read-only once it is built, so any thread may use it.
class Catalog {
 public:
  Catalog() = default;

  // Parses `{"types":[{"type":…,"label":…,"scope":"any|tenant|workspace","max_attempts":…,"backoff_seconds":…,
  // "backoff_max_seconds":…,"lease_seconds":…,"cooldown_seconds":…,"cooldown_from":"completion|request",
  // "cooldown_after":[OUTCOME…],"identity_fields":[…],"identity_sets":[…],"summary_keys":[…],"outcomes":[…],
  // "expect_every_seconds":…}]}`. Only "type" is required; seconds may have fractions down to a microsecond. The bounds
  // of a field have its name with "_min" and "_max" (ledger/rules/policy_bounds.h); one that is absent is the type's
  // own value. "identity_sets" names fields of the input, among "identity_fields" if there are any. Refuses unknown
  // fields, and bounds that leave out the type's own value. Codes: those of ledger/values/json.h, "catalog.malformed",
  // "catalog.duplicate_type" and those of the fields. `unlisted` is the policy of types that the catalog does not list.
  [[nodiscard]] static Result<Catalog> parse(std::string_view json, const Policy& unlisted);

  // Adds the entries of `more`, which replace entries of the same types. The policy for unlisted types stays.
  void overlay(const Catalog& more);

  // Says that users have types of their own which this catalog does not list. That holds until a catalog of theirs is
  // laid over it.
  void expect_unlisted() { expects_unlisted_ = true; }
  // False for a type that is most likely a slip, or whose entry was forgotten.
  [[nodiscard]] bool expects(const RunType& type) const { return expects_unlisted_ || entries_.contains(type); }

  // Returns the entry of `type`. For an unlisted type it returns an entry without a name that has the unlisted policy
  // and allows everything. The reference is valid as long as the catalog.
  [[nodiscard]] const CatalogEntry& entry(const RunType& type) const;

  // The listed types, ordered by name.
  [[nodiscard]] const std::map<RunType, CatalogEntry>& entries() const noexcept { return entries_; }

 private:
  std::map<RunType, CatalogEntry> entries_;
  CatalogEntry unlisted_;
  bool expects_unlisted_ = false;
};

}  // namespace runledger
