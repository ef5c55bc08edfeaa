// Finds the differences between the stored rows, index entries and totals and the fold of the log.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ledger/base/enum_words.h"
#include "projections/folds/event_source.h"
#include "projections/folds/fold.h"
#include "projections/rows/rebuild_report.h"
#include "projections/rows/table.h"

namespace runledger {

// One key of the row table whose value is not the expected one.
struct RowDifference {
  enum class Part { kRow, kIndex, kTotals };
  enum class Kind { kMissing, kDiffers, kExtra };

  Part part = Part::kRow;
  Kind kind = Kind::kMissing;
  std::string key;
  std::string expected = {};                          // The value that belongs there; empty with kExtra.
  std::string found = {};                             // The stored value; empty with kMissing.
  std::optional<RunId> run = {};                      // The run that it belongs to, where that is known.
  std::uint64_t RebuildReport::*counts_as = nullptr;  // Null when its run was counted before: each run counts once.
  std::string detail = {};                            // An explanation for people.
};

// The two halves of the code of a finding, such as "row_index.missing".
template <>
inline constexpr auto kEnumWords<RowDifference::Part> =
    enum_words<RowDifference::Part>({{RowDifference::Part::kRow, "row"},
                                     {RowDifference::Part::kIndex, "row_index"},
                                     {RowDifference::Part::kTotals, "statistics"}});
template <>
inline constexpr auto kEnumWords<RowDifference::Kind> =
    enum_words<RowDifference::Kind>({{RowDifference::Kind::kMissing, "missing"},
                                     {RowDifference::Kind::kDiffers, "differs"},
                                     {RowDifference::Kind::kExtra, "extra"}});

// Folds `events` and compares every byte of rows, index entries and totals, as of `snapshot`, with the result. Calls
// `visit` once for each difference. Memory holds at most `rows_max` rows (2 or more) and the totals of all scopes and
// types, which are far fewer than runs. Returns the number of runs that the events hold. Throws Failure as EventLog
// does.
std::uint64_t check_rows(const RowTable& table, const rocksdb::Snapshot* snapshot, const EventSource& events,
                         const std::function<void(const RowDifference&)>& visit,
                         std::size_t rows_max = kRowsInMemoryMax);

}  // namespace runledger
