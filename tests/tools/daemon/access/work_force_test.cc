// Who could carry out a run, as far as a caller may know.
#include <gtest/gtest.h>

#include <future>
#include <nlohmann/json.hpp>

#include "jobs/builtin_catalog.h"
#include "tests/fixtures/data/examples.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/daemon/access/session.h"

namespace runledger {
namespace {

// Whoever operates the ledger learns who could carry out a run; a tenant learns of its own tokens and claims only.
TEST(WorkForces, AreThoseOfTheAskersOwnScope) {
  TestDaemon daemon{with_catalog(builtin_catalog())};
  const auto issue = [&](std::optional<std::string_view> workspace, std::optional<std::string_view> tenant,
                         const Rights& rights) {
    const Grant grant{.workspace = workspace ? std::optional(examples::workspace(*workspace)) : std::nullopt,
                      .tenant = tenant ? std::optional(examples::tenant(*tenant)) : std::nullopt,
                      .rights = rights};
    return *daemon.authenticator().by_token(daemon.tokens().issue(grant, {}, daemon.clock.now())->secret);
  };
  const Session requester = issue("acme", "north", {Right::kRequest});
  RunRequest request;
  request.type = examples::type();
  std::promise<Answer> promise;
  requester.submit(request, {}, [&promise](Answer given) { promise.set_value(std::move(given)); });
  const RunId run = std::get<Reply>(promise.get_future().get()).run;
  const auto why = [&](const Session& by) {
    Parameters parameters;
    parameters.add("run", format_uuid(run.value));
    return nlohmann::json::parse(*by.answer({"why", parameters}));
  };
  const Session everywhere = issue({}, {}, {Right::kRequest});
  const Session own = issue("acme", "north", {Right::kRequest});
  const Session workspace = issue("acme", {}, {Right::kRequest});
  EXPECT_EQ(why(everywhere)["reason"], "no_token");
  EXPECT_EQ(why(own)["reason"], "due") << "it cannot know of others";
  const Session worker = issue({}, {}, {Right::kWork});
  (void)issue("acme", "south", {Right::kWork});
  (void)issue("globex", {}, {Right::kWork});
  EXPECT_EQ(why(everywhere)["reason"], "no_claim");
  EXPECT_EQ(why(everywhere)["tokens"], 1);
  EXPECT_EQ(why(workspace)["tokens"], 0);
  EXPECT_EQ(why(own)["tokens"], 0);
  (void)issue("acme", "north", {Right::kWork});
  EXPECT_EQ(why(everywhere)["tokens"], 2);
  EXPECT_EQ(why(workspace)["tokens"], 1);
  EXPECT_EQ(why(own)["tokens"], 1);
  // A claim for another type waits; it is counted for runs of that type and scope only.
  const Claims::Waiting waiting = worker.claim(
      {.types = {examples::type("assignments.restore")}, .worker = {}, .wait = std::chrono::seconds(60), .lease = {}},
      {}, [](const ClaimAnswer&) {});
  const Scope north_scope{examples::workspace(), examples::tenant("north")};
  const auto waiting_for = [&](std::string_view type, const std::optional<Workspace>& of) {
    return daemon.claims().waiting_for(examples::type(type), north_scope, of, std::nullopt);
  };
  EXPECT_EQ(waiting_for("assignments.restore", {}), 1U);
  EXPECT_EQ(waiting_for("assignments.restore", examples::workspace()), 0U) << "it is not bound to the workspace";
  EXPECT_EQ(waiting_for("assignments.fetch", {}), 0U);
  EXPECT_EQ(why(everywhere)["claims_waiting"], 0);
}

}  // namespace
}  // namespace runledger
