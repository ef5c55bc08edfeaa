// Proofs against the test vectors of Certificate Transparency.
#include "ledger/log/tree_proof.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ledger/values/sha256.h"
#include "tests/fixtures/data/reference_tree.h"
#include "tests/fixtures/models/naive_tree.h"

namespace runledger {
namespace {

TreeHead head_of(std::uint64_t size) {
  return {size, *parse_digest<32>(fixtures::kReferenceRoots.at(size - 1))};
}

TreeProof proof_of(const std::vector<std::string>& hashes) {
  TreeProof proof;
  for (const std::string& hash : hashes) proof.push_back(*parse_digest<32>(hash));
  return proof;
}

TEST(TreeProof, OfALeafIsThatOfTheReferenceImplementation) {
  struct Vector {
    std::uint64_t index;
    TreeHead head;
    std::vector<std::string> proof;
  };
  const std::vector<Vector> vectors = {
      {0, head_of(1), {}},
      {0,
       head_of(8),
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5,
       head_of(8),
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, head_of(3), {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
      {1,
       head_of(5),
       {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const NaiveTree tree(fixtures::kReferenceLeaves);
  for (const Vector& vector : vectors) {
    const TreeProof proof = proof_of(vector.proof);
    EXPECT_EQ(inclusion_proof(tree.source(), vector.index, vector.head.size), proof) << vector.index;
    EXPECT_TRUE(is_included(tree.leaf(vector.index), vector.index, vector.head, proof)) << vector.index;
  }
}

TEST(TreeProof, OfAnExtensionIsThatOfTheReferenceImplementation) {
  struct Vector {
    TreeHead old;
    TreeHead head;
    std::vector<std::string> proof;
  };
  const std::vector<Vector> vectors = {
      {head_of(1), head_of(1), {}},
      {head_of(1),
       head_of(8),
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {head_of(6),
       head_of(8),
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {head_of(2),
       head_of(5),
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const NaiveTree tree(fixtures::kReferenceLeaves);
  for (const Vector& vector : vectors) {
    const TreeProof proof = proof_of(vector.proof);
    EXPECT_EQ(consistency_proof(tree.source(), vector.old.size, vector.head.size), proof) << vector.old.size;
    EXPECT_TRUE(is_extension(vector.old, vector.head, proof)) << vector.old.size;
  }
}

TEST(TreeProof, OfTheEmptyTreeIsEmptyAndNeedsItsRoot) {
  const NaiveTree tree(fixtures::kReferenceLeaves);
  const TreeHead empty{0, sha256({})};
  EXPECT_EQ(tree_root(tree.source(), 0), empty.root);
  EXPECT_TRUE(is_extension(empty, head_of(8), {}));
  EXPECT_TRUE(is_extension(empty, empty, {}));
  EXPECT_FALSE(is_extension({0, head_of(1).root}, head_of(8), {}));
  EXPECT_FALSE(is_extension(empty, head_of(8), {tree.leaf(0)}));
  EXPECT_FALSE(is_included(tree.leaf(0), 0, empty, {}));
}

}  // namespace
}  // namespace runledger
