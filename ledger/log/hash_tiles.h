// The hashes of the log's Merkle tree, stored as tiles, so that a proof reads a few of them however long the log is.
//
// They are the tiles of C2SP's tlog-tiles: tile N of level L holds the hashes of up to 256 neighbouring complete
// subtrees of 256^L leaves each. They follow the log with a checkpoint of their own, off the path of appends, and can
// always be made again from it (ledger/log/store/derived_store.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::size_t kTileHashes = std::size_t{1} << kTileHeight;

// Throws Failure "storage.failed" and "storage.full", and "storage.damaged" when the log itself is. catch_up() may be
// called by several threads; nothing else may be called at the same time.
class HashTiles {
 public:
  // `store` is not owned and must outlive it.
  explicit HashTiles(const Store& store) : store_(store) {}

  // Hashes the events up to `head`, a head of the store's log, that have no hashes yet. Tiles that are damaged, or that
  // do not lead to the root of `head`, are made again from the first event on. Throws "storage.damaged" when the stored
  // events do not lead to it either.
  void catch_up(const Head& head) const;

  // Removes all tiles and makes them again.
  void rebuild(const Head& head) const;

  // The number of leaves that the tiles cover. Throws "rows.damaged" when it cannot be read.
  [[nodiscard]] std::uint64_t size() const;
  // The hash of a complete subtree within size(), as a HashSource returns it. Throws "rows.damaged" when it is not
  // stored. A stored hash is not checked: whoever makes a proof of it checks the proof.
  [[nodiscard]] Digest<32> hash(unsigned level, std::uint64_t index) const;
  [[nodiscard]] HashSource source() const;

  // Compares every tile with the one above it, and the tree that they make with the log that ends with `head`. Returns
  // the first difference; nullopt when there is none, or there are no tiles. Changes nothing.
  [[nodiscard]] std::optional<std::string> find_difference(const Head& head) const;

 private:
  void follow(const Head& head) const;
  [[nodiscard]] std::string tile(unsigned level, std::uint64_t index) const;
  [[nodiscard]] std::optional<std::string> find_difference_within(std::uint64_t size) const;

  const Store& store_;
};

}  // namespace runledger
