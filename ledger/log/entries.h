// The keys and values of the log's families (docs/log-format.md).
//
// Numbers in keys are big-endian, so that keys sort as their numbers do.
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

// The digest under which the events of a scope are indexed: keys of one size, however long the names are.
[[nodiscard]] ContentDigest scope_digest(const Scope& scope);

[[nodiscard]] inline std::string scope_event_key(const ContentDigest& scope, ScopeSequence sequence) {
  std::string key(bytes_of(scope));
  append_big_endian(key, sequence.value);
  return key;
}

// The digest under which the events of a workspace and of all its tenants are indexed.
[[nodiscard]] inline ContentDigest workspace_digest(const Workspace& workspace) {
  return scope_digest({.workspace = workspace, .tenant = {}});
}

[[nodiscard]] inline std::string workspace_event_key(const ContentDigest& workspace, Sequence sequence) {
  std::string key(bytes_of(workspace));
  append_big_endian(key, sequence.value);
  return key;
}

[[nodiscard]] inline std::string workspace_number(WorkspaceSequence number) {
  std::string value;
  append_big_endian(value, number.value);
  return value;
}

// The key of the head in the family kMeta.
inline constexpr const char* kHeadKey = "head";

inline constexpr std::size_t kEventKeyBytes = 8;
inline constexpr std::size_t kRunEventKeyBytes = 16 + 4;
inline constexpr std::size_t kScopeEventKeyBytes = 16 + 8;
inline constexpr std::size_t kWorkspaceEventKeyBytes = 16 + 8;

// Returns the number in the last eight bytes. Requires at least eight bytes.
[[nodiscard]] inline std::uint64_t number_at_end(std::string_view bytes) {
  return load_big_endian_64(bytes.data() + bytes.size() - sizeof(std::uint64_t));
}

// All functions below throw Failure "storage.damaged" when the stored bytes do not have the expected form.

// Requires that `key` has `expected` bytes. `family` is named in the message.
void require_key_size(std::string_view key, std::size_t expected, std::string_view family);

// Returns the sequence in the value of an index entry, which is the event that the entry points to.
[[nodiscard]] Sequence sequence_in(std::string_view value);
// Returns the number in the value of an entry of the index of workspaces.
[[nodiscard]] WorkspaceSequence workspace_number_in(std::string_view value);

// As decode() (ledger/log/codec.h) with the keys of the store, but the message names the event.
[[nodiscard]] Envelope decode_event(const Store& store, Sequence sequence, std::string_view stored);

// Returns the event that is stored at `sequence`. Throws as throw_missing_event() when no event is.
[[nodiscard]] Envelope read_event(const Store& store, Sequence sequence);

// Throws "storage.damaged" with a message that names the missing event.
[[noreturn]] void throw_missing_event(Sequence sequence);

}  // namespace runledger
