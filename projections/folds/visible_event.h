// An event as its reader may see it.
#pragma once

#include "ledger/rules/event.h"

namespace runledger {

// To a reader that is bound to a tenant `envelope.sequence` is the position in its own scope; `id` is that of the event
// as the log has it.
struct VisibleEvent {
  Envelope envelope;
  EventId id;
};

}  // namespace runledger
