// Keys and values: "S" holds the number of leaves (8 bytes, big-endian); "T", one byte of level and 8 bytes of index
// (big-endian) hold a tile, 32 bytes a hash. The partial tiles at the right edge are written again as they grow, in one
// batch with the number.
#include "ledger/log/hash_tiles.h"

#include <fmt/format.h>
#include <rocksdb/db.h>
#include <rocksdb/write_batch.h>

#include <bit>
#include <cstring>
#include <vector>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "ledger/log/history.h"
#include "ledger/log/merkle.h"
#include "ledger/log/store/cursor.h"

namespace runledger {
namespace {

constexpr std::size_t kHashBytes = sizeof(Digest<32>);
constexpr std::size_t kTileBytes = kTileHashes * kHashBytes;
constexpr const char* kSizeKey = "S";
constexpr std::uint64_t kLeavesPerLook = 1024;    // From one question whether to go on to the next.
constexpr std::uint64_t kLeavesPerBatch = 65536;  // Makes batches of about 2 MiB.
// So few events are hashed again in less time than a flush takes, so a later process may do it again.
constexpr std::uint64_t kLeavesNotFlushed = 4096;

std::string tile_key(unsigned level, std::uint64_t index) {
  std::string key = "T";
  key += static_cast<char>(level);
  append_big_endian(key, index);
  return key;
}

// Returns the number of hashes of a level that a tree has.
std::uint64_t hashes_at(unsigned level, std::uint64_t size) {
  const unsigned shift = level * kTileHeight;
  return shift < 64 ? size >> shift : 0;
}

Digest<32> hash_at(std::string_view tile, std::size_t index) {
  Digest<32> hash;
  std::memcpy(hash.bytes.data(), tile.data() + index * kHashBytes, kHashBytes);
  return hash;
}

// Returns the root of the complete tree over `count` hashes of a tile, a power of two, from `first` on.
Digest<32> root_within(std::string_view tile, std::size_t first, std::size_t count) {
  if (count == 1) return hash_at(tile, first);
  return merkle_node(root_within(tile, first, count / 2), root_within(tile, first + count / 2, count / 2));
}

// The partial tiles at the right edge of a tree that grows.
class RightEdge {
 public:
  // `tile` returns a stored tile.
  template <class ReadTile>
  RightEdge(std::uint64_t size, const ReadTile& tile) : size_(size) {
    for (unsigned level = 0; hashes_at(level, size) != 0; ++level) {
      const std::uint64_t hashes = hashes_at(level, size);
      const std::size_t width = hashes % kTileHashes;
      partial_.push_back(width == 0 ? "" : tile(level, hashes / kTileHashes));
      if (partial_.back().size() != width * kHashBytes)
        throw_rows_damaged(fmt::format("expected {} hashes in the last tile of level {}, found {} bytes", width, level,
                                       partial_.back().size()));
    }
  }

  [[nodiscard]] std::uint64_t size() const { return size_; }

  // Puts the tiles into `batch` that the leaf completes.
  void append(const Digest<32>& leaf, rocksdb::WriteBatch& batch) {
    std::string hash(bytes_of(leaf));
    for (unsigned level = 0;; ++level) {
      if (level == partial_.size()) partial_.emplace_back();
      std::string& tile = partial_[level];
      tile += hash;
      if (tile.size() < kTileBytes) break;
      put(level, batch);
      hash = bytes_of(root_within(tile, 0, kTileHashes));
      tile.clear();
    }
    ++size_;
  }

  // Puts the partial tiles and the number of leaves into `batch`.
  void finish(rocksdb::WriteBatch& batch) const {
    for (unsigned level = 0; level < partial_.size(); ++level) {
      if (!partial_[level].empty()) put(level, batch);
    }
    std::string size;
    append_big_endian(size, size_);
    check_derived(batch.Put(kSizeKey, size), "writing tiles");
  }

 private:
  void put(unsigned level, rocksdb::WriteBatch& batch) const {
    const std::uint64_t index = hashes_at(level, size_) / kTileHashes;
    check_derived(batch.Put(tile_key(level, index), partial_[level]), "writing tiles");
  }

