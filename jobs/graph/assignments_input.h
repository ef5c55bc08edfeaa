// Parses the inputs of the jobs that fetch and restore assignments.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "jobs/graph/policy_collection.h"
#include "ledger/values/run_input.h"
#include "ledger/values/uuid.h"

namespace runledger {

// Each id appears once, in the order of the input. Absent: all policies.
using PolicyIds = std::optional<std::vector<std::string>>;

// {"policy_type":…,"policy_ids":[…]}. Both members are optional.
struct FetchInput {
  const PolicyCollection* collection = nullptr;
  PolicyIds policy_ids;
};

// {"snapshot_id":…,"policy_ids":[…]}. The ids are optional.
struct RestoreInput {
  RunId snapshot;
  PolicyIds policy_ids;
};

// Both throw JobFailure "assignments.input_invalid", not retryable, for an unknown member (a misspelt policy_ids would
// otherwise mean all policies), a member of the wrong type, an empty list, and an invalid id.
[[nodiscard]] FetchInput parse_fetch_input(const RunInput& input);
[[nodiscard]] RestoreInput parse_restore_input(const RunInput& input);

}  // namespace runledger
