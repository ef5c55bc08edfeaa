// The JSON form of an envelope, which replay, tail and export print, and a verbatim import reads.
#pragma once

#include <string>
#include <string_view>

#include "ledger/rules/event.h"

namespace runledger {

// Returns one line without a line end, with the members in the order of docs/log-format.md:
// {"sequence":N,"event_id":…,"run_id":…,"run_version":N,"workspace_id":…,"tenant_id":…|null,"scope_sequence":N,
//  "kind":…,"recorded_at":…,"occurred_at":…|null,"imported":true (only when so),"command_id":… (only when there is
//  one),"data":{…}}
[[nodiscard]] std::string envelope_to_json(const Envelope& envelope);
// The same for a caller that knows the event's id, which saves encoding the envelope to compute it.
[[nodiscard]] std::string envelope_to_json(const Envelope& envelope, const EventId& id);

// The reverse. Checks every field as if it came from a caller, and that event_id matches the content. Does not check
// whether the event can follow other events; Sequencer::append_verbatim() does.
//
// Codes: those of ledger/values/json.h; "event.malformed" for a missing or unknown member, or a member of the wrong
// form; those of the members' values; "event.id_mismatch".
[[nodiscard]] Result<Envelope> envelope_from_json(std::string_view line);

}  // namespace runledger
