// Proofs as files, which hold everything that a reader with the verifier key needs to check them (docs/evidence.md).
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "ledger/evidence/checkpoint.h"
#include "ledger/values/sequence.h"

namespace runledger {

inline constexpr std::size_t kProofBytesMax = std::size_t{4} * 1024 * 1024;

// That an event is in the tree of a checkpoint: a C2SP tlog-proof, whose extra data are the event's stored bytes.
// `sequence` is at least 1; the event is the leaf sequence - 1.
[[nodiscard]] std::string event_proof_file(std::string_view stored, Sequence sequence, const TreeProof& proof,
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
using Proven = std::variant<ProvenEvent, ProvenExtension>;

// Returns what a file proves to a reader who trusts that only the owner of the ledger has the key. Refuses as
// open_checkpoint() does, with "proof.malformed" what is no such file, and with "proof.wrong" a proof that does not
// lead to the root of its checkpoint. Takes any text.
[[nodiscard]] Result<Proven> check_proof_file(std::string_view text, const NoteVerifier& verifier);

}  // namespace runledger
