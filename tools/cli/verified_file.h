// The file that says when a ledger was last found sound.
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/values/sequence.h"
#include "ledger/values/time.h"

namespace runledger {

struct Verified {
  Time at;            // By the machine's clock.
  Sequence sequence;  // The last event that was checked.
};

// Notes it in the file "verified" of the ledger's directory, which belongs to the ledger's owner. It is no proof, only
// a reminder; a failure to write it is ignored.
void note_verified(const std::filesystem::path& ledger, const Verified& verified);
// Returns nullopt when there is no such file, or one of another form.
[[nodiscard]] std::optional<Verified> read_verified(const std::filesystem::path& ledger);

}  // namespace runledger
