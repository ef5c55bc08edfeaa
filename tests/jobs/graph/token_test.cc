// The file of a token: its allowed content, and when it is read again.
#include "jobs/graph/token.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "jobs/graph/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

class GraphTokenFile : public ::testing::Test {
 protected:
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::trunc) << bytes; }

  // Returns the message of the refusal; empty when the token is accepted.
  [[nodiscard]] std::string refusal() const {
    try {
      static_cast<void>(GraphToken(path_).current());
      return {};
    } catch (const GraphFailure& failure) {
      EXPECT_EQ(failure.fault(), GraphFault::kTokenUnusable);
      return failure.what();
    }
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_.path() / "token";
};

TEST_F(GraphTokenFile, HoldsOneWord) {
  write("abc.def\n");
  EXPECT_EQ(GraphToken(path_).current(), "abc.def");
  write("  abc.def \r\n\n");
  EXPECT_EQ(GraphToken(path_).current(), "abc.def");
  write(std::string(GraphToken::kBytesMax, 'x'));
  EXPECT_EQ(GraphToken(path_).current().size(), GraphToken::kBytesMax);
}

TEST_F(GraphTokenFile, IsRefusedWithoutSayingWhatItHolds) {
  EXPECT_NE(refusal(), "");
  for (const std::string& bytes : {std::string(), std::string(" \n"), std::string("hushed word"),
                                   std::string("hushed\r\nX: y"), std::string("hushed\0x", 8),
                                   std::string("hushed\xC3\xB6"), "hushed" + std::string(GraphToken::kBytesMax, 'x')}) {
    write(bytes);
    EXPECT_NE(refusal(), "") << bytes;
    EXPECT_EQ(refusal().find("hushed"), std::string::npos);
  }
}

TEST_F(GraphTokenFile, IsNoPipeAndNoDirectory) {
  ASSERT_EQ(::mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(refusal().find("no regular file"), std::string::npos);
  std::filesystem::remove(path_);
  std::filesystem::create_directory(path_);
  EXPECT_NE(refusal().find("no regular file"), std::string::npos);
}

TEST_F(GraphTokenFile, IsReadAgainOnceItHasChanged) {
  write("first");
  GraphToken token(path_);
  EXPECT_EQ(token.current(), "first");
  EXPECT_FALSE(token.renew());
  write("another");
  EXPECT_EQ(token.current(), "another");
  EXPECT_EQ(token.shown(), "another");
  std::ofstream(directory_.path() / "next") << "renamed";  // A careful program renews a token by renaming a new file.
  std::filesystem::rename(directory_.path() / "next", path_);
  EXPECT_TRUE(token.renew());
  EXPECT_EQ(token.current(), "renamed");
}

TEST(GraphTokenPath, MayNameTheScope) {
  const Scope scope = examples::scope("contoso");
  EXPECT_EQ(token_path("/run/token", scope), "/run/token");
  EXPECT_EQ(token_path("/run/{workspace}/{tenant}.token", scope), "/run/acme/contoso.token");
  EXPECT_EQ(token_path("/run/{tenant}", examples::workspace_scope()), "/run/");
  EXPECT_EQ(token_path("{tenant}{tenant}", scope), "contosocontoso");
}

TEST(GraphTokenPath, LeadsToNoOtherDirectory) {
  EXPECT_EQ(token_path("/run/{tenant}", examples::scope("../north")), "/run/%2E.%2Fnorth");
  EXPECT_EQ(token_path("/run/{tenant}", examples::scope("a:b/c_d-e.f")), "/run/a%3Ab%2Fc_d-e.f");
}

}  // namespace
}  // namespace runledger
