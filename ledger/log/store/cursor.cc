// Wraps the iterators and point reads of the engine.
#include "ledger/log/store/cursor.h"

#include <rocksdb/db.h>

#include <utility>

namespace runledger {

Cursor::Cursor(const Store& store, Family family, const std::string& from, std::string to, Reuse reuse)
    : to_(std::move(to)), bound_(to_) {
  rocksdb::ReadOptions options;
  if (!to_.empty()) options.iterate_upper_bound = &bound_;
  options.fill_cache = reuse == Reuse::kLikely;
  iterator_.reset(store.db().NewIterator(options, store.family(family)));
  iterator_->Seek(from);
}

bool find_value(const Store& store, Family family, const std::string& key,
                const std::function<void(std::string_view)>& use) {
  rocksdb::PinnableSlice value;
  const rocksdb::Status status = store.db().Get(rocksdb::ReadOptions(), store.family(family), key, &value);
  if (status.IsNotFound()) return false;
  check(status, "reading the store");
  use(value.ToStringView());
  return true;
}

}  // namespace runledger
