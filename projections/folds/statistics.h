// Totals of runs, attempts, events and dedupes: what `runledger stats` prints.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "projections/folds/operation_run.h"

namespace runledger {

// The totals of one group, which is a scope and a type. Sums of groups are totals of larger ones.
//
// Names that callers make up are limited, or one caller could make the totals of all too large to be stored or sent:
// the least ones by their bytes are kept, and of the others only what they come to. Which are kept depends on nothing
// but the set of runs, because a name that was passed over has been passed over for good: totals of names only grow.
struct Statistics {
  using Totals = std::map<std::string, std::uint64_t, std::less<>>;

  static constexpr std::size_t kKeysPerGroupMax = 256;
  static constexpr std::size_t kKeysPerSumMax = 10'000;
  static constexpr std::size_t kTypesPerSumMax = 10'000;
  static constexpr std::size_t kTenantsPerSumMax = 40'000;

  std::uint64_t runs = 0;
  Totals by_status;
  Totals by_outcome;
  Totals by_type;
  Totals by_tenant;                                    // Runs of no tenant are not in it.
  std::map<std::uint32_t, std::uint64_t> by_attempts;  // Runs by the number of attempts started.
  std::uint64_t attempts = 0;
  Totals events_by_kind;
  Totals deduped;         // Events by rule.
  Totals summary_counts;  // Sums over completed runs of what their final attempts said; they stop at 2^64 - 1.
  // What the totals of the names come to that were not kept.
  struct LeftOut {
    std::uint64_t by_type = 0;
    std::uint64_t by_tenant = 0;
    std::uint64_t summary_counts = 0;
    friend bool operator==(const LeftOut&, const LeftOut&) = default;
  };
  LeftOut left_out;
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

// What the totals know of a run: cheap to keep from before an event, where a copy of the whole row would not be.
struct Standing {
  RunStatus status = RunStatus::kQueued;
  RunOutcome outcome = RunOutcome::kPending;
  AttemptNumber attempt;
};
[[nodiscard]] Standing standing(const OperationRun::Row& row);

// Moves the totals of a run's group from where the run stood before the event (absent: it did not exist) to the row
// after it.
void evolve(Statistics& statistics, const std::optional<Standing>& before, const OperationRun::Row& after,
            const Envelope& envelope);

// How many events of each kind one run has, in the order of Event's alternatives, and how many dedupes of each rule.
struct EventTally {
  std::array<std::uint32_t, std::variant_size_v<Event>> by_kind{};
  std::array<std::uint32_t, static_cast<std::size_t>(DedupeRule::kNotCanonical) + 1> by_rule{};
  void count(const Envelope& envelope);
};

// Adds a whole run at once: the same totals that evolving them event by event gives.
void add_run(Statistics& statistics, const OperationRun::Row& row, const EventTally& tally);

// Adds `part`, a group, to `sum`; the same in any order of groups. Entries that reach zero are absent, in both.
void add(Statistics& sum, const Statistics& part);

}  // namespace runledger
