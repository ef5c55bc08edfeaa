// The column families of a store, and what becomes of an error that the engine reports.
#pragma once

#include <string_view>

namespace rocksdb {
class Status;
}

namespace runledger {

enum class Family {
  kMeta,
  kEvents,
  kRunEvents,
  kScopeEvents,
  kRuns,
  kIdentities,
  kCommands,
  kHeartbeats,
  kRows,
  kRowIndexes
};
inline constexpr int kFamilyCount = 10;

// The name of a family in the database. kMeta is the one that every database has.
[[nodiscard]] const char* family_name(Family family);

// Turns a bad status into a Failure that names `doing`: "storage.damaged" for corruption, else "storage.failed".
void check(const rocksdb::Status& status, std::string_view doing);

}  // namespace runledger
