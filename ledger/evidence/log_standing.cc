// The checkpoint is read first: the log has all of its events then.
#include "ledger/evidence/log_standing.h"

#include "ledger/evidence/audit_key.h"

namespace runledger {

LogStanding standing_of(const EventLog& log) {
  const std::optional<Checkpoint> newest = last_checkpoint(log.store().directory());
  const Head head = log.head();
  return {.tree = {head.sequence.value, head.tree.root()},
          .signed_size = newest ? std::optional(newest->tree.size) : std::nullopt};
}

}  // namespace runledger
