// Proofs against a naive prover over plain leaves, for trees of any size, and against changed proofs.
#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "ledger/log/tree_proof.h"
#include "tests/fixtures/models/naive_tree.h"

namespace runledger {
namespace {

constexpr std::size_t kLeavesMax = 600;

NaiveTree tree_of(std::size_t size) {
  std::vector<std::string> leaves;
  for (std::size_t i = 0; i < size; ++i) leaves.push_back("leaf " + std::to_string(i));
  return NaiveTree(std::move(leaves));
}

std::size_t below(std::size_t end) {
  return *rc::gen::inRange<std::size_t>(0, end);
}

// Changes the proof in one way: a bit of a hash, a missing hash, one hash too many, or two that changed places.
TreeProof changed(TreeProof proof) {
  const std::size_t way = below(4);
  if (proof.empty() || way == 0) {
    proof.insert(proof.begin() + static_cast<std::ptrdiff_t>(below(proof.size() + 1)), Digest<32>{});
  } else if (way == 1) {
    proof.erase(proof.begin() + static_cast<std::ptrdiff_t>(below(proof.size())));
  } else if (way == 2 && proof.size() > 1) {
    const std::size_t at = below(proof.size() - 1);
    std::swap(proof[at], proof[at + 1]);
  } else {
    proof[below(proof.size())].bytes[below(32)] ^= static_cast<unsigned char>(1U << below(8));
  }
  return proof;
}

RC_GTEST_PROP(TreeProofProperty, AnInclusionProofIsTheNaiveOneAndNoOtherIsAccepted, ()) {
  const std::size_t size = 1 + below(kLeavesMax);
  const std::size_t index = below(size);
  const NaiveTree tree = tree_of(size);
  const TreeProof proof = inclusion_proof(tree.source(), index, size);
  RC_ASSERT(proof == tree.path(index, 0, size));
  RC_ASSERT(tree_root(tree.source(), size) == tree.root(0, size));
  RC_ASSERT(is_included(tree.leaf(index), index, tree.head(size), proof));
  RC_ASSERT(!is_included(tree.leaf(index), index, tree.head(size), changed(proof)));
  const std::size_t other = below(size);
  RC_ASSERT(is_included(tree.leaf(other), index, tree.head(size), proof) == (other == index));
  RC_ASSERT(is_included(tree.leaf(index), other, tree.head(size), proof) == (other == index));
  RC_ASSERT(!is_included(tree.leaf(index), size + other, tree.head(size), proof));
}

RC_GTEST_PROP(TreeProofProperty, AConsistencyProofIsTheNaiveOneAndNoOtherIsAccepted, ()) {
  const std::size_t size = 1 + below(kLeavesMax);
  const std::size_t old = 1 + below(size);
  const NaiveTree tree = tree_of(size);
  const TreeProof proof = consistency_proof(tree.source(), old, size);
  RC_ASSERT(proof == tree.subproof(old, 0, size, true));
  RC_ASSERT(is_extension(tree.head(old), tree.head(size), proof));
  RC_ASSERT(!is_extension(tree.head(old), tree.head(size), changed(proof)));
  TreeHead forged = tree.head(old);
  forged.root.bytes[below(32)] ^= 1U;
  RC_ASSERT(!is_extension(forged, tree.head(size), proof));
  RC_ASSERT(old == size || !is_extension(tree.head(size), tree.head(old), proof));
}

RC_GTEST_PROP(TreeProofProperty, ArbitraryInputIsRefusedWithoutACrash, ()) {
  const auto number = [] { return *rc::gen::arbitrary<std::uint64_t>(); };
  const TreeProof proof(below(70));
  RC_ASSERT(!is_included({}, number(), {number(), Digest<32>{{1}}}, proof));
  RC_ASSERT(!is_extension({number(), Digest<32>{{1}}}, {number(), Digest<32>{}}, proof));
}

}  // namespace
}  // namespace runledger
