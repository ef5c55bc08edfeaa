// The suggestion for a name that was mistyped.
#include "tools/cli/options/nearest_name.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

const Names& options() {
  static const Names all = {"http", "http-host", "limit", "listen", "n"};
  return all;
}

TEST(NearestName, IsTheOneWithTheFewestChanges) {
  EXPECT_EQ(nearest_name("htp", options()), "http");
  EXPECT_EQ(nearest_name("http_host", options()), "http-host");
  EXPECT_EQ(nearest_name("Limit", options()), "limit");
  EXPECT_EQ(nearest_name("lisen", options()), "listen");
  EXPECT_EQ(nearest_name("http", options()), "http");
}

TEST(NearestName, IsAbsentWhenEveryNameIsFar) {
  EXPECT_EQ(nearest_name("nosuch", options()), std::nullopt);
  EXPECT_EQ(nearest_name("", options()), std::nullopt);
  EXPECT_EQ(nearest_name("htp", {}), std::nullopt);
  EXPECT_EQ(nearest_name(std::string(1'000'000, 'h'), options()), std::nullopt);
}

}  // namespace
}  // namespace runledger
