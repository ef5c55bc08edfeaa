// Cosignatures: what witnesses add to a checkpoint whose history they have followed (C2SP's tlog-cosignature and
// tlog-witness, Ed25519).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/evidence/signed_note.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

// The public key of a witness, with its name.
struct WitnessKey {
  std::string name;  // As parse_key_name() accepts it.
  Ed25519PublicKey key;

  // The text form, NAME+ID+KEY, as that of a NoteVerifier but for the kind of signature, 4.
  [[nodiscard]] std::string format() const;
  // Accepts exactly what format() returns. Code "witness.invalid".
  [[nodiscard]] static Result<WitnessKey> parse(std::string_view text);

  friend bool operator==(const WitnessKey&, const WitnessKey&) = default;
};

struct Cosignature {
  std::string line;             // With its newline, as it stands in a note.
  std::uint64_t unix_time = 0;  // When the witness has signed, by its clock, in seconds.
};

// Returns the first cosignature of `witness` for the text of `note` among `lines`, which have the form of a note's
// signatures; nullopt when there is none that is right. Takes any lines.
[[nodiscard]] std::optional<Cosignature> find_cosignature(std::string_view note, std::string_view lines,
                                                          const WitnessKey& witness);

// Returns the signatures that `note` has after its first one: those of others than the ledger. Requires a note as
// sign_note() makes it, with or without further lines.
[[nodiscard]] std::string_view cosignatures_of(std::string_view note);

// Returns `note` with the cosignatures `lines` in place of its own ones of the same keys. It has at most one of each
// key, and as many as a note may have: the new ones come first. Requires a note as cosignatures_of() does. Lines that
// do not have the form of signatures are dropped.
[[nodiscard]] std::string with_cosignatures(std::string_view note, std::string_view lines);

// The body of a request add-checkpoint: `proof` leads from the tree over `old_size` leaves to that of `note`.
[[nodiscard]] std::string add_checkpoint_body(std::uint64_t old_size, const TreeProof& proof, std::string_view note);

}  // namespace runledger
