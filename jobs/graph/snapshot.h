// Snapshot files: the assignments of a tenant's policies as a fetch found them (docs/snapshots.md).
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "ledger/values/json.h"
#include "ledger/values/names.h"
#include "ledger/values/sequence.h"
#include "ledger/values/uuid.h"

namespace runledger {

// The limits for the JSON text of a snapshot.
inline constexpr JsonLimits kSnapshotLimits = {
    .bytes_max = 256UL * 1024 * 1024, .depth_max = 40, .keys_max = 20'000'000, .numbers = JsonNumbers::kRounded};

struct Snapshot {
  RunId run;  // The run that fetched it. Run and attempt make up the name of the file.
  AttemptNumber attempt;
  Scope scope;
  std::string graph_tenant_id = {};  // The Graph tenant that was read; [A-Za-z0-9.-]. Empty: not known.
  std::string policy_type = {};
  bool complete = true;  // False: some policies could not be fetched.
  // The assignments of each policy, by its id: a list in canonical JSON.
  std::map<std::string, std::string> policies = {};
  friend bool operator==(const Snapshot&, const Snapshot&) = default;
};

// Returns the path of the snapshot that an attempt writes. Every attempt has a path of its own, so that an attempt that
// was lost, but still writes at some moment, cannot replace the snapshot of a later attempt.
[[nodiscard]] std::filesystem::path snapshot_path(const std::filesystem::path& directory, RunId run,
                                                  AttemptNumber attempt);

// Writes the file, durably and atomically: when this returns the file is durable, and until then the path holds what it
// held before, whatever happens. Then it removes the files that earlier attempts of the run left, finished or not. It
// creates the directory if it is missing, but not its parent. Throws JobFailure "snapshot.unwritable" (retryable) and
// "snapshot.too_large" (not retryable).
void write_snapshot(const std::filesystem::path& directory, const Snapshot& snapshot);

// Reads the snapshot of a run in this scope, from the latest attempt that wrote one. Throws JobFailure, not retryable:
// - "snapshot.not_found": there is no snapshot, or it belongs to another scope; a caller cannot tell these apart;
// - "snapshot.unreadable": the system refuses to read it;
// - "snapshot.damaged": the file does not hold what was written, or is too large;
// - "snapshot.format_newer": a newer version of the program wrote it.
[[nodiscard]] Snapshot read_snapshot(const std::filesystem::path& directory, RunId run, const Scope& scope);

}  // namespace runledger
