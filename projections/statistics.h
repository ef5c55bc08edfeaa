// Totals of runs, attempts, events and dedupes: what `runledger stats` prints.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "projections/operation_run.h"

namespace runledger {

// The totals of one group, which is a scope and a type. Sums of groups are totals of larger ones.
struct Statistics {
  std::uint64_t runs = 0;
  std::map<std::string, std::uint64_t> by_status;
  std::map<std::string, std::uint64_t> by_outcome;
  std::map<std::string, std::uint64_t> by_type;
  std::map<std::string, std::uint64_t> by_tenant;      // Runs of no tenant are not in it.
  std::map<std::uint32_t, std::uint64_t> by_attempts;  // Runs by the number of attempts started.
  std::uint64_t attempts = 0;
  std::map<std::string, std::uint64_t> events_by_kind;
  std::map<std::string, std::uint64_t> deduped;         // Events by rule.
  std::map<std::string, std::uint64_t> summary_counts;  // Sums over completed runs of what their final attempts said.
  friend bool operator==(const Statistics&, const Statistics&) = default;
};

// Moves the totals of a run's group from the run's row before the event (null: it did not exist) to the row after it.
void evolve(Statistics& statistics, const OperationRun::Row* before, const OperationRun::Row& after,
            const Envelope& envelope);

// Adds `part` to `sum`. Entries that reach zero are absent, in both.
void add(Statistics& sum, const Statistics& part);

}  // namespace runledger
