// The small files of a ledger's directory, besides its databases, its lock and what is remade: one table for all who
// copy, restore, check or remove them.
#pragma once

#include <algorithm>
#include <iterator>
#include <string_view>

#include "ledger/sealing/seal_key_file.h"

namespace runledger {

inline constexpr const char* kIdentityKeyFile = "identity.key";
inline constexpr const char* kKeptIdentityKeyFile = "identity.key.kept";
inline constexpr const char* kMarkFile = "mark";
inline constexpr const char* kCheckpointFile = "audit.checkpoint";  // The newest that the ledger has signed.
// The directory of copies (ledger/log/store/ledger_copy.h).
inline constexpr const char* kCopiesDirectory = "copies";

struct LedgerFile {
  const char* name;
  bool is_secret;           // Readable by the owner only.
  bool is_of_the_original;  // By which a ledger signs and lets callers in: another ledger with its history lacks it.
};

inline constexpr LedgerFile kLedgerFiles[] = {
    {.name = kIdentityKeyFile, .is_secret = true, .is_of_the_original = false},
    {.name = kKeptIdentityKeyFile, .is_secret = true, .is_of_the_original = false},
    {.name = kMarkFile, .is_secret = false, .is_of_the_original = false},
    // A backup lacks the next two: whoever has the keys of tenants can read what was erased since it was made.
    {.name = kSealKeysFile, .is_secret = true, .is_of_the_original = false},
    {.name = kSealMasterFile, .is_secret = true, .is_of_the_original = false},
    {.name = "audit.key", .is_secret = true, .is_of_the_original = true},
    {.name = "audit.key.next", .is_secret = true, .is_of_the_original = true},
    {.name = kCheckpointFile, .is_secret = false, .is_of_the_original = true},
    {.name = "audit.rotations", .is_secret = false, .is_of_the_original = true},
    {.name = "access-tokens", .is_secret = true, .is_of_the_original = true},
};

// Returns nullptr for a name that is not in the table.
[[nodiscard]] constexpr const LedgerFile* find_ledger_file(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kLedgerFiles), std::end(kLedgerFiles),
                                         [name](const LedgerFile& file) { return file.name == name; });
  return found == std::end(kLedgerFiles) ? nullptr : found;
}

}  // namespace runledger
