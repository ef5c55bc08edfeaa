// The ids are random, so their bytes do not compress, and tell nothing of whom they belonged to.
#include "ledger/evidence/erased_keys.h"

#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/evidence/lines.h"
#include "ledger/values/base64.h"

namespace runledger {
namespace {

constexpr std::size_t kIdBytes = sizeof(std::uint64_t);

}  // namespace

std::vector<SealKeyId> all_erased_keys(const LedgerEvents& events, Sequence to) {
  std::vector<SealKeyId> all;
  for (const LedgerEvents::Erasure& erasure : events.erasures()) {
    if (erasure.at > to) break;
    for (const std::uint64_t key : erasure.what.keys) all.push_back({key});
  }
  return all;
}

ErasedKeys erased_keys(const LedgerEvents& events, Sequence to) {
  std::vector<SealKeyId> all = all_erased_keys(events, to);
  ErasedKeys keys{.total = all.size(), .newest = {}};
  const std::size_t named = std::min(all.size(), kErasedKeysNamedMax);
  keys.newest.assign(all.end() - static_cast<std::ptrdiff_t>(named), all.end());
  return keys;
}

std::string format_erased_keys(const ErasedKeys& keys) {
  RUNLEDGER_ASSERT(keys.total > 0 && keys.newest.size() == std::min<std::uint64_t>(keys.total, kErasedKeysNamedMax));
  std::string ids;
  for (const SealKeyId& key : keys.newest) append_big_endian(ids, key.value);
  return fmt::format("{} {}", keys.total, format_base64(ids));
}

std::optional<ErasedKeys> parse_erased_keys(std::string_view text) {
  const std::size_t blank = text.find(' ');
  if (blank == std::string_view::npos) return std::nullopt;
  const std::optional<std::uint64_t> total = parse_decimal(text.substr(0, blank));
  const std::optional<std::string> ids = parse_base64(text.substr(blank + 1));
  if (!total || *total == 0 || !ids) return std::nullopt;
  if (ids->size() != std::min<std::uint64_t>(*total, kErasedKeysNamedMax) * kIdBytes) return std::nullopt;
  ErasedKeys keys{.total = *total, .newest = {}};
  for (std::size_t at = 0; at < ids->size(); at += kIdBytes)
    keys.newest.push_back({load_big_endian_64(ids->data() + at)});
  return keys;
}

}  // namespace runledger
