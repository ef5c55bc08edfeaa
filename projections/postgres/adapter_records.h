// The records that adapters keep about the runs that they carry out. Reconciliation compares them with the ledger.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/rules/event.h"

namespace runledger {

// The state of the work according to its adapter. Work in one of the last three states has ended.
enum class AdapterStatus { kQueued, kRunning, kSucceeded, kFailed, kCancelled };
template <>
inline constexpr auto kEnumWords<AdapterStatus> = enum_words<AdapterStatus>({
    {AdapterStatus::kQueued, "queued"},
    {AdapterStatus::kRunning, "running"},
    {AdapterStatus::kSucceeded, "succeeded"},
    {AdapterStatus::kFailed, "failed"},
    {AdapterStatus::kCancelled, "cancelled"},
});

struct AdapterRecord {
  RunId run;
  SanitizedText adapter;                          // The name of the adapter.
  std::optional<SanitizedText> external_id = {};  // The adapter's own id of the work.
  AttemptNumber attempt;                          // The attempt of the run, 1 or more.
  AdapterStatus status = AdapterStatus::kQueued;
  std::optional<Time> finished_at = {};  // By the adapter's clock. Set exactly when the work has ended.
};

// Any number of threads may read at the same time.
class AdapterRecords {
 public:
  static constexpr std::size_t kRunsPerReadMax = 1000;

  virtual ~AdapterRecords() = default;

  // The records of `runs` (at most kRunsPerReadMax) in `workspace`, in no particular order. A run that no adapter knows
  // has none. Throws Failure when they cannot be read; its remedy says whether a later call may succeed.
  [[nodiscard]] virtual std::vector<AdapterRecord> read(const Workspace& workspace, const std::vector<RunId>& runs) = 0;
};

// For ledgers whose adapters keep no records: finds none.
[[nodiscard]] std::unique_ptr<AdapterRecords> no_adapter_records();

// True for kSucceeded, kFailed and kCancelled.
[[nodiscard]] constexpr bool has_ended(AdapterStatus status) {
  return status >= AdapterStatus::kSucceeded;
}

}  // namespace runledger
