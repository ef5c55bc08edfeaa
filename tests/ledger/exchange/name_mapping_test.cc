// Tests that every name of another system becomes one that a ledger takes, and can be had back.
#include "ledger/exchange/name_mapping.h"

#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "ledger/base/ascii.h"
#include "ledger/values/names.h"

namespace runledger {
namespace {

// The rule of docs/journal.md, read backwards.
std::string original(std::string_view name) {
  if (!name.starts_with(kMappedNamePrefix)) return std::string(name);
  std::string out;
  for (std::size_t i = kMappedNamePrefix.size(); i < name.size(); ++i) {
    if (name[i] != '_') {
      out += name[i];
    } else if (is_digit(name.at(i + 1))) {
      out += static_cast<char>(std::stoi(std::string(name.substr(i + 1, 3))));
      i += 3;
    } else {
      const char escaped = name.at(++i);
      out += escaped == '_' ? '_' : static_cast<char>(escaped - 'a' + 'A');
    }
  }
  return out;
}

const std::vector<std::string> kForeign = {R"(App\Jobs\X)",
                                           "my-dag.task",
                                           "auth0|x",
                                           "a@b",
                                           "GraphThrottled",
                                           "timeout",
                                           "A_a",
                                           "a_A",
                                           "_app",
                                           "1st.task",
                                           "a..b",
                                           "a.B",
                                           "a.",
                                           ".a",
                                           "a._",
                                           "caf\u00e9",
                                           "a b",
                                           "mapped.x_a_b",
                                           "mapped.x_",
                                           "mapped.x__",
                                           "_092",
                                           "\\",
                                           "X092",
                                           "a.1",
                                           "Reports::Send",
                                           "reports/send",
                                           "tasks.add[10]",
                                           "\U0001F600",
                                           "a\tb",
                                           "__",
                                           "a-b_c.d"};

TEST(NameMapping, IsThatOfTheDocs) {
  EXPECT_EQ(mapped_type(R"(App\Jobs\X)"), "mapped.x__app_092_jobs_092_x");
  EXPECT_EQ(mapped_type("my-dag.task"), "mapped.x_my_045dag.task");
  EXPECT_EQ(mapped_scope_name("auth0|x"), "mapped.x_auth0_124x");
  EXPECT_EQ(mapped_scope_name("a@b"), "mapped.x_a_064b");
  EXPECT_EQ(mapped_reason_code("GraphThrottled"), "mapped.x__graph_throttled");
}

TEST(NameMapping, LeavesTheNamesThatALedgerTakes) {
  EXPECT_EQ(mapped_type("assignments.fetch_all"), "assignments.fetch_all");
  EXPECT_EQ(mapped_scope_name("Team:A/b_c-d.e"), "Team:A/b_c-d.e");
  EXPECT_EQ(mapped_reason_code("graph.throttled"), "graph.throttled");
}

TEST(NameMapping, GivesNamesThatAreDifferentAndSayWhatTheyWere) {
  std::set<std::string> types;
  std::set<std::string> tenants;
  for (const std::string& name : kForeign) {
    const std::string type = mapped_type(name);
    const std::string tenant = mapped_scope_name(name);
    EXPECT_TRUE(parse_run_type(type)) << type;
    EXPECT_TRUE(parse_tenant(tenant)) << tenant;
    EXPECT_TRUE(parse_reason_code(mapped_reason_code(name))) << name;
    EXPECT_EQ(original(type), name);
    EXPECT_EQ(original(tenant), name);
    EXPECT_EQ(original(mapped_reason_code(name)), name);
    types.insert(type);
    tenants.insert(tenant);
  }
  EXPECT_EQ(types.size(), kForeign.size());
  EXPECT_EQ(tenants.size(), kForeign.size());
}

TEST(NameMapping, HidesNoSecretAndMakesNoNameOfNothing) {
  const std::string secret = "ghp_0123456789abcdefghijABCDEFGHIJ012345";
  EXPECT_EQ(mapped_type(secret), secret);
  EXPECT_EQ(mapped_scope_name(secret + "|"), secret + "|");
  EXPECT_EQ(mapped_type(""), "");
}

}  // namespace
}  // namespace runledger
