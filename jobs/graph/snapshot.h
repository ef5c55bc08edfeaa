// A snapshot: the assignments of a tenant's policies as a fetch found them, in a file of its own (docs/snapshots.md).
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "ledger/values/json.h"
#include "ledger/values/names.h"
#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

// What the text of a snapshot may hold.
inline constexpr JsonLimits kSnapshotLimits = {
    .bytes_max = 256UL * 1024 * 1024, .depth_max = 40, .keys_max = 20'000'000};

struct Snapshot {
  RunId run;  // The fetch, and the name of the file.
  AttemptNumber attempt;
  Scope scope;
  std::string graph_tenant_id = {};  // The directory that was asked, where it is known; [A-Za-z0-9.-].
  std::string policy_type = {};
  bool complete = true;  // False: some policies could not be fetched.
  // By policy id: its assignments, a list in canonical JSON.
  std::map<std::string, std::string> policies = {};
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Where the snapshot that an attempt makes stands. Each has a name of its own, so that an attempt that was lost and
// writes after all, at whatever moment, cannot take the place of a later one's.
[[nodiscard]] std::filesystem::path snapshot_path(const std::filesystem::path& directory, RunId run,
                                                  AttemptNumber attempt);

// Makes the directory where it is missing, but not those above it. Once it returns the file is durable; until then the
// name has what it had before, whatever happens. What earlier attempts left, finished or not, is removed then.
// Throws JobFailure "snapshot.unwritable" (retryable) and "snapshot.too_large".
void write_snapshot(const std::filesystem::path& directory, const Snapshot& snapshot);

// The snapshot of a run of this scope: the latest attempt's that made one. Throws JobFailure, never retryable:
// - "snapshot.not_found": there is none, or it is of another scope, which looks the same;
// - "snapshot.unreadable": the system refuses to give it;
// - "snapshot.damaged": it is not what was written;
// - "snapshot.format_newer": a newer version of the program has written it.
[[nodiscard]] Snapshot read_snapshot(const std::filesystem::path& directory, RunId run, const Scope& scope);

}  // namespace runledger
