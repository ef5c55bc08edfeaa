// The packed form beside that of Cap'n Proto's library, and bytes that are no packed message.
#include "ledger/log/packing.h"

#include <capnp/serialize-packed.h>
#include <gtest/gtest.h>
#include <kj/io.h>

#include "tests/fixtures/world/answers.h"

namespace runledger {
namespace {

using Words = std::vector<std::uint64_t>;

// Returns what the library makes of the same words.
std::string packed_by_library(const Words& words) {
  const kj::ArrayPtr<const capnp::word> segments[] = {
      {reinterpret_cast<const capnp::word*>(words.data()), words.size()}};
  kj::VectorOutputStream out;
  capnp::writePackedMessage(out, segments);
  const auto bytes = out.getArray().asChars();
  return {bytes.begin(), bytes.size()};
}

std::vector<Words> examples_of_words() {
  constexpr std::uint64_t kFull = 0x0102030405060708;
  constexpr std::uint64_t kOneZero = 0x0102030405060700;
  constexpr std::uint64_t kTwoZeros = 0x0102030405000000;
  return {
      {0},           {kFull},           {kTwoZeros, 0, 0, kFull}, {kFull, kOneZero, kOneZero, kTwoZeros, 0, kFull, 0},
      Words(300, 0), Words(600, kFull), Words(257, kOneZero),     {0x8000000000000000, 1, 0xff00}};
}

Words unpacked(const std::string& packed, std::size_t words_max) {
  Words buffer{7, 7};
  const std::span<const std::uint64_t> words = unpack(packed, buffer, words_max);
  return {words.begin(), words.end()};
}

std::string code_of_unpacking(const std::string& packed) {
  return failure_of([&] {
           Words buffer;
           (void)unpack(packed, buffer, 1000);
         })
      .code;
}

TEST(Packing, IsThatOfTheLibraryAndComesBack) {
  for (const Words& words : examples_of_words()) {
    EXPECT_EQ(pack(words), packed_by_library(words));
    EXPECT_EQ(unpacked(pack(words), words.size()), words);
  }
}

TEST(Packing, OfAnyOtherWayIsReadToo) {
  const std::string literal("\x10\x02\xff\x01\0\0\0\0\0\0\0\x01\0\0\0\0\0\0\0\0", 20);
  EXPECT_EQ(unpacked(literal, 2), (Words{1, 0}));
}

TEST(Packing, ThatIsCutOrLongerIsDamage) {
  for (const Words& words : examples_of_words()) {
    const std::string packed = pack(words);
    for (std::size_t size = 0; size < packed.size(); ++size)
      ASSERT_EQ(code_of_unpacking(packed.substr(0, size)), "storage.damaged") << size << " of " << packed.size();
    EXPECT_EQ(code_of_unpacking(packed + '\x01' + '\x01'), "storage.damaged");
  }
}

TEST(Packing, OfMoreWordsThanAllowedIsDamage) {
  EXPECT_EQ(code_of_unpacking(pack(Words(1000, 0))), "");
  EXPECT_EQ(code_of_unpacking(pack(Words(1001, 0))), "storage.damaged");
}

}  // namespace
}  // namespace runledger
