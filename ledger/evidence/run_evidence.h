// The evidence of one run as a file: all of its events, and the proof that it has no others (docs/evidence.md).
//
// It begins like the evidence of a scope (ledger/evidence/scope_evidence.h), with the line "runledger/run-evidence@v1"
// and, after the scope, a line "run" with its id. After the events and an empty line come the lines of the proof in the
// tree of the scope's runs and an empty line, a line "scope-events" with the digest of all events of the scope, and
// then nonce, proof and note as there.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/evidence/scope_evidence.h"
#include "ledger/log/scope_trees.h"

namespace runledger {

inline constexpr std::string_view kRunEvidenceLine = "runledger/run-evidence@v1";

struct RunEvidence {
  RunId run;
  std::vector<std::string> stored;  // The bytes of all of its events, in their order.
  IncludedRun included;
  ScopeEvidence scope;
};

[[nodiscard]] std::string run_evidence_file(const RunEvidence& evidence);

// All events that the run had when the note was signed.
struct ProvenWholeRun {
  RunId run;
  Scope scope;
  std::vector<Envelope> events;  // At least one. The sequence of each is its number in the scope.
  std::string origin;            // The name of the ledger's key.
  ScopesNote note;
};

// Returns what a file proves, as check_scope_evidence() does; "proof.wrong" and "proof.incomplete" are then about the
// run. Takes any text. Requires at least one key, the newest last.
[[nodiscard]] Result<ProvenWholeRun> check_run_evidence(std::string_view text, std::span<const NoteVerifier> keys);

}  // namespace runledger
