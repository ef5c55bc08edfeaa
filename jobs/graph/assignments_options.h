// What the jobs on assignments are told by those who run them.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "jobs/graph/client.h"

namespace runledger {

struct AssignmentsOptions {
  GraphOptions graph;
  std::filesystem::path snapshot_directory;  // Made where it is missing, but not those above it.
  // The directory that the token is for. Kept in snapshots; one of another directory is not restored. Empty: not known.
  // [A-Za-z0-9.-]{1,128}: a UUID, or a domain name.
  std::string graph_tenant_id = {};
};

// Throws Failure (kCorrectInput), so that whoever starts a worker learns of it at once: "graph.unconfigured" without a
// token file or a directory for snapshots, "graph.base_url_invalid", "graph.tenant_id_invalid".
void require_usable(const AssignmentsOptions& options);

// From the environment: GRAPH_TOKEN_FILE and RUNLEDGER_SNAPSHOTS, and where they are set GRAPH_BASE_URL, GRAPH_CA_FILE
// and GRAPH_TENANT_ID. `variable` gives the value of one, or null. An empty one counts as none. Absent without
// GRAPH_TOKEN_FILE: nobody means these jobs to be done here.
[[nodiscard]] std::optional<AssignmentsOptions> assignments_options(
    const std::function<const char*(const char* name)>& variable);

}  // namespace runledger
