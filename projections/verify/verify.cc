// Runs every check of a ledger, one after the other, and collects the findings in one report.
#include "projections/verify/verify.h"

#include <algorithm>
#include <optional>

#include "ledger/base/failure.h"
#include "ledger/log/hash_tiles.h"
#include "projections/rows/store.h"
#include "projections/verify/log_check.h"
#include "projections/verify/state_check.h"

namespace runledger {
namespace {

constexpr std::uint64_t kStages = 4;

// Scales the progress of one stage to its part of the whole, whatever the stage counts.
Progress stage_progress(const Progress& progress, std::uint64_t stage, Sequence to) {
  if (!progress) return {};
  return [&progress, stage, to](std::uint64_t done, std::uint64_t total) {
    const double part = total == 0 ? 1.0 : static_cast<double>(std::min(done, total)) / static_cast<double>(total);
    const auto events = static_cast<std::uint64_t>(part * static_cast<double>(to.value));
    progress(stage * to.value + events, kStages * to.value);
  };
}

// Reports damage that ends `check` under `code`.
template <class Check>
void reported_as(std::string_view code, VerifyReport& report, const Check& check) {
  try {
    check();
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    report.add({std::string(code), {}, {}, failure.what()});
  }
}

void catch_up(RowStore& rows, VerifyReport& report) {
  try {
    rows.catch_up();
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    report.add({"rows.stopped", rows.checkpoint().next(), {}, failure.what()});
  }
}

void check_rows(const RowStore& rows, VerifyReport& report, const Progress& progress) {
  const auto add = [&report](std::string code, std::optional<RunId> run, std::string detail) {
    report.add({std::move(code), {}, run, std::move(detail)});
  };
  reported_as("rows.unreadable", report, [&] { rows.verify(add, progress); });
}

}  // namespace

VerifyReport verify_ledger(EventLog& log, const Progress& progress) {
  VerifyReport report;
  // The other checks read values. The checksums also cover padding, filters, and families that only remember answers.
  reported_as("tables.damaged", report, [&] { log.store().check_tables(); });
  std::optional<RowStore> rows;
  reported_as("rows.unreadable", report, [&] { rows.emplace(log); });
  if (rows) reported_as("tables.damaged", report, [&] { log.store().derived().check_tables(); });
  if (rows) catch_up(*rows, report);
  const Head head = log.head();
  const Sequence to = head.sequence;
  check_log(log, head, report, stage_progress(progress, 0, to));
  check_run_states(log, to, report, stage_progress(progress, 1, to));
  check_identity_states(log, to, report, stage_progress(progress, 2, to));
  if (rows) check_rows(*rows, report, stage_progress(progress, 3, to));
  if (const auto difference = HashTiles(log.store()).find_difference(head))
    report.add({"tiles.differ", {}, {}, *difference});
  return report;
}

}  // namespace runledger
