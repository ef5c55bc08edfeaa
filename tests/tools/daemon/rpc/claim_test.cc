// Claims over RPC on a real socket: who gets which run, and that a caller which has left gets none.
//
// The daemon is in the test's process, and claims come over its socket, either from the client library or from a
// ClaimingCaller, which speaks the protocol directly in order to cancel a claim or to drop its connection. be_heard()
// sends another call on the same connection: as the daemon processes messages in order, its answer shows that the
// daemon knows of everything before it, and the test needs no sleep.
#include <capnp/ez-rpc.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <set>
#include <thread>

#include "clients/cpp/claim_wire.h"
#include "clients/cpp/command_wire.h"
#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "schema/rpc.capnp.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/proxies/losing_proxy.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

constexpr auto kSoon = 30s;  // The longest wait for something that is certain to happen.

class RpcClaim : public testing::Test {
 protected:
  TestDaemon daemon{{.rpc = RpcServerOptions{}}};
  std::filesystem::path socket = daemon.socket();
  std::unique_ptr<LedgerClient> client = connect_client({.socket = socket, .token = {}});
  std::unique_ptr<RunSource> source = source_at(socket);

  static std::unique_ptr<RunSource> source_at(const std::filesystem::path& socket, const std::string& token = "") {
    return remote_run_source(connect_link({.socket = socket, .token = token}));
  }
  [[nodiscard]] std::unique_ptr<RunSource> source_of(const Grant& grant) {
    return source_at(socket, daemon.tokens().issue(grant, {}, daemon.clock.now())->secret);
  }

  RunId request(int number, std::string_view tenant = "north", std::string_view type = "demo.sync") const {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant(tenant);
    request.type = examples::type(type);
    request.input = examples::input(fmt::format(R"({{"n":{}}})", number));
    const Answer answer = client->submit(request, {});
    EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    return std::get<Reply>(answer).run;
  }
  // Requests a run and waits until it is in the rows, so that a claim that does not wait finds it.
  RunId request_due(int number, std::string_view tenant = "north", std::string_view type = "demo.sync") {
    const RunId run = request(number, tenant, type);
    EXPECT_TRUE(daemon.rows().wait_for(daemon.ledger().log().last(), kSoon));
    return run;
  }
  static ClaimRequest of(std::string_view type = "demo.sync", std::chrono::milliseconds wait = 0ms) {
    return {.types = {examples::type(type)}, .worker = sanitize("w"), .wait = wait};
  }
  static std::string code(const ClaimAnswer& answer) {
    const auto* rejection = std::get_if<Rejection>(&answer);
    return rejection != nullptr ? rejection->code : "";
  }
};

TEST_F(RpcClaim, StartsTheRunThatIsDueAndTellsWhatItsWorkerHasToKnow) {
  const RunId run = request_due(7);
  const ClaimAnswer answer = source->claim(of(), {});
  const auto* claimed = std::get_if<ClaimedRun>(&answer);
  ASSERT_NE(claimed, nullptr);
  EXPECT_EQ(claimed->started.run, run);
  EXPECT_EQ(claimed->started.attempt, AttemptNumber{1});
  EXPECT_EQ(claimed->started.token, ScopeSequence{2});
  EXPECT_EQ(claimed->scope, (Scope{.workspace = examples::workspace(), .tenant = examples::tenant("north")}));
  EXPECT_EQ(claimed->type, examples::type("demo.sync"));
  EXPECT_EQ(claimed->input.canonical(), R"({"n":7})");
  EXPECT_EQ(claimed->lease, Policy().lease);
}

TEST_F(RpcClaim, OfARunWithoutATenantNamesNone) {
  RunRequest request;
  request.workspace = examples::workspace();
  request.type = examples::type("demo.sync");
  (void)client->submit(request, {});
  ASSERT_TRUE(daemon.rows().wait_for(Sequence{1}, kSoon));
  const ClaimAnswer answer = source->claim(of(), {});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  EXPECT_EQ(std::get<ClaimedRun>(answer).scope.tenant, std::nullopt);
}

TEST_F(RpcClaim, ThatWaitsIsWokenByARequest) {
  std::future<ClaimAnswer> waiting =
      std::async(std::launch::async, [&] { return source->claim(of("demo.sync", kClaimWaitMax), {}); });
  const RunId run = request(1);
  ASSERT_EQ(waiting.wait_for(kSoon), std::future_status::ready);
  const ClaimAnswer answer = waiting.get();
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.run, run);
}

