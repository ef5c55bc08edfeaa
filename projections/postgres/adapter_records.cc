// The records of a ledger without adapters.
#include "projections/postgres/adapter_records.h"

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

}  // namespace runledger
