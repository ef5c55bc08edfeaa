// Names within commands that people paste.
#include "tools/cli/output/pasteable.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(ShellWords, AreQuotedOnlyWhereThatIsNeeded) {
  EXPECT_EQ(shell_word("/var/lib/runledger-2/x.y"), "/var/lib/runledger-2/x.y");
  EXPECT_EQ(shell_word(""), "''");
  EXPECT_EQ(shell_word("a b"), "'a b'");
  EXPECT_EQ(shell_word("$(rm x); `y`"), "'$(rm x); `y`'");
  EXPECT_EQ(shell_word("where id = 'x'"), "\"where id = 'x'\"");
  EXPECT_EQ(shell_word("it's \"$x\""), "'it'\\''s \"$x\"'");
  EXPECT_EQ(shell_word("~"), "'~'");
}

TEST(SqlNames, AreQuotedSinceAReservedWordLooksLikeAnyOther) {
  EXPECT_EQ(sql_name("runledger"), "\"runledger\"");
  EXPECT_EQ(sql_name("order"), "\"order\"");
  EXPECT_EQ(sql_name("a\"; drop schema b; --"), "\"a\"\"; drop schema b; --\"");
}

}  // namespace
}  // namespace runledger
