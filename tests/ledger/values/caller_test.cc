// Tests the texts of callers, and which callers a reader sees who is bound to a scope.
#include "ledger/values/caller.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

Caller token(CallerKind kind) {
  Caller caller{.kind = kind};
  caller.token.value.bytes.fill(0xab);
  return caller;
}

TEST(Callers, AreReadBackFromTextAndKind) {
  for (const Caller& caller : {Caller(), user_caller(0), user_caller(4'294'967'295), token(CallerKind::kToken),
                               token(CallerKind::kWorkspaceToken), token(CallerKind::kTenantToken)})
    EXPECT_EQ(parse_caller(format_caller(caller), caller.kind), caller) << format_caller(caller);
  EXPECT_EQ(format_caller(user_caller(1000)), "uid:1000");
}

TEST(Callers, AreNotReadFromAnotherText) {
  for (const char* text : {"", "uid:", "uid:-1", "uid:01", "uid:4294967296", "1000", "system"})
    EXPECT_FALSE(parse_caller(text, CallerKind::kUser)) << text;
  EXPECT_FALSE(parse_caller("abababab-abab-abab-abab-ABABABABABAB", CallerKind::kToken));
  EXPECT_FALSE(parse_caller("me", CallerKind::kSystem));
}

TEST(Callers, FromOutsideOfAScopeAreHiddenFromItsReaders) {
  const Caller hidden{.kind = CallerKind::kHidden};
  EXPECT_EQ(format_caller(hidden), "operator");
  for (const Caller& outside : {user_caller(1000), token(CallerKind::kToken)}) {
    EXPECT_EQ(seen_from_workspace(outside), hidden);
    EXPECT_EQ(seen_from_tenant(outside), hidden);
  }
  EXPECT_EQ(seen_from_tenant(token(CallerKind::kWorkspaceToken)), hidden);
  for (const CallerKind kind : {CallerKind::kWorkspaceToken, CallerKind::kTenantToken})
    EXPECT_EQ(seen_from_workspace(token(kind)), token(kind));
  EXPECT_EQ(seen_from_tenant(token(CallerKind::kTenantToken)), token(CallerKind::kTenantToken));
  EXPECT_EQ(seen_from_tenant(Caller()), Caller());
}

}  // namespace
}  // namespace runledger
