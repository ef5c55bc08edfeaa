// Sorts what describes the writes, and leaves their bytes where they are.
#include "projections/rows/writes.h"

#include <algorithm>

#include "ledger/log/store/store.h"
#include "projections/rows/table.h"

namespace runledger {

void RowWrites::add(std::string_view key, std::string_view value, bool erases) {
  writes_.push_back({.at = bytes_.size(),
                     .key_bytes = static_cast<std::uint32_t>(key.size()),
                     .value_bytes = static_cast<std::uint32_t>(value.size()),
                     .erases = erases});
  bytes_.append(key).append(value);
}

void RowWrites::add_to(rocksdb::WriteBatch& batch) {
  std::sort(writes_.begin(), writes_.end(), [this](const Write& a, const Write& b) { return key_of(a) < key_of(b); });
  for (const Write& write : writes_) {
    const std::string_view key = key_of(write);
    const std::string_view value = std::string_view(bytes_).substr(write.at + write.key_bytes, write.value_bytes);
    check(write.erases ? batch.Delete(slice_of(key)) : batch.Put(slice_of(key), slice_of(value)), "preparing rows");
  }
}

}  // namespace runledger
