// RFC 6962 hashing: a zero byte is hashed before a leaf and a one before an inner node, so that neither can pass for
// the other.
#include "ledger/log/merkle.h"

#include <bit>

#include "ledger/base/assert.h"
#include "ledger/values/sha256.h"

namespace runledger {

using namespace std::string_view_literals;

Digest<32> merkle_leaf(std::string_view bytes) {
  return sha256({"\0"sv, bytes});
}

Digest<32> merkle_node(const Digest<32>& left, const Digest<32>& right) {
  return sha256({"\1"sv, bytes_of(left), bytes_of(right)});
}

MerkleFrontier::MerkleFrontier(std::uint64_t size, std::vector<Digest<32>> roots)
    : size_(size), roots_(std::move(roots)) {
  RUNLEDGER_ASSERT(roots_.size() == static_cast<std::size_t>(std::popcount(size_)));
}

void MerkleFrontier::append_hash(const Digest<32>& leaf) {
  Digest<32> root = leaf;
  // As in a binary counter, each trailing one-bit of the size is a full subtree as large as the one that is being
  // added, so the two are joined.
  for (std::uint64_t size = size_; (size & 1U) != 0; size >>= 1U) {
    root = merkle_node(roots_.back(), root);
    roots_.pop_back();
  }
  roots_.push_back(root);
  ++size_;
}

Digest<32> MerkleFrontier::root() const {
  if (roots_.empty()) return sha256({});
  Digest<32> root = roots_.back();
  for (auto left = roots_.rbegin() + 1; left != roots_.rend(); ++left) root = merkle_node(*left, root);
  return root;
}

}  // namespace runledger
