// Gives the kind of an event its name.
#include "ledger/rules/event.h"

namespace runledger {

static_assert(std::variant_size_v<Event> == std::size(kEventKinds), "every kind of event has a name");

std::string_view kind_name(const Event& event) {
  return kEventKinds[event.index()];
}

}  // namespace runledger
