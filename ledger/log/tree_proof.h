// Proofs over the Merkle tree of RFC 6962: that a leaf is in a tree, and that a tree is an extension of an older one.
//
// They are pure functions. The proofs are those of RFC 6962, 2.1.1 and 2.1.2, made from the hashes of complete
// subtrees, and checked by the algorithms of RFC 9162, 2.1.3.2 and 2.1.4.2. Both kinds have at most about log2(size) +
// 1 hashes.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "ledger/values/digest.h"

namespace runledger {

// Returns the hash of the complete subtree over the 2^level leaves from index * 2^level on. It is only called for
// subtrees within the tree that a proof is about. What it throws passes through.
using HashSource = std::function<Digest<32>(unsigned level, std::uint64_t index)>;

using TreeProof = std::vector<Digest<32>>;

// A tree as a checkpoint names it.
struct TreeHead {
  std::uint64_t size = 0;  // The number of leaves.
  Digest<32> root;
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

// Returns the root of the tree over the first `size` leaves; for none, the SHA-256 of the empty string.
[[nodiscard]] Digest<32> tree_root(const HashSource& hashes, std::uint64_t size);

// Returns the proof that the leaf at `index`, counted from zero, is in the tree over the first `size` leaves. Requires
// index < size.
[[nodiscard]] TreeProof inclusion_proof(const HashSource& hashes, std::uint64_t index, std::uint64_t size);

// Returns the proof that the tree over the first `size` leaves extends the one over the first `old_size`; empty when
// the sizes are equal or the older tree is. Requires old_size <= size.
[[nodiscard]] TreeProof consistency_proof(const HashSource& hashes, std::uint64_t old_size, std::uint64_t size);

// Returns whether `proof` shows that `leaf`, a hash by merkle_leaf(), is at `index` in the tree `head`. Takes any
// input.
[[nodiscard]] bool is_included(const Digest<32>& leaf, std::uint64_t index, const TreeHead& head,
                               const TreeProof& proof);

// Returns whether `proof` shows that the leaves of the tree `old` are the first ones of the tree `head`. Takes any
// input.
[[nodiscard]] bool is_extension(const TreeHead& old, const TreeHead& head, const TreeProof& proof);

}  // namespace runledger
