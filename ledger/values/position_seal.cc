// A sealed position is eight bytes, encrypted with AES-SIV, with what it is bound to as associated text.
#include "ledger/values/position_seal.h"

#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"

namespace runledger {

PositionSeal::PositionSeal(std::string_view secret, std::string_view purpose) : key_{hkdf_sha256(secret, purpose)} {}

std::string PositionSeal::seal(Sequence position, std::string_view bound_to) const {
  std::string text;
  append_big_endian(text, position.value);
  return format_hex(key_.seal(text, bound_to));
}

std::optional<Sequence> PositionSeal::open(const std::string& text, std::string_view bound_to) const {
  const std::optional<std::string> sealed = parse_hex(text);
  if (!sealed || sealed->size() != SivKey::kTagBytes + sizeof(std::uint64_t)) return std::nullopt;
  const std::optional<std::string> opened = key_.open(*sealed, bound_to);
  if (!opened) return std::nullopt;
  const Sequence position{load_big_endian_64(opened->data())};
  return position.value == 0 ? std::nullopt : std::optional(position);
}

}  // namespace runledger
