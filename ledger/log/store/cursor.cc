// Wraps the iterators and point reads of the engine.
#include "ledger/log/store/cursor.h"

#include <rocksdb/db.h>

#include <utility>

#include "ledger/base/assert.h"
#include "ledger/log/store/settings.h"

namespace runledger {

Cursor::Cursor(const Store& store, Family family, const std::string& from, std::string to, Reuse reuse)
    : to_(std::move(to)), bound_(to_) {
  rocksdb::ReadOptions options;
  if (!to_.empty()) options.iterate_upper_bound = &bound_;
  const std::size_t hashed = hashed_key_bytes(family);
  in_order_ = hashed == 0 || from.empty() || from.substr(0, hashed) != to_.substr(0, hashed);
  options.total_order_seek = in_order_;
  options.fill_cache = reuse == Reuse::kLikely;
  iterator_.reset(store.db().NewIterator(options, store.family(family)));
  iterator_->Seek(from);
}

void Cursor::seek_back(const std::string& key) {
  RUNLEDGER_ASSERT(in_order_);  // The engine cannot go back within a bucket.
  iterator_->SeekForPrev(key);
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
