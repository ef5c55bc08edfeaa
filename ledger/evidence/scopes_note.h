// The signed note of the tree of scopes, which names neither the size nor the root of the log.
//
// Its lines are the name of the key with "/scopes" after it, "root" with the root of the tree, "salt" with the salt of
// the keys of scopes, and "time" with the seconds since 1970 when it was signed. The digests are in base64. It cannot
// be taken for a checkpoint, whose second line is a number.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "ledger/evidence/signed_note.h"
#include "ledger/values/digest.h"
#include "ledger/values/time.h"

namespace runledger {

struct ScopesNote {
  Digest<32> root;
  Digest<32> salt;
  std::uint64_t unix_time = 0;  // By the ledger's clock.
  friend bool operator==(const ScopesNote&, const ScopesNote&) = default;

  // The time; requires one that open_scopes_note() has accepted.
  [[nodiscard]] Time signed_at() const { return Time{static_cast<std::int64_t>(unix_time) * kMicrosecondsPerSecond}; }
};

[[nodiscard]] std::string sign_scopes(const ScopesNote& scopes, const NoteSigner& signer);

// Returns what a note says that the newest of these keys that signed it has signed. Refuses as open_note() does, and
// with "scopes.malformed" a note that is none of the tree of scopes, or of another ledger than the key's. Takes any
// text. Requires at least one key, the newest last.
[[nodiscard]] Result<ScopesNote> open_scopes_note(std::string_view note, std::span<const NoteVerifier> keys);

}  // namespace runledger
