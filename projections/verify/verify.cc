// Runs every check of a ledger and collects the findings in one report.
//
// The rows take about as long as the log and the states together, and neither reads what the other checks. So a thread
// of its own checks the rows, into a report that is added at the end.
#include "projections/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <future>
#include <numeric>
#include <optional>

#include "ledger/base/failure.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/hash_tiles.h"
#include "ledger/log/scope_trees.h"
#include "projections/rows/store.h"
#include "projections/verify/log_check.h"
#include "projections/verify/state_check.h"

namespace runledger {
namespace {

// Adds up the progress of several checks, which may run side by side. Whatever a check counts, it is one part of the
// whole, like the others.
class SharedProgress {
 public:
  enum Part : std::size_t { kLog, kRunStates, kIdentityStates, kRows, kParts };

  SharedProgress(const Progress& progress, Sequence to) : progress_(progress), to_(to.value) {}

  // What a check reports to. Empty if nobody wants to know. This object must outlive it.
  Progress of(Part part) {
    if (!progress_) return {};
    return [this, part](std::uint64_t done, std::uint64_t total) {
      const double share = total == 0 ? 1.0 : static_cast<double>(std::min(done, total)) / static_cast<double>(total);
      const MutexLock lock(mutex_);
      done_[part] = static_cast<std::uint64_t>(share * static_cast<double>(to_));
      progress_(std::accumulate(done_.begin(), done_.end(), std::uint64_t{0}), kParts * to_);
    };
  }

 private:
  const Progress& progress_;
  const std::uint64_t to_;
  Mutex mutex_;
  std::array<std::uint64_t, kParts> done_ RUNLEDGER_GUARDED_BY(mutex_) = {};
};

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

void check_seal_keys(const Store& store, VerifyReport& report) {
  const SealKeys* const keys = store.seal_keys();
  if (keys == nullptr) return;
  if (!keys->retired().empty())
    report.add({"erasure.pending",
                {},
                {},
                fmt::format("expected the keys of erased content to be destroyed, found {} of them in seal.keys: the "
                            "next start of the daemon, or the next erase, completes it",
                            keys->retired().size())});
}

void catch_up(RowStore& rows, VerifyReport& report) {
  try {
    rows.catch_up();
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    report.add({"rows.stopped", rows.checkpoint().next(), {}, failure.what()});
  }
}

VerifyReport check_rows(const RowStore& rows, const Progress& progress) {
  name_thread("verify-rows");
  VerifyReport report;
  const auto add = [&report](std::string code, std::optional<RunId> run, std::string detail) {
    report.add({std::move(code), {}, run, std::move(detail)});
  };
  reported_as("rows.unreadable", report, [&] { rows.verify(add, progress); });
  return report;
}

}  // namespace

VerifyReport verify_ledger(EventLog& log, const Progress& progress) {
  VerifyReport report;
  check_seal_keys(log.store(), report);
  // The other checks read values. The checksums also cover padding, filters, and families that only remember answers.
  reported_as("tables.damaged", report, [&] { log.store().check_tables(); });
  std::optional<RowStore> rows;
  reported_as("rows.unreadable", report, [&] { rows.emplace(log); });
  if (rows) reported_as("tables.damaged", report, [&] { log.store().derived().check_tables(); });
  if (rows) catch_up(*rows, report);
  const Head head = log.head();
  const Sequence to = head.sequence;
  SharedProgress shared(progress, to);
  std::future<VerifyReport> of_rows;
  if (rows)
    of_rows = std::async(std::launch::async, [&] { return check_rows(*rows, shared.of(SharedProgress::kRows)); });
  check_log(log, head, report, shared.of(SharedProgress::kLog));
  check_run_states(log, to, report, shared.of(SharedProgress::kRunStates));
  check_identity_states(log, to, report, shared.of(SharedProgress::kIdentityStates));
  if (const auto difference = HashTiles(log.store()).find_difference(head))
    report.add({"tiles.differ", {}, {}, *difference});
  // The places of scopes are digests under the key.
  if (const auto difference =
          log.store().has_identity_key() ? ScopeTrees(log.store()).find_difference(head) : std::nullopt)
    report.add({"scopes.differ", {}, {}, *difference});
  if (rows) report.add(of_rows.get());
  return report;
}

}  // namespace runledger
