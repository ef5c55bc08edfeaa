// Reads one family of the store: a range of keys in order, or a single value.
#pragma once

#include <rocksdb/iterator.h>
#include <rocksdb/slice.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "ledger/log/store/store.h"

namespace runledger {

// An iterator over a range of keys. It sees the family as it was when the cursor was made, whatever is written later.
// For one thread; the store must outlive it. Throws Failure as check() does (ledger/log/store/families.h).
class Cursor {
 public:
  // Whether the same entries are likely to be read again soon. A long scan should say kUnlikely, so that it does not
  // push everything else out of the block cache.
  enum class Reuse { kUnlikely, kLikely };

  // Covers the keys from `from` up to, but not including, `to`, and starts at the first. An empty `to` means the end of
  // the family.
  Cursor(const Store& store, Family family, const std::string& from, std::string to, Reuse reuse);
  Cursor(const Cursor&) = delete;
  Cursor& operator=(const Cursor&) = delete;

  // Moves to the entry with the greatest key up to and including `key`. The cursor is not valid if there is no such
  // entry. Not for a range within one bucket of a hashed write buffer (ledger/log/store/settings.h).
  void seek_back(const std::string& key);
  void next() { iterator_->Next(); }

  // False at the end of the range. Throws when the engine stopped because of an error.
  [[nodiscard]] bool valid() const {
    if (iterator_->Valid()) return true;
    check(iterator_->status(), "reading the store");
    return false;
  }
  // Both views are valid until the cursor moves. Require valid().
  [[nodiscard]] std::string_view key() const { return iterator_->key().ToStringView(); }
  [[nodiscard]] std::string_view value() const { return iterator_->value().ToStringView(); }

 private:
  std::string to_;
  rocksdb::Slice bound_;
  bool in_order_;  // The range may leave a bucket of the write buffer.
  std::unique_ptr<rocksdb::Iterator> iterator_;
};

// Calls `use` with the value under `key`, which is valid during the call. Returns false, without a call, when the key
// is not stored. Any thread may call it. Throws as check() does, and passes exceptions of `use` through.
bool find_value(const Store& store, Family family, const std::string& key,
                const std::function<void(std::string_view)>& use);

}  // namespace runledger
