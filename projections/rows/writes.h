// Writes to the rows, collected in one piece of memory and handed over in the order of their keys.
#pragma once

#include <rocksdb/write_batch.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace runledger {

// A batch of events makes tens of thousands of short keys and values, which would cost more to allocate one by one than
// to sort. For one thread.
class RowWrites {
 public:
  // Of several puts of one key, all must have the same value; a key is either put or erased.
  void put(std::string_view key, std::string_view value) { add(key, value, false); }
  void erase(std::string_view key) { add(key, {}, true); }

  // In the order of keys, the engine finds each position next to the previous one, instead of searching for it again.
  // Throws Failure as Store does.
  void add_to(rocksdb::WriteBatch& batch);

 private:
  struct Write {
    std::size_t at = 0;  // Where the key begins; the value follows.
    std::uint32_t key_bytes = 0;
    std::uint32_t value_bytes = 0;
    bool erases = false;
  };

  void add(std::string_view key, std::string_view value, bool erases);
  [[nodiscard]] std::string_view key_of(const Write& write) const {
    return std::string_view(bytes_).substr(write.at, write.key_bytes);
  }

  std::string bytes_;
  std::vector<Write> writes_;
};

}  // namespace runledger
