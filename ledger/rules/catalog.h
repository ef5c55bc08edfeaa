// The known types of operations, each with its policy.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/names.h"
#include "ledger/values/policy.h"

namespace runledger {

enum class TypeScope : std::uint8_t { kAny, kTenant, kWorkspace };
[[nodiscard]] std::string_view to_string(TypeScope scope);  // "any", "tenant", "workspace"

struct CatalogEntry {
  RunType type;
  std::string label;  // For people; empty: show the type.
  TypeScope scope = TypeScope::kAny;
  Policy policy;
  std::vector<std::string> identity_fields;  // Top-level input fields that make the identity; empty: all.
  std::vector<CountKey> summary_keys;        // The only keys allowed in counts; empty: any.
  std::vector<std::string> outcomes;         // What its job can end with, for people; empty: any.
};

// A value; read-only once built, so any thread may use it.
class Catalog {
 public:
  Catalog() = default;

  // `{"types":[{"type":…,"label":…,"scope":"any|tenant|workspace","max_attempts":…,"backoff_seconds":…,
  // "backoff_max_seconds":…,"lease_seconds":…,"cooldown_seconds":…,"cooldown_from":"completion|request",
  // "cooldown_after":[OUTCOME…],"identity_fields":[…],"summary_keys":[…],"outcomes":[…]}]}`. Only "type" is required;
  // seconds may have fractions down to a microsecond. Unknown fields are refused. Codes: those of ledger/values/json.h,
  // "catalog.malformed", "catalog.duplicate_type" and those of the fields. `unlisted` is the policy of types that it
  // does not name.
  [[nodiscard]] static Result<Catalog> parse(std::string_view json, const Policy& unlisted);

  // Takes over the entries of `more`, in place of its own of the same types. What it has for unlisted types stays.
  void overlay(const Catalog& more);

  // The entry of `type`; for an unlisted type one of no name, with the unlisted policy, that allows everything. Lives
  // as long as the catalog.
  [[nodiscard]] const CatalogEntry& entry(const RunType& type) const;

  // Listed types, by name.
  [[nodiscard]] const std::map<RunType, CatalogEntry>& entries() const noexcept { return entries_; }

 private:
  std::map<RunType, CatalogEntry> entries_;
  CatalogEntry unlisted_;
};

}  // namespace runledger
