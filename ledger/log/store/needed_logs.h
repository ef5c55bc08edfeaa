// Which files of the engine's own log ("write-ahead log") hold what is in no table.
#pragma once

#include <cstdint>
#include <vector>

namespace rocksdb {
class DB;
}

namespace runledger {

struct NeededLogs {
  struct File {
    std::uint64_t number = 0;
    std::uint64_t bytes = 0;
  };
  std::uint64_t from = 0;      // Files of smaller numbers are not needed. Never goes back.
  std::vector<File> complete;  // Without the newest file, which the engine still writes, and without empty ones.
};

// Returns what the database needs, as the names and sizes of its files say. Throws Failure "storage.failed".
[[nodiscard]] NeededLogs needed_logs_of(rocksdb::DB& db);

// Compares with what the database needed before. Throws "storage.damaged" when the engine asks for older files again,
// because its manifest has lost its end, or when a file that is needed is gone or shorter.
void require_logs_of(rocksdb::DB& db, const NeededLogs& before);

}  // namespace runledger
