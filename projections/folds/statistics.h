// Totals of runs, attempts, events and dedupes, as `runledger stats` prints them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "projections/folds/operation_run.h"

namespace runledger {

// The totals of one group, which is a scope and a type. Sums of groups have the same form.
//
// The number of names that callers can choose is limited, because one caller could otherwise make everyone's totals too
// large to store or send. The names that are smallest by their bytes are kept; for the others only their total is. The
// choice depends on the set of runs alone: the total of a name never decreases, so a name that was left out once stays
// left out.
struct Statistics {
  using Totals = std::map<std::string, std::uint64_t, std::less<>>;

  static constexpr std::size_t kKeysPerGroupMax = 256;
  static constexpr std::size_t kKeysPerSumMax = 10'000;
  static constexpr std::size_t kTypesPerSumMax = 10'000;
  static constexpr std::size_t kTenantsPerSumMax = 20'000;
  static constexpr std::size_t kScopesPerSumMax = 10'000;

  std::uint64_t runs = 0;
  Totals by_status;
  Totals by_outcome;
  Totals by_type;
  Totals by_tenant;  // By the name of the tenant, of whatever workspace. Runs without a tenant are not counted here.
  Totals by_scope;   // By scope_name(); in sums only, because a group has one scope.
  std::map<std::uint32_t, std::uint64_t> by_attempts;  // Runs by the number of their attempts.
  std::uint64_t attempts = 0;
  Totals events_by_kind;
  Totals deduped;  // Deduped events by rule.
  // Sums over the completed runs of the counts that their final attempts reported, also when they are zero. They stop
  // at kSumMax, which then means "at least".
  Totals summary_counts;
  static constexpr std::uint64_t kSumMax = std::numeric_limits<std::uint64_t>::max();
  // The totals of the names that were left out.
  struct LeftOut {
    std::uint64_t by_type = 0;
    std::uint64_t by_tenant = 0;
    std::uint64_t summary_counts = 0;
    std::uint64_t by_scope = 0;
    friend bool operator==(const LeftOut&, const LeftOut&) = default;
  };
  LeftOut left_out;
  // When the ledger recorded the first request, and the newest completion with success; absent without any.
  std::optional<Time> first_requested_at;
  std::optional<Time> last_succeeded_at;
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

// The part of a row on which the totals depend. It is cheap to keep from before an event, unlike a copy of the whole
// row.
struct Standing {
  RunStatus status = RunStatus::kQueued;
  RunOutcome outcome = RunOutcome::kPending;
  AttemptNumber attempt;
};
[[nodiscard]] Standing standing(const OperationRun::Row& row);

// Updates the totals of a run's group for one event that took the run from `before` (absent: it did not exist) to the
// row `after`.
void evolve(Statistics& statistics, const std::optional<Standing>& before, const OperationRun::Row& after,
            const Envelope& envelope);

// The number of events of one run: of each kind, in the order of Event's alternatives, and of dedupes by each rule. And
// when the ledger recorded that it was completed with success, which its row does not tell.
struct EventTally {
  std::array<std::uint32_t, std::variant_size_v<Event>> by_kind{};
  std::array<std::uint32_t, static_cast<std::size_t>(DedupeRule::kNotDue) + 1> by_rule{};
  std::optional<Time> succeeded_at;
  void count(const Envelope& envelope);
};

// Adds a whole run. The totals are the same as those of evolve() event by event.
void add_run(Statistics& statistics, const OperationRun::Row& row, const EventTally& tally);

// Returns the name of a scope in Statistics::by_scope: "WORKSPACE/TENANT", or "WORKSPACE" when there is no tenant.
[[nodiscard]] std::string scope_name(std::string_view workspace, std::string_view tenant);

// Adds `part`, a group, to `sum`. The order of groups does not matter. Entries that reach zero are absent from both,
// except those of summary_counts.
void add(Statistics& sum, const Statistics& part);

}  // namespace runledger
