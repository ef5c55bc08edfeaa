// Variables that look like options of the program.
#include "tools/cli/options/environment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ledger/values/rejection.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

// Returns the code and the detail, or "" when the variables are accepted.
std::string refusal_of(std::vector<const char*> environment) {
  environment.push_back(nullptr);
  try {
    require_known_variables(environment.data(), {"", "RUNLEDGER_DATA", "RUNLEDGER_LIST_LIMIT"});
    return "";
  } catch (const Refused& refused) {
    return refused.rejection().code + ": " + refused.rejection().detail.str();
  }
}

TEST(Environment, MayHoldKnownVariablesAndThoseOfOtherPrograms) {
  EXPECT_EQ(refusal_of({}), "");
  EXPECT_EQ(refusal_of({"PATH=/bin", "RUNLEDGER_DATA=a", "RUNLEDGER=b", "RUNLEDGERS_DATA=c", "XRUNLEDGER_A=d"}), "");
}

TEST(Environment, WithAnUnknownVariableIsRefusedWithTheNearestName) {
  EXPECT_THAT(refusal_of({"PATH=/bin", "RUNLEDGER_DATE=hidden"}),
              AllOf(HasSubstr("environment.unknown: "), HasSubstr("RUNLEDGER_DATE"),
                    HasSubstr("did you mean RUNLEDGER_DATA?"), Not(HasSubstr("hidden"))));
  EXPECT_THAT(refusal_of({"RUNLEDGER_LST_LIMIT=1"}), HasSubstr("did you mean RUNLEDGER_LIST_LIMIT?"));
  EXPECT_THAT(refusal_of({"RUNLEDGER_=1"}), HasSubstr("see runledger --help"));
  EXPECT_THAT(refusal_of({"RUNLEDGER_SOMETHING=1"}), HasSubstr("see runledger --help"));
  EXPECT_THAT(refusal_of({"RUNLEDGER_data=1"}), HasSubstr("environment.unknown"));
}

// What Kubernetes puts into every container for services named runledger, runledger-serve and runledger-data.
TEST(Environment, MayHoldTheLinksOfServices) {
  EXPECT_EQ(refusal_of({"RUNLEDGER_PORT=tcp://10.96.0.11:8080", "RUNLEDGER_SERVICE_HOST=10.96.0.11",
                        "RUNLEDGER_SERVICE_PORT=8080", "RUNLEDGER_SERVE_SERVICE_PORT_HTTP=8080",
                        "RUNLEDGER_SERVE_PORT_8080_TCP=tcp://10.96.0.11:8080", "RUNLEDGER_DATA_PORT_53_UDP_ADDR=::1"}),
            "");
  EXPECT_THAT(refusal_of({"RUNLEDGER_PORT=8080"}), HasSubstr("environment.unknown"));
}

TEST(Environment, CountsAnEmptyVariableAsUnset) {
  EXPECT_EQ(refusal_of({"RUNLEDGER_DATE="}), "");
  EXPECT_EQ(refusal_of({"RUNLEDGER_DATE"}), "");
}

}  // namespace
}  // namespace runledger
