// A change descends from the top like an insertion into a radix tree. Where the changes leave the way to the next
// stored node, a new node branches between the two.
#include "ledger/log/sparse_tree.h"

#include <algorithm>
#include <bit>

#include "ledger/base/assert.h"
#include "ledger/log/merkle.h"

namespace runledger {
namespace {

// How many bits two places have in common from the beginning.
unsigned common_bits(Place a, Place b) {
  return static_cast<unsigned>(std::countl_zero(a ^ b));
}

}  // namespace

Digest<32> SparseTree::stored_hash(const SparseTop& top) const {
  if (top.depth == kPlaceBits) return nodes_.place(top.place);
  const SparseBranch branch = nodes_.branch(top.depth, prefix_of(top.place, top.depth));
  return merkle_node(branch.left.hash, branch.right.hash);
}

// The hash of the subtree at `depth` that has nothing but `from`.
Digest<32> SparseTree::lifted(const Hashed& from, unsigned depth) const {
  if (shape_ == SparseShape::kCompact && from.top.depth == kPlaceBits) return from.hash;
  Digest<32> hash = from.hash;
  for (unsigned at = from.top.depth; at > depth; --at) {
    const Digest<32> sibling = fill_(at, sibling_of(from.top.place, at));
    hash = is_right_at(from.top.place, at - 1) ? merkle_node(sibling, hash) : merkle_node(hash, sibling);
  }
  return hash;
}

SparseSide SparseTree::merged_side(const std::optional<SparseSide>& before, std::span<const TakenPlace> changes,
                                   unsigned depth, const Put& put) const {
  if (changes.empty()) {
    RUNLEDGER_ASSERT(before);
    return *before;
  }
  const Hashed side = merged(before ? std::optional(before->top) : std::nullopt, changes, put);
  return {side.top, lifted(side, depth)};
}

SparseTree::Hashed SparseTree::merged(const std::optional<SparseTop>& before, std::span<const TakenPlace> changes,
                                      const Put& put) const {
  const Place first = changes.front().place;
  unsigned depth = common_bits(first, changes.back().place);
  if (before) depth = std::min({depth, before->depth, common_bits(first, before->place)});
  const SparseTop top{prefix_of(first, depth), depth};
  if (depth == kPlaceBits) return {top, changes.front().hash};
  const auto middle = std::partition_point(
      changes.begin(), changes.end(), [depth](const TakenPlace& change) { return !is_right_at(change.place, depth); });
  const auto on_left = changes.first(static_cast<std::size_t>(middle - changes.begin()));
  const auto on_right = changes.subspan(on_left.size());
  std::optional<SparseSide> left;
  std::optional<SparseSide> right;
  if (before && before->depth == depth) {
    SparseBranch branch = nodes_.branch(depth, prefix_of(first, depth));
    left = branch.left;
    right = branch.right;
  } else if (before) {
    const bool is_right = is_right_at(before->place, depth);
    // The hash is only needed, and only then read, when the side stays as it was.
    const bool stays = (is_right ? on_right : on_left).empty();
    const Digest<32> hash = stays ? lifted({*before, stored_hash(*before)}, depth + 1) : Digest<32>{};
    (is_right ? right : left) = SparseSide{*before, hash};
  }
  const SparseBranch branch{merged_side(left, on_left, depth + 1, put), merged_side(right, on_right, depth + 1, put)};
  put(depth, prefix_of(first, depth), branch);
  return {top, merkle_node(branch.left.hash, branch.right.hash)};
}

SparseRoot SparseTree::changed(const std::optional<SparseRoot>& before, std::span<const TakenPlace> changes,
                               const Put& put) const {
  RUNLEDGER_ASSERT(!changes.empty());
  const Hashed top = merged(before ? std::optional(before->top) : std::nullopt, changes, put);
  return {top.top, lifted(top, 0)};
}

std::vector<Digest<32>> SparseTree::siblings(const SparseRoot& root, Place place) const {
  std::vector<Digest<32>> found;  // From the root down.
  SparseTop top = root.top;
  for (unsigned depth = 0;; ++depth) {
    const bool is_alone = shape_ == SparseShape::kCompact && top.depth == kPlaceBits;
    for (; depth < top.depth && !is_alone; ++depth) found.push_back(fill_(depth + 1, sibling_of(place, depth + 1)));
    if (top.depth == kPlaceBits) break;
    const SparseBranch branch = nodes_.branch(top.depth, prefix_of(place, top.depth));
    const bool is_right = is_right_at(place, top.depth);
    found.push_back((is_right ? branch.left : branch.right).hash);
    top = (is_right ? branch.right : branch.left).top;
  }
  std::reverse(found.begin(), found.end());
  return found;
}

}  // namespace runledger
