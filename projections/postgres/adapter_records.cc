// The names of the states of an adapter's work, and the records of a ledger without adapters.
#include "projections/postgres/adapter_records.h"

#include "ledger/base/assert.h"

namespace runledger {
namespace {

class NoAdapterRecords final : public AdapterRecords {
 public:
  std::vector<AdapterRecord> read(const Workspace&, const std::vector<RunId>&) override { return {}; }
};

}  // namespace

std::unique_ptr<AdapterRecords> no_adapter_records() {
  return std::make_unique<NoAdapterRecords>();
}

std::string_view to_string(AdapterStatus status) {
  switch (status) {
    case AdapterStatus::kQueued:
      return "queued";
    case AdapterStatus::kRunning:
      return "running";
    case AdapterStatus::kSucceeded:
      return "succeeded";
    case AdapterStatus::kFailed:
      return "failed";
    case AdapterStatus::kCancelled:
      return "cancelled";
  }
  RUNLEDGER_ASSERT(false);
  return "";
}

std::optional<AdapterStatus> parse_adapter_status(std::string_view text) {
  for (const AdapterStatus status : {AdapterStatus::kQueued, AdapterStatus::kRunning, AdapterStatus::kSucceeded,
                                     AdapterStatus::kFailed, AdapterStatus::kCancelled}) {
    if (to_string(status) == text) return status;
  }
  return std::nullopt;
}

}  // namespace runledger
