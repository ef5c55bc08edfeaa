// The parts of a request that JSON holds as objects: labels, and changes of the policy.
#pragma once

#include <optional>
#include <string>

#include "ledger/rules/ask.h"
#include "ledger/values/json_object.h"
#include "ledger/values/labels.h"

namespace runledger {

[[nodiscard]] std::string labels_to_json(const Labels& labels);

// Reads the members "labels", "traceparent" and "policy" of a request, as far as they are there. Throws Refused with
// the object's code, and with the codes of add_label().
void read_optional_members(const JsonObject& in, RunRequest& request);

}  // namespace runledger
