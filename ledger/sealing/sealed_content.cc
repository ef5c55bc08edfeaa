// A sealed content is its form (1 byte), the id of its key (8 bytes, big-endian), a nonce, the ciphertext and the tag.
#include "ledger/sealing/sealed_content.h"

#include <fmt/format.h>

#include <utility>

#include "ledger/base/big_endian.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/values/deflate.h"
#include "ledger/values/digest.h"
#include "ledger/values/random_bytes.h"

namespace runledger {
namespace {

constexpr char kAsItIs = 1;
constexpr char kDeflated = 2;
constexpr std::size_t kKeyAt = 1;
constexpr std::size_t kTextAt = kKeyAt + sizeof(std::uint64_t);
constexpr std::size_t kContentBytesMax = 1024 * 1024;  // As much as any stored message may have.

}  // namespace

SealKey SealKey::random() {
  const auto id = random_bytes<8>();
  return {{load_big_endian_64(id.data())}, AesGcmKey::random()};
}

std::string seal_content(const SealKey& key, std::string_view content, std::string_view associated) {
  const std::string shorter = deflate_text(content);
  const bool deflates = shorter.size() < content.size();
  std::string sealed(1, deflates ? kDeflated : kAsItIs);
  append_big_endian(sealed, key.id.value);
  return sealed += key.key.seal(deflates ? shorter : content, associated);
}

SealKeyId key_of(std::string_view sealed) {
  if (sealed.size() < kSealBytes) throw_damaged("a sealed content is too short");
  if (sealed[0] != kAsItIs && sealed[0] != kDeflated)
    throw Failure(Remedy::kCallOperator, "ledger.format_newer",
                  fmt::format("expected a sealed content of a form that this version of the program knows, found form "
                              "{}: use a newer version of this program",
                              static_cast<unsigned>(static_cast<unsigned char>(sealed[0]))));
  return {load_big_endian_64(sealed.data() + kKeyAt)};
}

std::string open_content(const SealKey& key, std::string_view sealed, std::string_view associated) {
  std::optional<std::string> text = key.key.open(sealed.substr(kTextAt), associated);
  if (!text) throw_damaged("a sealed content is not what was sealed for its event");
  if (sealed[0] == kAsItIs) return *std::move(text);
  std::optional<std::string> content = inflate_text(*text, kContentBytesMax);
  if (!content) throw_damaged("a sealed content does not expand");
  return *std::move(content);
}

std::string format_key_id(SealKeyId id) {
  return fmt::format("{:016x}", id.value);
}

std::optional<SealKeyId> parse_key_id(std::string_view text) {
  const std::optional<Digest<8>> id = parse_digest<8>(text);
  if (!id) return std::nullopt;
  return SealKeyId{load_big_endian_64(id->bytes.data())};
}

}  // namespace runledger
