// Names the families, and turns errors of the engine into failures.
#include "ledger/log/store/families.h"

#include <fmt/format.h>
#include <rocksdb/status.h>

#include "ledger/base/damage.h"
#include "ledger/base/failure.h"

namespace runledger {

void check(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return;
  const std::string what = fmt::format("{}: {}", doing, status.ToString());
  if (status.IsCorruption()) throw_damaged(what);
  throw Failure(Remedy::kCallOperator, "storage.failed", what);
}

}  // namespace runledger
