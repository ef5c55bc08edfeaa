// The runs of the ledger as the metrics show them: by status, and by the types of the catalog.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "ledger/rules/catalog.h"
#include "projections/rows/store.h"

namespace runledger {

// The runs of one type of the catalog.
struct TypeStanding {
  std::string type;
  std::map<std::string, std::uint64_t, std::less<>> completed;  // By outcome, with every outcome of a completed run.
  std::optional<Time> last_succeeded_at;                        // By the time at which the ledger recorded it.
  std::optional<std::uint64_t> overdue_scopes;                  // Absent when the catalog expects nothing of the type.
  // Shares of the runs that were completed in the last hour, and how long these took from their first attempt at most.
  std::vector<std::pair<double, Duration>> durations;
};

struct RunStanding {
  std::map<std::string, std::uint64_t, std::less<>> by_status;  // Keyed by the words of RunStatus.
  // Types with runs, and those of which a success is expected. A type that the catalog does not list counts as
  // kOtherType, and so do those beyond kTypesMax listed ones, so that callers cannot make the metrics larger.
  std::vector<TypeStanding> types;
  std::optional<Time> oldest_due;  // Since when the queued run that has been due for longest has been due.
};
inline constexpr char kOtherType[] = "other";
inline constexpr std::size_t kTypesMax = 200;

// Reads the totals of each scope and type once, and for each type the roll-ups of an hour. Throws Failure as RowStore
// does.
[[nodiscard]] RunStanding run_standing(const RowStore& rows, const Catalog& catalog, Time now);

}  // namespace runledger
