// The batches that can be read of a damaged file of the engine's write-ahead log.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace runledger {

// Calls `visit` with each batch of the file whose records are whole, in order, also with those after a damaged place:
// the walk goes on with the next block. check_wal() and locate_wal_damage() (ledger/log/store/wal.h) name such a place.
// Throws Failure "storage.failed" when the file cannot be read.
void read_wal_batches(const std::filesystem::path& file, const std::function<void(std::string_view batch)>& visit);

}  // namespace runledger
