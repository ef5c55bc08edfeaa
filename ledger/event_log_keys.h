// The keys under which the log's families hold what they hold (docs/log-format.md). All sort as their numbers do.
#pragma once

#include <string>

#include "ledger/big_endian.h"
#include "ledger/event.h"
#include "ledger/sequence.h"

namespace runledger {

[[nodiscard]] inline std::string bytes_of(const boost::uuids::uuid& id) {
  return {reinterpret_cast<const char*>(id.data), id.size()};
}

template <std::size_t N>
[[nodiscard]] std::string bytes_of(const Digest<N>& digest) {
  return {reinterpret_cast<const char*>(digest.bytes.data()), N};
}

[[nodiscard]] inline std::string event_key(Sequence sequence) {
  std::string key;
  append_big_endian(key, sequence.value);
  return key;
}

[[nodiscard]] inline std::string run_event_key(RunId run, RunVersion version) {
  std::string key = bytes_of(run.value);
  append_big_endian(key, version.value);
  return key;
}

[[nodiscard]] inline std::string scope_event_key(const ContentDigest& scope, ScopeSequence sequence) {
  std::string key = bytes_of(scope);
  append_big_endian(key, sequence.value);
  return key;
}

inline constexpr std::size_t kEventKeyBytes = 8;
inline constexpr std::size_t kRunEventKeyBytes = 16 + 4;
inline constexpr std::size_t kScopeEventKeyBytes = 16 + 8;

}  // namespace runledger
