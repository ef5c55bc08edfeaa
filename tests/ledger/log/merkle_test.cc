// The audit tree against the test vectors of the Certificate Transparency reference implementation.
#include "ledger/log/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "ledger/values/sha256.h"
#include "tests/fixtures/data/reference_tree.h"
#include "tests/fixtures/models/naive_tree.h"

namespace runledger {
namespace {

std::string hex(const Digest<32>& digest) {
  return format_hex(bytes_of(digest));
}

TEST(Merkle, AnEmptyTreeHasTheDigestOfNothing) {
  EXPECT_EQ(hex(MerkleFrontier().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, RootsAreThoseOfTheReferenceImplementation) {
  MerkleFrontier tree;
  for (std::size_t i = 0; i < fixtures::kReferenceLeaves.size(); ++i) {
    tree.append(fixtures::kReferenceLeaves[i]);
    EXPECT_EQ(hex(tree.root()), fixtures::kReferenceRoots[i]) << "after " << i + 1 << " leaves";
  }
}

TEST(Merkle, EverySizeGivesTheRootThatTheDefinitionGives) {
  MerkleFrontier tree;
  std::vector<std::string> leaves;
  for (int i = 0; i < 300; ++i) {
    leaves.push_back("leaf " + std::to_string(i));
    tree.append(leaves.back());
    ASSERT_EQ(tree.root(), NaiveTree(leaves).root(0, leaves.size())) << leaves.size() << " leaves";
    ASSERT_EQ(tree.roots().size(), static_cast<std::size_t>(std::popcount(tree.size())));
  }
}

TEST(Merkle, ARestoredFrontierGrowsAsTheOriginal) {
  MerkleFrontier tree;
  for (int i = 0; i < 21; ++i) tree.append(std::to_string(i));
  MerkleFrontier restored(tree.size(), tree.roots());
  for (int i = 21; i < 40; ++i) {
    tree.append(std::to_string(i));
    restored.append(std::to_string(i));
  }
  EXPECT_EQ(restored, tree);
}

TEST(Merkle, ALeafCannotPoseAsAnInnerNode) {
  MerkleFrontier two;
  two.append("a");
  two.append("b");
  const NaiveTree leaves({"a", "b"});
  MerkleFrontier posing;
  posing.append(std::string(bytes_of(leaves.leaf(0))) + std::string(bytes_of(leaves.leaf(1))));
  EXPECT_NE(posing.root(), two.root());
}

}  // namespace
}  // namespace runledger
