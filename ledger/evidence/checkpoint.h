// Checkpoints: signed notes that name the size and the root of a ledger's tree (C2SP's tlog-checkpoint).
//
// Two extension lines follow the root. "runledger/scopes ROOT" names the root of the tree of scopes over the same
// events, in base64. "runledger/erased TOTAL KEYS", which is left out while nothing was erased, names the keys that
// these events have erased (ledger/evidence/erased_keys.h).
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "ledger/evidence/erased_keys.h"
#include "ledger/evidence/signed_note.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

struct Checkpoint {
  std::string origin;  // The name of the ledger, which is also the name of the key that signs.
  TreeHead tree;
  std::optional<Digest<32>> scopes = {};  // The root of the tree of scopes (ledger/log/scope_trees.h).
  std::optional<ErasedKeys> erased = {};  // Absent when nothing was erased, or an older program signed it.
  friend bool operator==(const Checkpoint&, const Checkpoint&) = default;
};

// Returns the text of a checkpoint, which is what is signed.
[[nodiscard]] std::string checkpoint_text(const TreeHead& tree, const std::string& origin,
                                          const std::optional<Digest<32>>& scopes = {}, const ErasedKeys& erased = {});

// Returns the note in which `signer` says that its ledger has this tree, this tree of scopes if it is given, and has
// erased these keys.
[[nodiscard]] std::string sign_checkpoint(const TreeHead& tree, const NoteSigner& signer,
                                          const std::optional<Digest<32>>& scopes = {}, const ErasedKeys& erased = {});

// Returns the checkpoint in a note that `verifier` has signed. Refuses as open_note() does, with "checkpoint.malformed"
// a note that is no checkpoint, and with "checkpoint.other_origin" one of another ledger than the key's.
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, const NoteVerifier& verifier);
// The same for a ledger whose key was rotated: by the newest of its keys that has signed the note. Requires at least
// one key, the newest last.
[[nodiscard]] Result<Checkpoint> open_checkpoint(std::string_view note, std::span<const NoteVerifier> keys);

}  // namespace runledger
