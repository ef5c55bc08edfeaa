// An event in the form in which its reader may see it.
#pragma once

#include "ledger/rules/event.h"

namespace runledger {

// For a reader that is bound to a tenant, `envelope.sequence` is the position in the reader's own scope. `id` is always
// the id of the event as the log stores it.
struct VisibleEvent {
  Envelope envelope;
  EventId id;
};

}  // namespace runledger
