// Names the families, and turns errors of the engine into failures.
#include "ledger/log/store/families.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"

namespace runledger {

const char* family_name(Family family) {
  switch (family) {
    case Family::kMeta:
      return "default";
    case Family::kEvents:
      return "events";
    case Family::kRunEvents:
      return "run_events";
    case Family::kScopeEvents:
      return "scope_events";
    case Family::kRuns:
      return "runs";
    case Family::kIdentities:
      return "identities";
    case Family::kCommands:
      return "commands";
    case Family::kHeartbeats:
      return "heartbeats";
    case Family::kRows:
      return "rows";
    case Family::kRowIndexes:
      return "row_indexes";
  }
  RUNLEDGER_ASSERT(false);
}

void check(const rocksdb::Status& status, std::string_view doing) {
  if (status.ok()) return;
  const std::string what = fmt::format("{}: {}", doing, status.ToString());
  if (status.IsCorruption()) throw_damaged(what);
  throw Failure(Remedy::kCallOperator, "storage.failed", what);
}

}  // namespace runledger
