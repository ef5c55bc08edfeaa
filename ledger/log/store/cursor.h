// Reading one family of the store: a range of keys in order, or one value.
#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/log/store/store.h"

namespace runledger {

// For one thread. Sees the family as it was when the cursor was made. Throws Failure as check() does.
class Cursor {
 public:
  // Whether others will read the same soon. A long scan must not push everything else out of the cache.
  enum class Reuse { kUnlikely, kLikely };

  // From `from` up to, but not including, `to`; an empty `to` is the end.
  Cursor(const Store& store, Family family, const std::string& from, std::string to, Reuse reuse);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // The entry with the greatest key up to and including `key`, else not valid.
  void seek_back(const std::string& key) { iterator_->SeekForPrev(key); }
  void next() { iterator_->Next(); }

  // False at the end.
  [[nodiscard]] bool valid() const {
    if (iterator_->Valid()) return true;
    check(iterator_->status(), "reading the store");
    return false;
  }
  // Both hold until the cursor moves. Require valid().
  [[nodiscard]] std::string_view key() const { return iterator_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const { return iterator_->value().ToStringView(); }

 private:
  std::string to_;
  rocksdb::Slice bound_;
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Gives `use` the value under `key`; false when there is none.
bool find_value(const Store& store, Family family, const std::string& key,
                const std::function<void(std::string_view)>& use);

}  // namespace runledger