  std::uint64_t size_;
  std::vector<std::string> partial_;  // By level; never full.
};

std::uint64_t read_size(const DerivedStore& tiles) {
  std::string value;
  const rocksdb::Status status = tiles.db().Get({}, kSizeKey, &value);
  if (status.IsNotFound()) return 0;
  check_derived(status, "reading tiles");
  if (value.size() != sizeof(std::uint64_t)) throw_rows_damaged("expected the number of leaves in the tiles");
  return load_big_endian_64(value.data());
}

std::string read_tile(const DerivedStore& tiles, unsigned level, std::uint64_t index) {
  std::string value;
  const rocksdb::Status status = tiles.db().Get({}, tile_key(level, index), &value);
  if (status.IsNotFound()) throw_rows_damaged(fmt::format("expected tile {} of level {}, found none", index, level));
  check_derived(status, "reading tiles");
  return value;
}

Digest<32> read_hash(const DerivedStore& tiles, unsigned level, std::uint64_t index) {
  const std::uint64_t first = index << (level % kTileHeight);
  const std::size_t count = std::size_t{1} << (level % kTileHeight);
  const std::size_t offset = first % kTileHashes;
  const std::string found = read_tile(tiles, level / kTileHeight, first / kTileHashes);
  if (found.size() < (offset + count) * kHashBytes || found.size() > kTileBytes)
    throw_rows_damaged(fmt::format("expected {} hashes in a tile, found {} bytes", offset + count, found.size()));
  return root_within(found, offset, count);
}

HashSource source_of(const DerivedStore& tiles) {
  return [&tiles](unsigned level, std::uint64_t index) { return read_hash(tiles, level, index); };
}

void follow(const Store& store, const DerivedStore& tiles, const Head& head,
            const HashTiles::Interrupted& interrupted) {
  RightEdge edge(read_size(tiles), [&](unsigned level, std::uint64_t index) { return read_tile(tiles, level, index); });
  const std::uint64_t before = edge.size();
  if (before >= head.sequence.value) return;
  Sequence next{before + 1};
  Cursor cursor(store, Family::kEvents, event_key(next), event_key(head.sequence.next()), Cursor::Reuse::kUnlikely);
  bool is_over = false;
  while (next <= head.sequence && !is_over) {
    rocksdb::WriteBatch batch;
    const Sequence to{std::min(head.sequence.value, next.value - 1 + kLeavesPerBatch)};
    for (; next <= to && !is_over; cursor.next(), next = next.next()) {
      if (!cursor.valid() || number_at_end(cursor.key()) != next.value) throw_missing_event(next);
      edge.append(merkle_leaf(cursor.value()), batch);
      is_over = interrupted && next.value % kLeavesPerLook == 0 && next < head.sequence && interrupted();
    }
    edge.finish(batch);
    tiles.write(batch);
  }
  if (is_over || edge.size() - before > kLeavesNotFlushed) tiles.flush();
  if (is_over)
    throw Failure(Remedy::kRetryLater, "tiles.interrupted",
                  fmt::format("expected time to hash {} events, found enough for {}: it goes on from there",
                              head.sequence.value, edge.size()));
}

std::optional<std::string> find_difference_within(const DerivedStore& tiles, std::uint64_t size) {
  for (unsigned level = 0; hashes_at(level, size) != 0; ++level) {
    const std::uint64_t hashes = hashes_at(level, size);
    for (std::uint64_t index = 0; index * kTileHashes < hashes; ++index) {
      const std::string found = read_tile(tiles, level, index);
      const std::uint64_t width = std::min<std::uint64_t>(kTileHashes, hashes - index * kTileHashes);
      if (found.size() != width * kHashBytes)
        return fmt::format("expected {} hashes in tile {} of level {}, found {} bytes", width, index, level,
                           found.size());
      if (width == kTileHashes &&
          root_within(found, 0, kTileHashes) != read_hash(tiles, (level + 1) * kTileHeight, index))
        return fmt::format("tile {} of level {} does not hash to its place in the level above", index, level);
    }
  }
  return std::nullopt;
}

std::optional<std::string> find_difference_with(const Store& store, const DerivedStore& tiles, const Head& head) {
  tiles.check_tables();
  const std::uint64_t covered = read_size(tiles);
  if (covered > head.sequence.value)
    return fmt::format("expected tiles of at most {} events, found {}", head.sequence.value, covered);
  if (auto difference = find_difference_within(tiles, covered)) return difference;
  std::vector<Digest<32>> roots;  // Of the complete subtrees, the largest first.
  for (std::uint64_t rest = covered, begin = 0; rest != 0; rest -= std::bit_floor(rest)) {
    const auto level = static_cast<unsigned>(std::bit_width(rest) - 1);
    roots.push_back(read_hash(tiles, level, begin >> level));
    begin += std::bit_floor(rest);
  }
  if (!continues(store, MerkleFrontier(covered, std::move(roots)), head))
    return "the log does not continue the tree that the tiles make";
  return std::nullopt;
}

}  // namespace

bool TileRange::is_within(std::uint64_t size) const {
  const std::uint64_t hashes = hashes_at(level, size);
  return index < hashes / kTileHashes || (index == hashes / kTileHashes && width <= hashes % kTileHashes);
}

std::uint64_t HashTiles::size() const {
  return store_.tiles().read([](const DerivedStore& tiles) { return read_size(tiles); });
}

Digest<32> HashTiles::hash(unsigned level, std::uint64_t index) const {
  return store_.tiles().read([&](const DerivedStore& tiles) { return read_hash(tiles, level, index); });
}

HashSource HashTiles::source() const {
  return [this](unsigned level, std::uint64_t index) { return hash(level, index); };
}

std::string HashTiles::hashes(const TileRange& tile) const {
  RUNLEDGER_ASSERT(tile.width >= 1 && tile.width <= kTileHashes);
  std::string found =
      store_.tiles().read([&](const DerivedStore& tiles) { return read_tile(tiles, tile.level, tile.index); });
  if (found.size() < tile.width * kHashBytes)
    throw_rows_damaged(fmt::format("expected {} hashes in a tile, found {} bytes", tile.width, found.size()));
  found.resize(tile.width * kHashBytes);
  return found;
}

Head HashTiles::catch_up(const std::function<Head()>& newest) const {
  Head head;
  const auto leads_to_head = [&](const DerivedStore& tiles) {
    head = newest();
    follow(store_, tiles, head, interrupted_);
    return read_size(tiles) == head.sequence.value &&
           tree_root(source_of(tiles), head.sequence.value) == head.tree.root();
  };
  try {
    if (store_.tiles().write(leads_to_head)) return head;
  } catch (const Failure& failure) {
    if (failure.code() != "rows.damaged") throw;
  }
  store_.tiles().discard();
  if (!store_.tiles().write(leads_to_head))
    throw_damaged("expected the stored events to hash to the root in the head of the log, found another root");
  return head;
}

void HashTiles::rebuild(const std::function<Head()>& newest) const {
  store_.tiles().discard();
  (void)catch_up(newest);
}

std::optional<std::string> HashTiles::find_difference(const Head& head) const {
  if (!store_.has_derived(Derived::kTiles)) return std::nullopt;
  try {
    return store_.tiles().read([&](const DerivedStore& tiles) { return find_difference_with(store_, tiles, head); });
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    return failure.what();
  }
}

}  // namespace runledger
