// The hashes of the log's Merkle tree, stored as tiles, so that a proof reads a few of them however long the log is.
//
// They are the tiles of C2SP's tlog-tiles: tile N of level L holds the hashes of up to 256 neighbouring complete
// subtrees of 256^L leaves each. They follow the log with a checkpoint of their own, off the path of appends, and can
// always be made again from it (ledger/log/store/derived_store.h).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"
#include "ledger/log/tree_proof.h"

namespace runledger {

inline constexpr unsigned kTileHeight = 8;
inline constexpr std::size_t kTileHashes = std::size_t{1} << kTileHeight;

// The first `width` hashes, from 1 to 256, of tile `index` of a level.
struct TileRange {
  unsigned level = 0;
  std::uint64_t index = 0;
  std::size_t width = kTileHashes;

  // Whether a tree over `size` leaves has these hashes.
  [[nodiscard]] bool is_within(std::uint64_t size) const;
};

// Throws Failure "storage.failed" and "storage.full", and "storage.damaged" when the log itself is. Any thread may use
// it, and any number of objects may exist for one store.
class HashTiles {
 public:
  // Asked about every thousand events while they are hashed. Once it returns true, the hashing ends with Failure
  // "tiles.interrupted"; the next one goes on from there. May be empty.
  using Interrupted = std::function<bool()>;

  // `store` is not owned and must outlive it.
  explicit HashTiles(const Store& store, Interrupted interrupted = {})
      : store_(store), interrupted_(std::move(interrupted)) {}

  // Hashes the events up to the newest head of the store's log that have no hashes yet, and returns that head, which
  // `newest` returns; it is called while no other thread does the same. Tiles that are damaged, that do not lead to the
  // root of the head, or that are of a longer log, are made again from the first event on. Throws "storage.damaged"
  // when the stored events do not lead to it either.
  Head catch_up(const std::function<Head()>& newest) const;
  // The same for a caller that knows the head, when no other thread may have gone further.
  void catch_up(const Head& head) const {
    (void)catch_up([&head] { return head; });
  }

  // Removes all tiles and makes them again, up to the head that `newest` returns as for catch_up().
  void rebuild(const std::function<Head()>& newest) const;
  // Returns what `mend` returns, which may call rebuild(). One thread at a time, so that none removes what another one
  // has just made.
  template <class Mend>
  auto alone(const Mend& mend) const {
    return store_.tiles().mend(mend);
  }

  // The number of leaves that the tiles cover. Throws "rows.damaged" when it cannot be read.
  [[nodiscard]] std::uint64_t size() const;
  // The hash of a complete subtree within size(), as a HashSource returns it. Throws "rows.damaged" when it is not
  // stored. A stored hash is not checked: whoever makes a proof of it checks the proof.
  [[nodiscard]] Digest<32> hash(unsigned level, std::uint64_t index) const;
  [[nodiscard]] HashSource source() const;
  // The first `width` hashes of a tile, 32 bytes each, unchecked as well. Throws "rows.damaged" when the tile has
  // fewer.
  [[nodiscard]] std::string hashes(const TileRange& tile) const;

  // Compares every tile with the one above it, and the tree that they make with the log that ends with `head`. Returns
  // the first difference; nullopt when there is none, or there are no tiles. Changes nothing.
  [[nodiscard]] std::optional<std::string> find_difference(const Head& head) const;

 private:
  const Store& store_;
  const Interrupted interrupted_;
};

}  // namespace runledger
