// Says the same advice with every finding: nothing is repaired behind the operator's back.
#include "ledger/damage.h"

#include <fmt/core.h>

#include "ledger/failure.h"

namespace runledger {

void throw_damaged(std::string_view what) {
  throw Failure(Remedy::kDamageFound, "storage.damaged",
                fmt::format("{}; nothing was changed: keep a copy of the data directory and restore a backup", what));
}

}  // namespace runledger