TEST_F(RpcClaim, WhoseTokenIsRevokedWhileItWaitsIsRefusedAndGetsNoRun) {
  const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kWork}};
  const TokenStore::Issued issued = *daemon.tokens().issue(grant, {}, daemon.clock.now());
  std::future<ClaimAnswer> waiting = std::async(
      std::launch::async, [&] { return source_at(socket, issued.secret)->claim(of("demo.sync", kClaimWaitMax), {}); });
  while (daemon.claims().waiting() == 0) std::this_thread::yield();
  ASSERT_EQ(daemon.tokens().revoke(issued.token.id), std::nullopt);
  const RunId run = request_due(1);
  ASSERT_EQ(waiting.wait_for(kSoon), std::future_status::ready);
  EXPECT_EQ(code(waiting.get()), "access.unauthenticated");
  const ClaimAnswer of_owner = source->claim(of(), {});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(of_owner));
  EXPECT_EQ(std::get<ClaimedRun>(of_owner).started.run, run);
}

TEST_F(RpcClaim, ThatWaitsInVainIsToldSo) {
  EXPECT_TRUE(std::holds_alternative<NothingDue>(source->claim(of("demo.sync", 20ms), {})));
}

TEST_F(RpcClaim, RepeatedUnderItsIdBringsTheSameAttempt) {
  request_due(1);
  request_due(2);
  const CommandOptions options{.id = CommandId{random_uuid()}, .starter = "one process"};
  const ClaimAnswer first = source->claim(of(), options);
  const ClaimAnswer again = source_at(socket)->claim(of(), options);
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(first));
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(again));
  EXPECT_EQ(std::get<ClaimedRun>(again).started.run, std::get<ClaimedRun>(first).started.run);
  EXPECT_EQ(std::get<ClaimedRun>(again).started.token, std::get<ClaimedRun>(first).started.token);
  EXPECT_TRUE(std::get<ClaimedRun>(again).started.repeated);
  const ClaimAnswer of_another = source_at(socket)->claim(of(), {.id = options.id, .starter = "another process"});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(of_another));
  EXPECT_NE(std::get<ClaimedRun>(of_another).started.run, std::get<ClaimedRun>(first).started.run);
}

TEST_F(RpcClaim, WhoseAnswersGetLostBringsEachRunOnce) {
  constexpr int kRuns = 60;
  for (int n = 0; n < kRuns; ++n) (void)request_due(n);
  const LosingProxy proxy({.server = socket, .seed = 1});
  const auto losing = source_at(proxy.socket());
  std::set<RunId> claimed;
  for (int n = 0; n < kRuns; ++n) {
    const CommandOptions options{.id = CommandId{random_uuid()}};
    ClaimAnswer answer = losing->claim(of(), options);
    while (std::holds_alternative<UnknownOutcome>(answer)) answer = losing->claim(of(), options);
    ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer)) << code(answer);
    EXPECT_TRUE(claimed.insert(std::get<ClaimedRun>(answer).started.run).second);
  }
  EXPECT_GT(proxy.figures().answers_lost, 0U);
  EXPECT_TRUE(std::holds_alternative<NothingDue>(source->claim(of(), {}))) << "no run was claimed for a lost answer";
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{2UL * kRuns});
}

// A caller that speaks the protocol directly. For one thread.
class ClaimingCaller {
 public:
  explicit ClaimingCaller(const std::filesystem::path& socket)
      : rpc_(fmt::format("unix:{}", socket.string()).c_str()),
        worker_(
            rpc_.getMain<rpc::Gate>().authenticateRequest().send().getSession().workerRequest().send().getWorker()) {}

  // Sends a claim, and returns once the daemon has received it.
  [[nodiscard]] auto begin(const ClaimRequest& claim_request) {
    auto request = worker_.claimRequest();
    wire::write(request.initClaim(), claim_request, {});
    auto promise = request.send();
    be_heard();
    return promise;
  }
  // The daemon processes the messages of a connection in order, so an answer shows that it has received all earlier
  // ones.
  void be_heard() { (void)worker_.heartbeatRequest().send().wait(rpc_.getWaitScope()); }
  [[nodiscard]] std::string code_of(rpc::Claim::Reader claim) {
    auto request = worker_.claimRequest();
    request.setClaim(claim);
    const auto response = request.send().wait(rpc_.getWaitScope());
    return response.getAnswer().isRejection() ? response.getAnswer().getRejection().getCode().cStr() : "";
  }

 private:
  capnp::EzRpcClient rpc_;
  rpc::Worker::Client worker_;
};

