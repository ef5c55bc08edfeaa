// The keys that the events of a log have erased, as a checkpoint names them: whoever has only an older copy of the
// ledger learns from it which keys must not come back.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/log/ledger_events.h"
#include "ledger/sealing/sealed_content.h"

namespace runledger {

// A checkpoint is signed every minute and kept for ever, so it does not name every key that was ever erased. Those that
// it leaves out are named by earlier checkpoints.
inline constexpr std::size_t kErasedKeysNamedMax = 256;

struct ErasedKeys {
  std::uint64_t total = 0;        // How many keys the events have erased.
  std::vector<SealKeyId> newest;  // The last of them in the order of the log: all, or kErasedKeysNamedMax.
  friend bool operator==(const ErasedKeys&, const ErasedKeys&) = default;
};

// Returns what the events up to and including the one at `to` have erased: all keys, in the order of the log.
[[nodiscard]] std::vector<SealKeyId> all_erased_keys(const LedgerEvents& events, Sequence to);
// The same as a checkpoint names it.
[[nodiscard]] ErasedKeys erased_keys(const LedgerEvents& events, Sequence to);

// Returns "TOTAL KEYS": the number, and the ids of the newest, 8 bytes each (big-endian), in base64. Requires that
// there is one at least.
[[nodiscard]] std::string format_erased_keys(const ErasedKeys& keys);
// The reverse; nullopt for another text. Takes any text.
[[nodiscard]] std::optional<ErasedKeys> parse_erased_keys(std::string_view text);

}  // namespace runledger
