// The sealed form of an event's content: compressed, then encrypted under a key of its tenant (docs/log-format.md).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "ledger/values/aes_gcm.h"

namespace runledger {

// Names a key of a tenant. Random, so that no two keys have the same one, in whichever ledger.
struct SealKeyId {
  std::uint64_t value = 0;
  friend auto operator<=>(const SealKeyId&, const SealKeyId&) = default;
};

struct SealKey {
  SealKeyId id;
  AesGcmKey key;
  // Throws Failure "random.unavailable".
  [[nodiscard]] static SealKey random();
};

// Returns the form, the key's id, and the content, which is compressed if that makes it shorter. `associated` says what
// event the content belongs to; it is authenticated but not included. Safe from any thread.
[[nodiscard]] std::string seal_content(const SealKey& key, std::string_view content, std::string_view associated);

// How many bytes a seal adds to a content that does not compress.
inline constexpr std::size_t kSealBytes = 1 + sizeof(SealKeyId) + AesGcmKey::kOverheadBytes;

// Return the id of the key under which a content was sealed, and the content. Throw Failure "storage.damaged" when the
// bytes are not those of seal_content() with this key and associated text; key_of() notices only a wrong length, and
// throws "ledger.format_newer" for a form that only a newer version can have written.
[[nodiscard]] SealKeyId key_of(std::string_view sealed);
[[nodiscard]] std::string open_content(const SealKey& key, std::string_view sealed, std::string_view associated);

// 16 hexadecimal digits. parse_key_id() returns nullopt for another text.
[[nodiscard]] std::string format_key_id(SealKeyId id);
[[nodiscard]] std::optional<SealKeyId> parse_key_id(std::string_view text);

}  // namespace runledger

template <>
struct std::hash<runledger::SealKeyId> {
  std::size_t operator()(const runledger::SealKeyId& id) const noexcept { return id.value; }
};
