// Keys that rotations lead to are trusted as much as the first one.
#include "tools/cli/trusted_keys.h"

#include "ledger/evidence/key_rotation.h"
#include "tools/cli/subcommand.h"

namespace runledger {

std::vector<NoteVerifier> require_trusted_keys(const std::string& key, const Typed& rotations) {
  const NoteVerifier trusted = need(NoteVerifier::parse(key));
  if (!rotations) return {trusted};
  return keys_after(require_sound(open_rotations(require_file(*rotations, "rotations", kNoteBytesMax))), trusted);
}

}  // namespace runledger
