// Many commands in one call: each in its order, with its own rights and its own answer.
#include <gtest/gtest.h>

#include <sstream>

#include "tests/tools/daemon/http/http_world.h"

namespace runledger {
namespace {

using nlohmann::json;

// Sends the commands as lines, and returns the answers.
std::vector<json> carry_out(const HttpTestWorld& world, const std::vector<json>& commands,
                            const std::string& token = HttpTestWorld::kNorth) {
  std::string body;
  for (const json& command : commands) body += command.dump() + "\n";
  const HttpReply reply = world.ask({.method = "POST",
                                     .target = "/v1/commands",
                                     .token = token,
                                     .body = body,
                                     .headers = {{"Content-Type", "application/x-ndjson"}}});
  EXPECT_EQ(reply.status, 200) << reply.body;
  std::vector<json> answers;
  std::istringstream lines(reply.body);
  for (std::string line; std::getline(lines, line);) answers.push_back(json::parse(line));
  return answers;
}

TEST(HttpLines, ManyCommandsAreCarriedOutInTheirOrder) {
  const HttpTestWorld world;
  const std::string run = "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11";
  const json request = {{"command", "request"},
                        {"body", {{"type", "demo.sync"}, {"input", {{"n", 1}}}, {"run_id", run}}}};
  const std::vector<json> answers = carry_out(
      world, {request,
              {{"command", "start"}, {"run", run}, {"body", {{"worker", "w-1"}, {"starter", "s"}}}},
              {{"command", "heartbeat"}, {"run", run}, {"attempt", 1}, {"body", {{"token", 2}}}},
              {{"command", "start"}, {"run", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a12"}},
              {{"command", "luck"}},
              {{"command", "finish"}, {"run", run}, {"attempt", 1}, {"body", {{"token", 2}, {"outcome", "succeeded"}}}},
              {{"command", "cancel"}, {"run", run}},
              request});
  ASSERT_EQ(answers.size(), 8U);
  const std::vector<int> statuses = {201, 201, 200, 404, 400, 200, 409, 200};
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i]["status"], statuses[i]) << answers[i];
  EXPECT_EQ(answers[0]["answer"]["run_id"], run);
  EXPECT_EQ(answers[4]["answer"]["code"], "command.unknown");
  EXPECT_EQ(world.get("/v1/runs/" + run).json()["run"]["outcome"], "succeeded");
}

TEST(HttpLines, ManyCommandsNeedTheRightsOfEachAndHaveLimits) {
  const HttpTestWorld world;
  const std::string run = world.request({{"n", 1}});
  const json cancel = {{"command", "cancel"}, {"run", run}};
  EXPECT_EQ(carry_out(world, {cancel}, HttpTestWorld::kLooker)[0]["answer"]["code"], "access.denied");
  EXPECT_EQ(carry_out(world, {cancel}, "south")[0]["answer"]["code"], "run.not_found");
  const auto problem = [&](const std::string& body, const std::string& type = "application/x-ndjson") {
    return world
        .ask({.method = "POST",
              .target = "/v1/commands",
              .token = "north",
              .body = body,
              .headers = {{"Content-Type", type}}})
        .problem();
  };
  std::string many;
  for (int i = 0; i < 513; ++i) many += cancel.dump() + "\n";
  EXPECT_EQ(problem(many), "400 commands.too_many");
  EXPECT_EQ(problem("\n\n"), "400 body.malformed");
  EXPECT_EQ(problem("{}", "application/json"), "415 http.media_type");
  EXPECT_EQ(world.get("/v1/runs/" + run).json()["run"]["status"], "queued") << "nothing was carried out";
  for (const json& bad : {json{{"command", "cancel"}, {"run", run}, {"colour", "red"}}, json{{"run", run}}, json(7),
                          json{{"command", "request"}, {"run", run}, {"body", {{"type", "demo.sync"}}}}})
    EXPECT_EQ(carry_out(world, {bad})[0]["answer"]["code"], "body.malformed") << bad;
}

}  // namespace
}  // namespace runledger
