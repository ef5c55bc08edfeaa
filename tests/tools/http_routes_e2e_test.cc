// Every route over a real socket.
#include <gtest/gtest.h>

#include "tests/tools/http_world.h"

namespace runledger {
namespace {

TEST(HttpRoutesTest, ARunThatWasRequestedCanBeShown) {
  const HttpTestWorld world;
  const HttpReply requested = world.post("/v1/runs", {{"type", "demo.sync"}, {"input", {{"n", 1}}}});
  ASSERT_EQ(requested.status, 201) << requested.body;
  const std::string id = requested.json().value("run_id", "");
  EXPECT_EQ(requested.headers.at("location"), "/v1/runs/" + id);
  const HttpReply shown = world.get("/v1/runs/" + id);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_EQ(shown.json()["run"]["run_id"], id);
  EXPECT_EQ(shown.json()["run"]["status"], "queued");
  EXPECT_EQ(shown.json()["events"].size(), 1U);
}

}  // namespace
}  // namespace runledger
