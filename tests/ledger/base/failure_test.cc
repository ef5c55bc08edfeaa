// Failures: which of them may pass.
#include "ledger/base/failure.h"

#include <gtest/gtest.h>

namespace runledger {
namespace {

TEST(Failure, MayPassWhenAnotherTryIsWorthIt) {
  const auto may_pass = [](Remedy remedy) { return Failure(remedy, "a.code", "what").may_pass(); };
  for (const Remedy remedy : {Remedy::kRetryLater, Remedy::kReconnect, Remedy::kAskLedger})
    EXPECT_TRUE(may_pass(remedy)) << to_string(remedy);
  for (const Remedy remedy : {Remedy::kCorrectInput, Remedy::kCallOperator, Remedy::kDamageFound})
    EXPECT_FALSE(may_pass(remedy)) << to_string(remedy);
}

}  // namespace
}  // namespace runledger
