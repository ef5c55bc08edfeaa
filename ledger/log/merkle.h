// The right edge of a growing Merkle tree over the log (RFC 6962, section 2.1).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/values/digest.h"

namespace runledger {

// The hash of a leaf, and that of the inner node above two others.
[[nodiscard]] Digest<32> merkle_leaf(std::string_view bytes);
[[nodiscard]] Digest<32> merkle_node(const Digest<32>& left, const Digest<32>& right);

// Holds the roots of the full subtrees into which the leaves so far divide, largest first: one for each one-bit of the
// size, so at most 64 digests. That is enough to append a leaf and to compute the root, but not to prove that a leaf is
// included. A value: copy it to take a snapshot.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // Restores a stored frontier. Requires as many roots as `size` has one-bits.
  MerkleFrontier(std::uint64_t size, std::vector<Digest<32>> roots);

  // Adds the next leaf. Hashes the leaf, and one inner node for each subtree that becomes full.
  void append(std::string_view leaf) { append_hash(merkle_leaf(leaf)); }
  // The same for the hash of a leaf, by merkle_leaf().
  void append_hash(const Digest<32>& leaf);

  // The number of leaves.
  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::vector<Digest<32>>& roots() const noexcept { return roots_; }
  // The root of the whole tree. The root of an empty tree is the SHA-256 of the empty string.
  [[nodiscard]] Digest<32> root() const;

  friend bool operator==(const MerkleFrontier&, const MerkleFrontier&) = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest<32>> roots_;
};

}  // namespace runledger
