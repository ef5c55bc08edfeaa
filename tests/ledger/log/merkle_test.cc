// The audit tree against the test vectors of the Certificate Transparency reference implementation.
#include "ledger/log/merkle.h"

#include <gtest/gtest.h>

#include <bit>
#include <string>

#include "ledger/values/sha256.h"

namespace runledger {
namespace {

using namespace std::string_literals;

std::string hex(const Digest<32>& digest) {
  return format_hex({reinterpret_cast<const char*>(digest.bytes.data()), digest.bytes.size()});
}

// Leaves and roots of testdata in github.com/google/certificate-transparency (merkletree tests).
const std::string kLeaves[] = {
    ""s,
    "\x00"s,
    "\x10"s,
    "\x20\x21"s,
    "\x30\x31"s,
    "\x40\x41\x42\x43"s,
    "\x50\x51\x52\x53\x54\x55\x56\x57"s,
    "\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"s,
};
const char* const kRoots[] = {
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
};

// Follows the text of RFC 6962, 2.1: the list is split at the largest power of two below its size.
Digest<32> naive_root(const std::vector<std::string>& leaves, std::size_t begin, std::size_t end) {
  if (begin == end) return sha256({});
  if (end - begin == 1) return sha256({std::string_view("\0", 1), leaves[begin]});
  const std::size_t left = std::bit_floor(end - begin - 1);
  const Digest<32> a = naive_root(leaves, begin, begin + left);
  const Digest<32> b = naive_root(leaves, begin + left, end);
  const auto view = [](const Digest<32>& d) {
    return std::string_view(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
  };
  return sha256({"\1", view(a), view(b)});
}

TEST(Merkle, AnEmptyTreeHasTheDigestOfNothing) {
  EXPECT_EQ(hex(MerkleFrontier().root()), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Merkle, RootsAreThoseOfTheReferenceImplementation) {
  MerkleFrontier tree;
  for (std::size_t i = 0; i < std::size(kLeaves); ++i) {
    tree.append(kLeaves[i]);
    EXPECT_EQ(hex(tree.root()), kRoots[i]) << "after " << i + 1 << " leaves";
  }
}

TEST(Merkle, EverySizeGivesTheRootThatTheDefinitionGives) {
  MerkleFrontier tree;
  std::vector<std::string> leaves;
  for (int i = 0; i < 300; ++i) {
    leaves.push_back("leaf " + std::to_string(i));
    tree.append(leaves.back());
    ASSERT_EQ(tree.root(), naive_root(leaves, 0, leaves.size())) << leaves.size() << " leaves";
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
  const auto view = [](const Digest<32>& d) {
    return std::string(reinterpret_cast<const char*>(d.bytes.data()), d.bytes.size());
  };
  MerkleFrontier posing;
  posing.append(view(sha256({std::string_view("\0", 1), "a"})) + view(sha256({std::string_view("\0", 1), "b"})));
  EXPECT_NE(posing.root(), two.root());
}

}  // namespace
}  // namespace runledger
