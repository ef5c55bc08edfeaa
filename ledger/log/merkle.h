// The head of a growing Merkle tree over the log (RFC 6962, section 2.1).
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "ledger/values/digest.h"

namespace runledger {

// The roots of the full subtrees that the leaves so far fall into, largest first: at most 64 digests for any size.
// A value: copy it to take a snapshot.
class MerkleFrontier {
 public:
  MerkleFrontier() = default;
  // Restores a stored frontier. Requires as many roots as `size` has one-bits.
  MerkleFrontier(std::uint64_t size, std::vector<Digest<32>> roots);

  void append(std::string_view leaf);

  [[nodiscard]] std::uint64_t size() const noexcept { return size_; }
  [[nodiscard]] const std::vector<Digest<32>>& roots() const noexcept { return roots_; }
  // The tree's root; of no leaves, the SHA-256 of nothing.
  [[nodiscard]] Digest<32> root() const;

  friend bool operator==(const MerkleFrontier&, const MerkleFrontier&) = default;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest<32>> roots_;
};

}  // namespace runledger
