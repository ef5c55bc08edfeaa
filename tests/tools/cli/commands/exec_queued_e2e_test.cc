// `runledger exec` on a run that waits in the queue already.
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

TEST(ExecOfAQueuedRun, TurnsNobodyAway) {
  const CliLedger ledger;
  const Arguments what{"--workspace", "acme", "--type", "demo.sync", "--input", R"({"n":1})"};
  Arguments request{"request"};
  request.insert(request.end(), what.begin(), what.end());
  const json asked = ledger.json(request);
  Arguments exec{"exec"};
  exec.insert(exec.end(), what.begin(), what.end());
  exec.insert(exec.end(), {"--", "true"});
  EXPECT_EQ(ledger.run(exec).status, 0);
  const json shown = ledger.json({"show", asked["run_id"]});
  EXPECT_EQ(shown["run"]["outcome"], "succeeded");
  EXPECT_EQ(shown["run"]["deduped_count"], 0);
  EXPECT_EQ(shown["run"]["skipped_count"], 0);
  EXPECT_EQ(shown["events"].size(), 3U);
  EXPECT_EQ(ledger.json({"stats"})["deduped"], json::object());
}

}  // namespace
}  // namespace runledger
