// Finds damage in the engine's write-ahead log that the engine itself would take for a torn tail.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rocksdb {
class Env;
}

namespace runledger {

// A kill or a power cut may leave half a record at the end of a log file; the engine then drops it, as it must. But
// after a record whose length or type was damaged, it drops everything that follows, and reports nothing. This function
// tells the two apart: nothing follows a torn record, and no other length or type makes its checksum right.
//
// Must be called before the store is opened. `store` is the database's directory. Returns the size of all log files in
// bytes. Throws Failure "storage.damaged", with the file and the offset, and "storage.failed" when a file cannot be
// read.
std::uint64_t check_wal(rocksdb::Env& env, const std::filesystem::path& store);

// Finds the place of a bad checksum that the engine has reported, because the engine does not name it. Throws Failure
// "storage.damaged" with the file and the offset; returns when the damage is not in the log files.
void locate_wal_damage(rocksdb::Env& env, const std::filesystem::path& store);

}  // namespace runledger