TEST_F(RpcClaim, ThatIsCancelledIsWithdrawn) {
  ClaimingCaller caller(socket);
  { const auto claim = caller.begin(of("demo.sync", kClaimWaitMax)); }
  caller.be_heard();
  const RunId run = request_due(1);
  const ClaimAnswer answer = source->claim(of(), {});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.run, run);
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.attempt, AttemptNumber{1});
}

TEST_F(RpcClaim, WhoseConnectionIsLostIsWithdrawn) {
  const std::filesystem::path narrow = daemon.directory.path() / "narrow";
  const RpcServer one_at_a_time({.socket = narrow, .connections_max = 1}, daemon.authenticator());
  {
    ClaimingCaller caller(narrow);
    const auto claim = caller.begin(of("demo.sync", kClaimWaitMax));
  }
  // The daemon accepts this caller only after it has noticed that the other one is gone.
  EXPECT_TRUE(std::holds_alternative<NothingDue>(source_at(narrow)->claim(of(), {})));
  const RunId run = request_due(1);
  const ClaimAnswer answer = source->claim(of(), {});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.run, run);
}

TEST_F(RpcClaim, ThatWaitsDoesNotHoldUpADaemonThatEnds) {
  const std::filesystem::path other = daemon.directory.path() / "other";
  auto ending = std::make_unique<RpcServer>(RpcServer::Options{.socket = other}, daemon.authenticator());
  ClaimingCaller caller(other);
  const auto claim = caller.begin(of("demo.sync", kClaimWaitMax));
  const auto begun = std::chrono::steady_clock::now();
  ending.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 2s) << "the daemon does not wait for claims";
}

TEST_F(RpcClaim, OutsideOfTheScopeThereIsNothingToDo) {
  request_due(1, "south");
  const auto north =
      source_of({.workspace = examples::workspace(), .tenant = examples::tenant("north"), .rights = {Right::kWork}});
  const auto elsewhere = source_of({.workspace = examples::workspace("other"), .tenant = {}, .rights = {Right::kWork}});
  EXPECT_TRUE(std::holds_alternative<NothingDue>(north->claim(of(), {})));
  EXPECT_TRUE(std::holds_alternative<NothingDue>(elsewhere->claim(of(), {})));
  EXPECT_TRUE(std::holds_alternative<NothingDue>(source->claim(of("demo.other"), {})));
  EXPECT_TRUE(std::holds_alternative<ClaimedRun>(source->claim(of(), {}))) << "the run is due nevertheless";
}

TEST_F(RpcClaim, OfATenantCountsItsScope) {
  request_due(1, "south");
  const RunId run = request_due(2, "north");
  const auto north =
      source_of({.workspace = examples::workspace(), .tenant = examples::tenant("north"), .rights = {Right::kWork}});
  const ClaimAnswer answer = north->claim(of(), {});
  ASSERT_TRUE(std::holds_alternative<ClaimedRun>(answer));
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.run, run);
  EXPECT_EQ(std::get<ClaimedRun>(answer).started.token, ScopeSequence{2})
      << "it is the third event of the whole ledger";
}

TEST_F(RpcClaim, NeedsTheRightToWork) {
  request_due(1);
  const auto asking = source_of({.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kRequest}});
  EXPECT_EQ(code(asking->claim(of(), {})), "access.denied");
  const auto stranger = source_at(socket, "not-a-token");
  EXPECT_EQ(code(stranger->claim(of(), {})), "access.unauthenticated");
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{1});
}

TEST_F(RpcClaim, ThatCannotBeMeantIsRefused) {
  EXPECT_EQ(code(source->claim({.types = {}, .worker = sanitize("w"), .wait = 0ms}, {})), "claim.invalid");
  EXPECT_EQ(code(source->claim(of("demo.sync", kClaimWaitMax + 1ms), {})), "claim.invalid");
  const std::vector<RunType> many(kClaimTypesMax + 1, examples::type("demo.sync"));
  EXPECT_EQ(code(source->claim({.types = many, .worker = sanitize("w"), .wait = 0ms}, {})), "claim.invalid");

  ClaimingCaller caller(socket);
  capnp::MallocMessageBuilder message;
  auto claim = message.initRoot<rpc::Claim>();
  claim.initTypes(1).set(0, "Not A Type");
  EXPECT_EQ(caller.code_of(claim), "type.invalid");
  claim.initMark().setCommandId(kj::arrayPtr(reinterpret_cast<const kj::byte*>("short"), 5));
  EXPECT_EQ(caller.code_of(claim), "command_id.invalid");
}

}  // namespace
}  // namespace runledger
