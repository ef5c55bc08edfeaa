// How the log's families hold what they hold (docs/log-format.md). All keys sort as their numbers do.
#pragma once

#include <string>
#include <string_view>

#include "ledger/base/big_endian.h"
#include "ledger/rules/event.h"
#include "ledger/values/sequence.h"

namespace runledger {

class Store;

[[nodiscard]] inline std::string bytes_of(const Uuid& id) {
  return std::string(id.view());
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

// Under which the events of a scope are indexed.
[[nodiscard]] ContentDigest scope_digest(const Scope& scope);

[[nodiscard]] inline std::string scope_event_key(const ContentDigest& scope, ScopeSequence sequence) {
  std::string key(bytes_of(scope));
  append_big_endian(key, sequence.value);
  return key;
}

// In kMeta.
inline constexpr const char* kHeadKey = "head";

inline constexpr std::size_t kEventKeyBytes = 8;
inline constexpr std::size_t kRunEventKeyBytes = 16 + 4;
inline constexpr std::size_t kScopeEventKeyBytes = 16 + 8;

// The number that a key or value of at least eight bytes ends with.
[[nodiscard]] inline std::uint64_t number_at_end(std::string_view bytes) {
  return load_big_endian_64(bytes.data() + bytes.size() - sizeof(std::uint64_t));
}

// What follows throws "storage.damaged" when what is stored is not of its form.

void require_key_size(std::string_view key, std::size_t expected, std::string_view family);

// The event that an index entry points to.
[[nodiscard]] Sequence sequence_in(std::string_view value);

// As decode(), but names the event, and requires that it says of itself that it is this one.
[[nodiscard]] Envelope decode_event(Sequence sequence, std::string_view stored);

// The event that is stored at `sequence`, which must be there.
[[nodiscard]] Envelope read_event(const Store& store, Sequence sequence);

[[noreturn]] void throw_missing_event(Sequence sequence);

}  // namespace runledger
