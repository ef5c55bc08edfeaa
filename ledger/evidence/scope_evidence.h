// The evidence of one scope as a file: all of its events, and the proof that it has no others (docs/evidence.md).
//
// The file has these lines, and nothing that depends on other scopes but the hashes and the note:
//   runledger/scope-evidence@v1
//   workspace WORKSPACE
//   tenant TENANT                 left out for the workspace itself
//   events NUMBER
//   extra BASE64                  the stored bytes of each event, in the order of the scope
//   an empty line
//   nonce BASE64
//   beside KEY VALUE              for each other scope at the same place: almost never
//   32 lines of hashes
//   an empty line, and the note of the tree of scopes
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/evidence/lines.h"
#include "ledger/evidence/scopes_note.h"
#include "ledger/log/scope_trees.h"
#include "ledger/rules/event.h"

namespace runledger {

inline constexpr std::string_view kScopeEvidenceLine = "runledger/scope-evidence@v1";

// What a file has before and after the events.
struct ScopeEvidence {
  Scope scope;
  IncludedScope included;
  std::string note;
};

[[nodiscard]] std::string evidence_start(const ScopeEvidence& evidence);
// Requires that the stored bytes are those of the scope's next event.
[[nodiscard]] std::string evidence_event(std::string_view stored);
[[nodiscard]] std::string evidence_end(const ScopeEvidence& evidence);

// What a file proves.
struct ProvenScope {
  Scope scope;
  TreeHead events;             // All that the scope had when the note was signed: at least one.
  std::uint64_t runs = 0;      // How many runs they are of.
  Time first_at;               // When the first and the last event were recorded.
  Time last_at;                //
  std::uint64_t restored = 0;  // How often the numbers of the events jump, as they do when a ledger is restored.
  std::string origin;          // The name of the ledger's key.
  ScopesNote note;
};

struct ScopeEvidenceChecks {
  // Called for each event before it is known whether the file proves it; its sequence is its number in the scope.
  // May be empty.
  std::function<void(const Envelope& event, std::string_view stored)> visit = {};
  // What an earlier file of the scope has proven, which this one must extend.
  std::optional<ProvenScope> earlier = {};
};

// Returns what a file proves to a reader who trusts that only the owner of the ledger has these keys, the newest of
// them last. Refuses as open_scopes_note() does, and with
//   "proof.malformed"     what is no such file
//   "proof.incomplete"    another number of events than the file says, or events that do not follow one another
//   "proof.wrong"         events or hashes that do not lead to the root in the note: one is missing, added or changed
//   "proof.other_scope"   a file of another scope or ledger than the earlier one
//   "proof.not_extended"  a file whose first events are not those of the earlier one
// Takes any lines; memory grows with the number of runs. Requires at least one key.
[[nodiscard]] Result<ProvenScope> check_scope_evidence(const NextLine& next, std::span<const NoteVerifier> keys,
                                                       const ScopeEvidenceChecks& checks = {});

}  // namespace runledger
