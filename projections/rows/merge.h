// Ranges of index entries, read in the order of age, newest first: unions of them, and intersections of unions.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projections/rows/list_index.h"
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
  // Moves to the newest entry at `age` or older, unless the current one is that old.
  void seek(Sequence age);

  // The first_sequence and the run of the current entry. Require valid().
  [[nodiscard]] Sequence age() const;
  [[nodiscard]] RunId run() const;

 private:
  // The entries of one prefix. `end` and `end_slice` must not move while the iterator lives, because it refers to them.
  struct Source {
    std::string prefix;
    std::string end;
    std::size_t key_bytes = 0;  // The length of every key.
    rocksdb::Slice end_slice;
    std::unique_ptr<rocksdb::Iterator> iterator;
  };

  void choose_newest();

  std::vector<std::unique_ptr<Source>> sources_;
  Source* newest_ = nullptr;
};

// The runs that have an entry in each of several unions.
class RowIntersection {
 public:
  // As RowMerge's constructor. Requires at least one union.
  RowIntersection(const RowTable& table, const std::vector<row_index::RowUnion>& unions, Sequence before,
                  const rocksdb::Snapshot* snapshot);

  // Looks for the newest entry at `age` or older that all unions have, among at most `steps` that not all of them have,
  // and takes what it needed from `steps`. Returns false when there is none, or when `steps` are used up.
  bool find(Sequence age, std::size_t& steps);

  // Where find() has stopped: no entry between its `age` and this one is in all unions. Zero at the end.
  [[nodiscard]] Sequence age() const { return age_; }
  // The run of the entry there. Requires an age above zero.
  [[nodiscard]] RunId run() const;

 private:
  std::vector<std::unique_ptr<RowMerge>> unions_;
  Sequence age_;
};

}  // namespace runledger
