// Positions in the log as texts that only this ledger can read.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/sequence.h"
#include "ledger/values/siv.h"

namespace runledger {

// Encrypts and authenticates positions under a key of its own. A position counts the whole log, so a readable one would
// tell a tenant how much its neighbours do. A sealed one says only whether two of the same caller are equal: neither
// which is the later one nor how many events are between them. Safe from any thread.
class PositionSeal {
 public:
  // Derives the key from `secret`. Seals of different purposes do not open each other's texts.
  PositionSeal(std::string_view secret, std::string_view purpose);

  // Returns hexadecimal digits, always as many. The same position and binding always give the same text. `bound_to` may
  // not be empty: the text can be opened only with the same one.
  [[nodiscard]] std::string seal(Sequence position, std::string_view bound_to) const;

  // Returns the position, which is not zero; nullopt when `text` was not sealed here with this binding.
  [[nodiscard]] std::optional<Sequence> open(const std::string& text, std::string_view bound_to) const;

 private:
  SivKey key_;
};

}  // namespace runledger
