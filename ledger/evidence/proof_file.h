// Proofs as files, which hold everything that a reader with the verifier key needs to check them (docs/evidence.md).
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/evidence/checkpoint.h"
#include "ledger/rules/event.h"

namespace runledger {

inline constexpr std::size_t kProofBytesMax = std::size_t{64} * 1024 * 1024;

// That an event is in the tree of a checkpoint: a C2SP tlog-proof, whose extra data are the event's stored bytes.
// `sequence` is at least 1; the event is the leaf sequence - 1.
[[nodiscard]] std::string event_proof_file(std::string_view stored, Sequence sequence, const TreeProof& proof,
                                           std::string_view checkpoint);

// An event with the hashes beside its way to the root.
struct IncludedEvent {
  Sequence sequence;
  std::string stored;
  TreeProof proof;
};

// That events of one run are in the tree of a checkpoint: the first ones that the run has, without a gap.
[[nodiscard]] std::string run_proof_file(RunId run, const std::vector<IncludedEvent>& events,
                                         std::string_view checkpoint);

// That the tree of a checkpoint extends the tree of an older one.
[[nodiscard]] std::string extension_proof_file(const TreeProof& proof, std::string_view old_checkpoint,
                                               std::string_view checkpoint);

struct ProvenEvent {
  Sequence sequence;
  std::string stored;
  Checkpoint checkpoint;
};
struct ProvenExtension {
  Checkpoint old;
  Checkpoint checkpoint;
};
// The events have the versions 1, 2, 3… of the run, and each names the one before it. Later ones are not excluded.
struct ProvenRun {
  RunId run;
  std::vector<Envelope> events;  // At least one.
  Checkpoint checkpoint;
};
using Proven = std::variant<ProvenEvent, ProvenExtension, ProvenRun>;

// Returns what a file proves to a reader who trusts that only the owner of the ledger has these keys, the newest of
// them last. Each checkpoint may be signed by any of them, so that a proof leads across rotations. Refuses as
// open_checkpoint() does, with "proof.malformed" what is no such file, with "proof.wrong" a proof that does not lead to
// the root of its checkpoint, and with "proof.incomplete" events that are not those of one run from its first one on.
// Takes any text. Requires at least one key.
[[nodiscard]] Result<Proven> check_proof_file(std::string_view text, std::span<const NoteVerifier> keys);

}  // namespace runledger
