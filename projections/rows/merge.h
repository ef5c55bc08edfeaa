// Several runs of index entries read as one, newest first.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "projections/rows/families.h"

namespace runledger {

// For one thread. Requires `snapshot` for as long as it lives. Throws Failure as EventLog does.
class RowMerge {
 public:
  // The position before which every row is.
  [[nodiscard]] static Sequence newest() { return Sequence{~std::uint64_t{0}}; }

  // The entries of all `prefixes` that are older than `before`. Requires `before` greater than zero.
  RowMerge(const RowFamilies& families, const std::vector<std::string>& prefixes, Sequence before,
           const rocksdb::Snapshot* snapshot);

  [[nodiscard]] bool valid() const { return newest_ != nullptr; }
  void next();

  // Of the entry it stands at. Requires valid().
  [[nodiscard]] Sequence age() const;
  [[nodiscard]] RunId run() const;

 private:
  // The entries of one prefix. Its end must keep its place in memory while the iterator lives.
  struct Source {
    std::string end;
    std::size_t key_bytes = 0;  // Of every entry.
    rocksdb::Slice end_slice;
    std::unique_ptr<rocksdb::Iterator> iterator;
  };

  void choose_newest();

  std::vector<std::unique_ptr<Source>> sources_;
  Source* newest_ = nullptr;
};

}  // namespace runledger
