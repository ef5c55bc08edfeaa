// Where a fold that goes over the log several times gets its events from.
#pragma once

#include <functional>
#include <string>

#include "ledger/log/event_log.h"

namespace runledger {

// Gives every event up to a fixed position, in order; may be called again and gives the same again.
using EventSource = std::function<void(const std::function<void(const Envelope&)>&)>;

// Throws "storage.damaged" where the log is not sound.
[[nodiscard]] EventSource sound_events(const EventLog& log, Sequence to);
// Passes over what cannot be read.
[[nodiscard]] EventSource readable_events(const EventLog& log, Sequence to);

// Reports how far all passes have come. `to` is the number of events of one pass.
[[nodiscard]] EventSource with_progress(EventSource source, Sequence to,
                                        std::function<void(std::uint64_t done, std::uint64_t total)> progress);

// What is wrong with one place of the log: "event.missing", "event.undecodable", "event.out_of_order" (another
// event's), "event.unreadable" (the engine cannot read it).
struct LogDamage {
  Sequence sequence;
  std::string code;
  std::string detail;
};

// Visits what can be read of the log after `after` up to `to`, in order, and names every place that cannot. `visit`
// gets the envelope and its stored bytes; null instead of an envelope when they are not that of this place.
void scan_with_damage(const EventLog& log, Sequence after, Sequence to,
                      const std::function<void(const Envelope* envelope, std::string_view stored)>& visit,
                      const std::function<void(const LogDamage&)>& damage);

}  // namespace runledger
