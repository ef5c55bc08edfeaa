// The sources of events for folds that pass over the log several times.
#pragma once

#include <functional>
#include <string>

#include "ledger/log/event_log.h"

namespace runledger {

// Calls its argument with every event up to a fixed position, in order. It can be called again and then gives the same
// events. Events of the ledger itself are left out, because they are of no run.
using EventSource = std::function<void(const std::function<void(const Envelope&)>&)>;

// The source throws Failure "storage.damaged" where the log is not sound. All sources here throw "ledger.format_newer"
// at an event that only a newer version can have written: it may change what the others mean, so no reader skips it.
[[nodiscard]] EventSource sound_events(const EventLog& log, Sequence to);
// The source skips events that cannot be read.
[[nodiscard]] EventSource readable_events(const EventLog& log, Sequence to);

// Reports the progress of all passes together. `to` is the number of events of one pass. Returns `source` itself when
// `progress` is empty.
[[nodiscard]] EventSource with_progress(EventSource source, Sequence to,
                                        std::function<void(std::uint64_t done, std::uint64_t total)> progress);

// The damage at one position of the log: "event.missing", "event.undecodable" or "event.unreadable" (the engine cannot
// read it).
struct LogDamage {
  Sequence sequence;
  std::string code;
  std::string detail;
};

// Visits the readable events after `after` up to and including `to`, in order, and calls `damage` for every position
// that has none. `visit` gets the envelope and its stored bytes; the envelope is null when the bytes do not decode.
// Throws "ledger.format_newer" as the sources do.
void scan_with_damage(const EventLog& log, Sequence after, Sequence to,
                      const std::function<void(const Envelope* envelope, std::string_view stored)>& visit,
                      const std::function<void(const LogDamage&)>& damage);

}  // namespace runledger
