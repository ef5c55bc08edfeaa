// Adds the same advice to every finding: the program never repairs storage without the operator's knowledge.
#include "ledger/base/damage.h"

#include <fmt/core.h>

namespace runledger {

Damaged::Damaged(std::string_view found)
    : Failure(Remedy::kDamageFound, "storage.damaged",
              fmt::format("{}; nothing was changed: keep a copy of the data directory and restore a backup", found)),
      found_(found) {}

void throw_damaged(std::string_view what) {
  throw Damaged(what);
}

}  // namespace runledger
