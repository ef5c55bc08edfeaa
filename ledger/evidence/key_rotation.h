// Rotations of an audit key: checkpoints in which the old key names the new one, signed by both.
//
// A rotation is a checkpoint with the line "runledger/rotation OLD-KEY NEW-KEY" after its root. The file of a ledger's
// rotations has the line "runledger/rotations@v1" and, for each rotation, an empty line and its note, the oldest first.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/evidence/checkpoint.h"

namespace runledger {

struct KeyRotation {
  NoteVerifier from;
  NoteVerifier to;
  Checkpoint checkpoint;  // The events that the old key has signed at most; the new key goes on from there.
  std::string note;
};

// Returns the note in which `from` names `to`. Requires that both have the same name.
[[nodiscard]] std::string sign_rotation(const TreeHead& tree, const NoteSigner& from, const NoteSigner& to);

// Adds a note of sign_rotation() to a file, which may be empty.
[[nodiscard]] std::string with_rotation(std::string_view file, std::string_view note);

// Returns the rotations of a file. Each of them is signed by both of its keys, and begins with the key to which the one
// before it leads. Codes "rotation.malformed", and those of open_checkpoint(). Takes any text; an empty one has none.
[[nodiscard]] Result<std::vector<KeyRotation>> open_rotations(std::string_view file);

// Returns `trusted` and the keys to which these rotations lead from it, the newest last.
[[nodiscard]] std::vector<NoteVerifier> keys_after(const std::vector<KeyRotation>& rotations,
                                                   const NoteVerifier& trusted);
// Returns `current` and the keys from which these rotations lead to it, the oldest first.
[[nodiscard]] std::vector<NoteVerifier> keys_before(const std::vector<KeyRotation>& rotations,
                                                    const NoteVerifier& current);

}  // namespace runledger
