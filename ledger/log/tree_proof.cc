// Proofs are made by the recursion that defines them, and checked by the loops of RFC 9162.
#include "ledger/log/tree_proof.h"

#include <bit>

#include "ledger/base/assert.h"
#include "ledger/log/merkle.h"
#include "ledger/values/sha256.h"

namespace runledger {
namespace {

// The leaves from `begin` up to, but not including, `end`. `begin` is a multiple of the smallest power of two that is
// not smaller than the number of leaves, as it is in every subtree of RFC 6962.
struct LeafRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;

  [[nodiscard]] std::uint64_t size() const { return end - begin; }
  // Where the left subtree ends: the largest power of two smaller than the size. Requires two leaves.
  [[nodiscard]] std::uint64_t middle() const { return begin + std::bit_floor(size() - 1); }
  [[nodiscard]] LeafRange left() const { return {begin, middle()}; }
  [[nodiscard]] LeafRange right() const { return {middle(), end}; }
};

// Requires at least one leaf.
Digest<32> root_of(const HashSource& hashes, LeafRange range) {
  if (std::has_single_bit(range.size())) {
    const auto level = static_cast<unsigned>(std::countr_zero(range.size()));
    return hashes(level, range.begin >> level);
  }
  return merkle_node(root_of(hashes, range.left()), root_of(hashes, range.right()));
}

void add_path(const HashSource& hashes, std::uint64_t index, LeafRange range, TreeProof& proof) {
  if (range.size() == 1) return;
  const bool is_left = index < range.middle();
  add_path(hashes, index, is_left ? range.left() : range.right(), proof);
  proof.push_back(root_of(hashes, is_left ? range.right() : range.left()));
}

// `old_end` is in the range. `is_known` says that the verifier knows the root of the range from the older tree.
void add_subproof(const HashSource& hashes, std::uint64_t old_end, LeafRange range, bool is_known, TreeProof& proof) {
  if (old_end == range.end) {
    if (!is_known) proof.push_back(root_of(hashes, range));
    return;
  }
  if (old_end <= range.middle()) {
    add_subproof(hashes, old_end, range.left(), is_known, proof);
    proof.push_back(root_of(hashes, range.right()));
  } else {
    add_subproof(hashes, old_end, range.right(), false, proof);
    proof.push_back(root_of(hashes, range.left()));
  }
}

bool is_odd(std::uint64_t number) {
  return (number & 1U) != 0;
}

// The roots of the older and the newer tree, as far as a proof has been read; `node` and `last` are the positions of a
// node on the edge of the older tree and of the last node of the newer one, on the level that was reached (fn and sn in
// RFC 9162).
struct Climb {
  std::uint64_t node = 0;
  std::uint64_t last = 0;
  Digest<32> older;
  Digest<32> newer;

  void rise() {
    node >>= 1U;
    last >>= 1U;
  }

  // Takes one hash. Returns false when no hash is expected.
  bool take(const Digest<32>& hash) {
    if (last == 0) return false;
    if (is_odd(node) || node == last) {
      older = merkle_node(hash, older);
      newer = merkle_node(hash, newer);
      while (!is_odd(node) && node != 0) rise();
    } else {
      newer = merkle_node(newer, hash);
    }
    rise();
    return true;
  }
};

}  // namespace

Digest<32> tree_root(const HashSource& hashes, std::uint64_t size) {
  return size == 0 ? sha256({}) : root_of(hashes, {0, size});
}

TreeProof inclusion_proof(const HashSource& hashes, std::uint64_t index, std::uint64_t size) {
  RUNLEDGER_ASSERT(index < size);
  TreeProof proof;
  add_path(hashes, index, {0, size}, proof);
  return proof;
}

TreeProof consistency_proof(const HashSource& hashes, std::uint64_t old_size, std::uint64_t size) {
  RUNLEDGER_ASSERT(old_size <= size);
  TreeProof proof;
  if (old_size != 0) add_subproof(hashes, old_size, {0, size}, true, proof);
  return proof;
}

bool is_included(const Digest<32>& leaf, std::uint64_t index, const TreeHead& head, const TreeProof& proof) {
  if (index >= head.size) return false;
  Climb climb{.node = index, .last = head.size - 1, .older = leaf, .newer = leaf};
  for (const Digest<32>& hash : proof) {
    if (!climb.take(hash)) return false;
  }
  return climb.last == 0 && climb.newer == head.root;
}

bool is_extension(const TreeHead& old, const TreeHead& head, const TreeProof& proof) {
  if (old.size > head.size) return false;
  if (old.size == head.size) return proof.empty() && old.root == head.root;
  if (old.size == 0) return proof.empty() && old.root == sha256({});
  Climb climb{.node = old.size - 1, .last = head.size - 1, .older = {}, .newer = {}};
  while (is_odd(climb.node)) climb.rise();
  // A complete older tree is itself the first node, which the proof then leaves out.
  auto hash = proof.begin();
  if (std::has_single_bit(old.size)) {
    climb.older = climb.newer = old.root;
  } else {
    if (hash == proof.end()) return false;
    climb.older = climb.newer = *hash++;
  }
  for (; hash != proof.end(); ++hash) {
    if (!climb.take(*hash)) return false;
  }
  return climb.last == 0 && climb.older == old.root && climb.newer == head.root;
}

}  // namespace runledger
