// A sparse Merkle tree that grows, and of which only the nodes that branch are stored.
//
// A node branches if both of its sides have places that are taken. It is stored with the hashes of both sides, so that
// a change reads and writes only the branching nodes above it: about as many as the logarithm of the number of places.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "ledger/log/sparse_proof.h"

namespace runledger {

// The topmost part of a subtree that is not empty: its first branching node, or its only place.
struct SparseTop {
  Place place = 0;     // The first `depth` bits of every place below it; the others are zero.
  unsigned depth = 0;  // kPlaceBits for a place.
  friend bool operator==(const SparseTop&, const SparseTop&) = default;
};

// One side of a branching node.
struct SparseSide {
  SparseTop top;
  Digest<32> hash;  // Of the whole side.
  friend bool operator==(const SparseSide&, const SparseSide&) = default;
};

struct SparseBranch {
  SparseSide left;
  SparseSide right;
  friend bool operator==(const SparseBranch&, const SparseBranch&) = default;
};

// A tree with at least one place, as its owner remembers it.
struct SparseRoot {
  SparseTop top;
  Digest<32> hash;
  friend bool operator==(const SparseRoot&, const SparseRoot&) = default;
};

// Holds nothing itself. What the functions throw that are given to it passes through.
class SparseTree {
 public:
  struct Nodes {
    // Return the stored node at `depth` and `prefix`, and the hash of a place that is stored.
    std::function<SparseBranch(unsigned depth, Place prefix)> branch;
    std::function<Digest<32>(Place place)> place;
  };
  using Put = std::function<void(unsigned depth, Place prefix, const SparseBranch& branch)>;

  SparseTree(SparseShape shape, SparseFill fill, Nodes nodes)
      : shape_(shape), fill_(std::move(fill)), nodes_(std::move(nodes)) {}

  // Returns the tree in which these places have these hashes, and all others are as in `before`, which is absent for an
  // empty tree. Calls `put` once for each branching node that is new or changed; stored nodes are never removed.
  // Requires at least one change, sorted by place, with distinct places. `put` has no effect on what Nodes return.
  [[nodiscard]] SparseRoot changed(const std::optional<SparseRoot>& before, std::span<const TakenPlace> changes,
                                   const Put& put) const;

  // Returns the hashes beside the way from a place, which is taken, to the root: the lowest first.
  [[nodiscard]] std::vector<Digest<32>> siblings(const SparseRoot& root, Place place) const;

 private:
  struct Hashed {
    SparseTop top;
    Digest<32> hash;  // At the top's own depth.
  };

  [[nodiscard]] Hashed merged(const std::optional<SparseTop>& before, std::span<const TakenPlace> changes,
                              const Put& put) const;
  [[nodiscard]] SparseSide merged_side(const std::optional<SparseSide>& before, std::span<const TakenPlace> changes,
                                       unsigned depth, const Put& put) const;
  [[nodiscard]] Digest<32> stored_hash(const SparseTop& top) const;
  [[nodiscard]] Digest<32> lifted(const Hashed& from, unsigned depth) const;

  SparseShape shape_;
  SparseFill fill_;
  Nodes nodes_;
};

}  // namespace runledger
