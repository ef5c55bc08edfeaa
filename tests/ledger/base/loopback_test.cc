// Which hosts count as the machine itself.
#include "ledger/base/loopback.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(Loopback, IsTheMachineItselfInEverySpellingOfAnAddress) {
  for (const char* host : {"localhost", "LocalHost", "127.0.0.1", "127.8.9.10", "::1", "[::1]"})
    EXPECT_TRUE(is_loopback(host)) << host;
}

TEST(Loopback, IsNoNameThatSomebodyElseAnswersFor) {
  for (const char* host : {"", "127.example.org", "127.0.0.1.example.org", "localhost.", "localhost.example.org",
                           "127.0.0.1.", "127..0.1", "127.0.0.256", "127.1", "128.0.0.1", "::2", "[::1", "0.0.0.0"})
    EXPECT_FALSE(is_loopback(host)) << host;
}

}  // namespace
}  // namespace runledger
