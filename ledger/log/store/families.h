// The column families of a store, and the translation of the engine's errors.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/base/enum_words.h"

namespace rocksdb {
class Status;
}

namespace runledger {

// The families and their keys and values are described in docs/log-format.md. A store with
// families that this program does not know is refused ("ledger.format_newer"), and so is one that lacks a family
// ("storage.damaged").
enum class Family {
  kMeta,
  kEvents,
  kRunEvents,
  kScopeEvents,
  kWorkspaceEvents,
  kRuns,
  kIdentities,
  kCommands,
  kHeartbeats
};

// The names of the families in the database. kMeta is "default", the family that every RocksDB database has.
template <>
inline constexpr auto kEnumWords<Family> = enum_words<Family>({
    {Family::kMeta, "default"},
    {Family::kEvents, "events"},
    {Family::kRunEvents, "run_events"},
    {Family::kScopeEvents, "scope_events"},
    {Family::kWorkspaceEvents, "workspace_events"},
    {Family::kRuns, "runs"},
    {Family::kIdentities, "identities"},
    {Family::kCommands, "commands"},
    {Family::kHeartbeats, "heartbeats"},
});
inline constexpr int kFamilyCount = kEnumWords<Family>.size();

// Whether an earlier version had the family, whose entries can be derived from the log. Opening to write removes it.
[[nodiscard]] bool is_retired_family(std::string_view name);

// Throws Failure "ledger.format_newer" when the store at `path` has a family that this program does not know, because a
// newer one has made it. The engine would refuse it too, but with a less helpful message.
void refuse_newer_families(const std::vector<std::string>& found, const std::string& path);

// The engine protects each entry of a batch with so many bytes of checksum, until it is written.
inline constexpr std::size_t kProtectionBytesPerKey = 8;

// Returns if the status is good. Otherwise throws Failure "storage.damaged" for corruption and "storage.failed" for any
// other error. `doing` begins the message, as in "reading the store".
void check(const rocksdb::Status& status, std::string_view doing);

}  // namespace runledger
