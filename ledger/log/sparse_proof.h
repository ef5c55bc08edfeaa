// Proofs over sparse Merkle trees: which entry a tree has for a key, and that it has no other one.
//
// Such a tree has a place for each number of 32 bits; a key is at the place that its first 32 bits name. A leaf is a
// place with all of its entries, sorted by key. In the fixed shape every leaf is 32 levels below the root, so a proof
// does not tell how many places are taken. In the compact shape a place stands at the top of the largest subtree in
// which it is the only one, so proofs are shorter, and do tell it about.
//
// Everything here is a pure function.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ledger/values/digest.h"

namespace runledger {

using Place = std::uint32_t;
inline constexpr unsigned kPlaceBits = 32;

struct SparseEntry {
  Digest<32> key;    // Evenly distributed, such as a digest.
  Digest<32> value;  // A digest of what the key stands for.
  friend bool operator==(const SparseEntry&, const SparseEntry&) = default;
};

// The place of a key.
[[nodiscard]] Place place_of(const Digest<32>& key);
// The first `depth` bits of a place; the others are zero. depth is at most 32.
[[nodiscard]] Place prefix_of(Place place, unsigned depth);
// The bit that decides on which side of a node at `depth` the place is. Requires depth < 32.
[[nodiscard]] bool is_right_at(Place place, unsigned depth);
// The prefix of the other node at `depth` that has the same parent as the one above the place. Requires depth > 0.
[[nodiscard]] Place sibling_of(Place place, unsigned depth);

// The hash of a place: of a byte 0 and its entries. Requires at least one entry, sorted by key.
[[nodiscard]] Digest<32> hash_of_place(std::span<const SparseEntry> entries);

enum class SparseShape { kFixed, kCompact };

// Returns the hash that stands for a subtree without entries, by its depth and prefix.
using SparseFill = std::function<Digest<32>(unsigned depth, Place prefix)>;

// A place that is taken.
struct TakenPlace {
  Place place = 0;
  Digest<32> hash;  // By hash_of_place().
};

// Returns the root of the tree with exactly these places, which are sorted and distinct. It costs as many hashes as the
// tree has nodes; the trees that grow are those of SparseTree (ledger/log/sparse_tree.h).
[[nodiscard]] Digest<32> sparse_root(std::span<const TakenPlace> places, SparseShape shape, const SparseFill& fill);

// The proof that a tree has one entry for a key.
struct SparseProof {
  std::vector<SparseEntry> beside;   // The other entries of its place, sorted by key.
  std::vector<Digest<32>> siblings;  // The hashes beside its way to the root, the lowest first.
  friend bool operator==(const SparseProof&, const SparseProof&) = default;
};

// Returns the root to which `proof` leads from `entry`; nullopt when it has no form of a proof, as when an entry beside
// it has the same key. A tree with that root has no other entry for the key. In the fixed shape, a proof has
// kPlaceBits siblings, which the caller checks. Takes any input.
[[nodiscard]] std::optional<Digest<32>> sparse_root(const SparseEntry& entry, const SparseProof& proof);

}  // namespace runledger
