// Proofs against the test vectors of Certificate Transparency.
#include "ledger/log/tree_proof.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ledger/values/sha256.h"
#include "tests/fixtures/models/naive_tree.h"

namespace runledger {
namespace {

using namespace std::string_literals;

// The leaves, roots and proofs of the reference implementation's tests (github.com/google/certificate-transparency).
const std::vector<std::string> kLeaves = {
    ""s,
    "\x00"s,
    "\x10"s,
    "\x20\x21"s,
    "\x30\x31"s,
    "\x40\x41\x42\x43"s,
    "\x50\x51\x52\x53\x54\x55\x56\x57"s,
    "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"s,
};
constexpr const char* kRoot1 = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
constexpr const char* kRoot2 = "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125";
constexpr const char* kRoot3 = "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77";
constexpr const char* kRoot5 = "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4";
constexpr const char* kRoot6 = "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef";
constexpr const char* kRoot8 = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";

TreeHead head_of(std::uint64_t size, std::string_view root) {
  return {size, *parse_digest<32>(root)};
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
      {0, head_of(1, kRoot1), {}},
      {0,
       head_of(8, kRoot8),
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {5,
       head_of(8, kRoot8),
       {"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {2, head_of(3, kRoot3), {"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"}},
      {1,
       head_of(5, kRoot5),
       {"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const NaiveTree tree(kLeaves);
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
      {head_of(1, kRoot1), head_of(1, kRoot1), {}},
      {head_of(1, kRoot1),
       head_of(8, kRoot8),
       {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"}},
      {head_of(6, kRoot6),
       head_of(8, kRoot8),
       {"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"}},
      {head_of(2, kRoot2),
       head_of(5, kRoot5),
       {"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"}},
  };
  const NaiveTree tree(kLeaves);
  for (const Vector& vector : vectors) {
    const TreeProof proof = proof_of(vector.proof);
    EXPECT_EQ(consistency_proof(tree.source(), vector.old.size, vector.head.size), proof) << vector.old.size;
    EXPECT_TRUE(is_extension(vector.old, vector.head, proof)) << vector.old.size;
  }
}

TEST(TreeProof, OfTheEmptyTreeIsEmptyAndNeedsItsRoot) {
  const NaiveTree tree(kLeaves);
  const TreeHead empty{0, sha256({})};
  EXPECT_EQ(tree_root(tree.source(), 0), empty.root);
  EXPECT_TRUE(is_extension(empty, head_of(8, kRoot8), {}));
  EXPECT_TRUE(is_extension(empty, empty, {}));
  EXPECT_FALSE(is_extension(head_of(0, kRoot1), head_of(8, kRoot8), {}));
  EXPECT_FALSE(is_extension(empty, head_of(8, kRoot8), {tree.leaf(0)}));
  EXPECT_FALSE(is_included(tree.leaf(0), 0, empty, {}));
}

}  // namespace
}  // namespace runledger
