// What the adapters that carry runs out say of them: records beside the ledger, to be compared with it.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "ledger/rules/event.h"

namespace runledger {

// Where the work stands, by its adapter. The last three have ended.
enum class AdapterStatus { kQueued, kRunning, kSucceeded, kFailed, kCancelled };

struct AdapterRecord {
  RunId run;
  SanitizedText adapter;                     // Which adapter.
  std::optional<SanitizedText> external_id;  // The adapter's own name of the work.
  AttemptNumber attempt;                     // The attempt of the run that this is about; 1 or more.
  AdapterStatus status = AdapterStatus::kQueued;
  std::optional<Time> finished_at;  // By the adapter's clock. Set exactly when the work has ended.
};

// Any number of threads may read.
class AdapterRecords {
 public:
  static constexpr std::size_t kRunsPerReadMax = 1000;

  virtual ~AdapterRecords() = default;

  // Those of `runs` (at most kRunsPerReadMax) in `workspace`, in no order; none for a run that no adapter knows. Throws
  // Failure where they cannot be read; its remedy says whether that may pass.
  [[nodiscard]] virtual std::vector<AdapterRecord> read(const Workspace& workspace, const std::vector<RunId>& runs) = 0;
};

// Where no adapter keeps records.
[[nodiscard]] std::unique_ptr<AdapterRecords> no_adapter_records();

[[nodiscard]] constexpr bool has_ended(AdapterStatus status) {
  return status >= AdapterStatus::kSucceeded;
}
[[nodiscard]] std::string_view to_string(AdapterStatus status);  // "queued", "succeeded", …
[[nodiscard]] std::optional<AdapterStatus> parse_adapter_status(std::string_view text);

}  // namespace runledger
