// Looks for damage in the engine's write-ahead log that the engine itself would take for a torn tail.
#pragma once

#include <cstdint>
#include <filesystem>

namespace rocksdb {
class Env;
}

namespace runledger {

// A kill or a power cut may leave half a record at the end of a log file; the engine then drops it, as it must. But it
// also drops, without a word, all that follows a record whose length or type was damaged. This tells the two apart:
// behind a torn record there is nothing, and no other length or type makes its checksum right.
//
// To be called before the store is opened. Gives back how many bytes the log files hold. Throws Failure
// "storage.damaged", which names file and offset.
std::uint64_t check_wal(rocksdb::Env& env, const std::filesystem::path& store);

// For when the engine has found a bad checksum, which it does not say the place of: throws "storage.damaged", which
// does. Returns when the damage is elsewhere.
void locate_wal_damage(rocksdb::Env& env, const std::filesystem::path& store);

}  // namespace runledger
