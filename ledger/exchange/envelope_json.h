// The JSON form of an envelope: what replay, tail and export print, and what a verbatim import reads.
#pragma once

#include <string>
#include <string_view>

#include "ledger/rules/event.h"

namespace runledger {

// One line without line end, members in the order of docs/log-format.md:
// {"sequence":N,"event_id":…,"run_id":…,"run_version":N,"workspace_id":…,"tenant_id":…|null,"scope_sequence":N,
//  "kind":…,"recorded_at":…,"occurred_at":…|null,"imported":true (only when so),"command_id":… (only when there is
//  one),"data":{…}}
[[nodiscard]] std::string envelope_to_json(const Envelope& envelope);
// The same, for who knows the event's id: saves making it from the stored form.
[[nodiscard]] std::string envelope_to_json(const Envelope& envelope, const EventId& id);

// The reverse. Checks every field anew, and that event_id matches the content ("event.id_mismatch").
// Codes: those of ledger/values/json.h and of the fields, "event.malformed".
[[nodiscard]] Result<Envelope> envelope_from_json(std::string_view line);

}  // namespace runledger
