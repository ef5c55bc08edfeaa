// Several ranges of index entries, read as one in the order of age, newest first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projections/rows/table.h"

namespace runledger {

// For one thread. `table` and `snapshot` must outlive it. Throws Failure as EventLog does, and "rows.damaged" at an
// entry of an unknown form.
class RowMerge {
 public:
  // A position that every row is before.
  [[nodiscard]] static Sequence newest() { return Sequence{~std::uint64_t{0}}; }

  // Starts at the newest entry of all `prefixes` that is older than `before`, which must be greater than zero.
  RowMerge(const RowTable& table, const std::vector<std::string>& prefixes, Sequence before,
           const rocksdb::Snapshot* snapshot);

  // False after the last entry.
  [[nodiscard]] bool valid() const { return newest_ != nullptr; }
  // Moves to the next older entry. Requires valid().
  void next();

  // The first_sequence and the run of the current entry. Require valid().
  [[nodiscard]] Sequence age() const;
  [[nodiscard]] RunId run() const;

 private:
  // The entries of one prefix. `end` and `end_slice` must not move while the iterator lives, because it refers to them.
  struct Source {
    std::string end;
    std::size_t key_bytes = 0;  // The length of every key.
    rocksdb::Slice end_slice;
    std::unique_ptr<rocksdb::Iterator> iterator;
  };

  void choose_newest();

  std::vector<std::unique_ptr<Source>> sources_;
  Source* newest_ = nullptr;
};

}  // namespace runledger
