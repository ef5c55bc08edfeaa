// The operator's options for the jobs on assignments.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "jobs/graph/client.h"

namespace runledger {

inline constexpr const char* kSnapshotsVariable = "RUNLEDGER_SNAPSHOTS";

struct AssignmentsOptions {
  GraphOptions graph;
  std::filesystem::path snapshot_directory;  // Created if it is missing, but its parent is not.
  // The Graph tenant (directory) to which the token belongs. Snapshots store it, and a snapshot of another tenant is
  // not restored. A UUID or a domain name: [A-Za-z0-9.-]{1,128}. Empty: not known.
  std::string graph_tenant_id = {};
};

// Throws Failure (kCorrectInput), so that a worker with wrong options fails when it starts, not in its first run:
// "graph.unconfigured" without a token file or a directory for snapshots, "graph.base_url_invalid",
// "graph.tenant_id_invalid".
void require_usable(const AssignmentsOptions& options);

// Reads the options from the environment: GRAPH_TOKEN_FILE and kSnapshotsVariable and, if they are set,
// GRAPH_BASE_URL, GRAPH_CA_FILE and GRAPH_TENANT_ID. `variable` returns the value of a variable, or null. An empty
// value counts as unset. Absent: GRAPH_TOKEN_FILE is unset, so this worker is not meant to run these jobs. The result
// is not checked.
[[nodiscard]] std::optional<AssignmentsOptions> assignments_options(
    const std::function<const char*(const char* name)>& variable);

}  // namespace runledger
