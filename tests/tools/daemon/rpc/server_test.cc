// The RPC server over a real socket: batches, subscriptions, and the limits for callers.
//
// Each test makes an RpcServer with the options that it needs, on the authenticator of a TestDaemon. Most callers use
// the client library. Where a test needs a certain batch, subscription or number of calls in flight, a Caller speaks
// the protocol directly. A StandingClock holds up the sequencer while a test fills the limits for commands in flight.
#include "tools/daemon/rpc/server.h"

#include <capnp/ez-rpc.h>
#include <capnp/rpc-twoparty.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <condition_variable>
#include <deque>
#include <future>
#include <mutex>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "schema/rpc.capnp.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/large_events.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/fixtures/world/standing_clock.h"
#include "tests/tools/daemon/test_daemon.h"

namespace runledger {
namespace {

class Rpc : public testing::Test {
 protected:
  StandingClock clock;
  TestDaemon daemon{with_catalog(*Catalog::parse(examples::kLargeEventsCatalog, {}), &clock)};
  std::filesystem::path socket = daemon.socket();

  std::unique_ptr<LedgerClient> client() const { return connect_client({.socket = socket, .token = {}}); }
  static RunRequest run_request(int number) {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant();
    request.type = examples::type();
    request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    return request;
  }
};

// Twice the greatest page of events, for safety.
constexpr std::uint64_t kPageWordsMax = 2 * 1024 * 1024 / sizeof(capnp::word);

// A caller that speaks the protocol directly. For one thread.
class Caller {
 public:
  // Accepts messages of at most 8 MiB, as readers do.
  explicit Caller(const std::filesystem::path& socket, const std::string& token = "")
      : rpc_(fmt::format("unix:{}", socket.string()).c_str(), 0, {.traversalLimitInWords = 1024 * 1024}),
        session_(authenticate(token)) {}

  [[nodiscard]] rpc::Session::Client session() { return session_; }
  [[nodiscard]] kj::WaitScope& scope() { return rpc_.getWaitScope(); }

 private:
  rpc::Session::Client authenticate(const std::string& token) {
    auto request = rpc_.getMain<rpc::Gate>().authenticateRequest();
    request.setToken(token.c_str());
    return request.send().getSession();
  }

  capnp::EzRpcClient rpc_;
  rpc::Session::Client session_;
};

// The names take 1.2 MB, which is more than a stored value may have.
TEST_F(Rpc, TotalsOfManyTenantsAreGiven) {
  constexpr int kTenants = 8'000;
  std::vector<std::future<Answer>> asked;
  for (int i = 0; i < kTenants; ++i) {
    RequestRun request = examples::request(
        {.run = examples::run_id(i + 1), .scope = examples::scope(fmt::format("tenant-{:0>120}", i))});
    asked.push_back(daemon.ledger().sequencer().submit({.command = std::move(request)}));
    if (asked.size() < 1'000) continue;
    for (std::future<Answer>& each : asked) ASSERT_TRUE(std::holds_alternative<Reply>(each.get()));
    asked.clear();
  }
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const std::unique_ptr<LedgerReader> reader = remote_reader(connect_link({.socket = socket, .token = {}}));
  const Result<LedgerTotals> totals = reader->totals({});
  ASSERT_TRUE(totals);
  EXPECT_EQ(totals->statistics, daemon.rows().rows().totals({}).statistics);
  EXPECT_EQ(totals->statistics.by_tenant.size(), static_cast<std::size_t>(kTenants));
  EXPECT_EQ(totals->log, standing_of(daemon.ledger().log()));
}

TEST_F(Rpc, ABatchWithABadMemberIsCarriedOutButForIt) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  Caller caller(socket);
  auto request = caller.session().requesterRequest().send().getRequester().requestRequest();
  auto orders = request.initOrders(3);
  for (unsigned i = 0; i < orders.size(); ++i) {
    orders[i].setWorkspace("acme");
    orders[i].setType(i == 1 ? "Not A Type" : "demo.sync");
    orders[i].setInput(fmt::format("{{\"n\":{}}}", i).c_str());
  }
  const auto response = request.send().wait(caller.scope());
  const auto answers = response.getAnswers();
  ASSERT_EQ(answers.size(), 3U);
  EXPECT_STREQ(answers[0].getReply().getVerdict().cStr(), "requested");
  EXPECT_STREQ(answers[1].getRejection().getCode().cStr(), "type.invalid");
  EXPECT_STREQ(answers[2].getReply().getVerdict().cStr(), "requested");
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{2});
}

TEST_F(Rpc, ABatchWithAMemberThatCannotBeReadIsCarriedOutButForIt) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const Answer requested = client()->submit(run_request(1), {});
  spoil(daemon.ledger().log().store(), Family::kRuns);
  const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kWork}};
  Caller caller(socket, daemon.tokens().issue(grant, {}, clock.now())->secret);
  auto request = caller.session().workerRequest().send().getWorker().startRequest();
  auto starts = request.initStarts(2);
  const auto name = [&](unsigned member, RunId run) {
    starts[member].setRun(kj::arrayPtr(run.value.bytes.data(), run.value.bytes.size()));
  };
  name(0, examples::run_id(1));
  name(1, std::get<Reply>(requested).run);
  const auto response = request.send().wait(caller.scope());
  ASSERT_EQ(response.getAnswers().size(), 2U);
  EXPECT_STREQ(response.getAnswers()[0].getRejection().getCode().cStr(), "run.not_found");
  EXPECT_TRUE(response.getAnswers()[1].isUnknown());
}

TEST_F(Rpc, AnEmptyBatchIsAnsweredEmpty) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  Caller caller(socket);
  auto request = caller.session().workerRequest().send().getWorker().startRequest();
  EXPECT_EQ(request.send().wait(caller.scope()).getAnswers().size(), 0U);
}

TEST_F(Rpc, ABatchAboveItsLimitIsRefusedWhole) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  Caller caller(socket);
  auto request = caller.session().workerRequest().send().getWorker().heartbeatRequest();
  request.initHeartbeats(4097);
  try {
    (void)request.send().wait(caller.scope());
    FAIL();
  } catch (const kj::Exception& error) {
    EXPECT_NE(std::string_view(error.getDescription().cStr()).find("batch.too_large"), std::string_view::npos);
  }
}

// Takes batches until it has `wanted` events.
class Sink final : public rpc::EventSink::Server {
 public:
  Sink(std::size_t wanted, kj::Own<kj::PromiseFulfiller<void>> enough, std::vector<std::uint64_t>& taken)
      : wanted_(wanted), enough_(kj::mv(enough)), taken_(taken) {}

  kj::Promise<void> take(TakeContext context) override {
    EXPECT_LT(context.getParams().totalSize().wordCount, kPageWordsMax);
    for (const auto event : context.getParams().getEvents()) taken_.push_back(event.getSequence());
    if (taken_.size() >= wanted_) enough_->fulfill();
    return kj::READY_NOW;
  }

 private:
  std::size_t wanted_;
  kj::Own<kj::PromiseFulfiller<void>> enough_;
  std::vector<std::uint64_t>& taken_;
};

TEST_F(Rpc, ASubscriptionGivesEveryEventOnceInOrderAlsoThoseToCome) {
  constexpr std::size_t kBefore = 700;  // This is more than the daemon sends at a time.
  constexpr std::size_t kAfter = 50;
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const auto writer = client();
  std::vector<std::future<Answer>> pending;
  for (std::size_t i = 0; i < kBefore; ++i) {
    pending.push_back(daemon.ledger().submit(run_request(static_cast<int>(i)), {}));
  }
  for (auto& each : pending) (void)each.get();
  Caller caller(socket);
  std::vector<std::uint64_t> taken;
  auto enough = kj::newPromiseAndFulfiller<void>();
  auto subscribe = caller.session().auditorRequest().send().getAuditor().subscribeRequest();
  subscribe.setAfter(0);
  subscribe.setSink(kj::heap<Sink>(kBefore + kAfter, kj::mv(enough.fulfiller), taken));
  const auto subscription = subscribe.send().wait(caller.scope());
  std::thread more([&] {
    for (std::size_t i = 0; i < kAfter; ++i) (void)writer->submit(run_request(static_cast<int>(kBefore + i)), {});
  });
  enough.promise.wait(caller.scope());
  more.join();
  ASSERT_EQ(taken.size(), kBefore + kAfter);
  for (std::size_t i = 0; i < taken.size(); ++i) EXPECT_EQ(taken[i], i + 1);
}

TEST_F(Rpc, NobodyWaitsAfterTheEndOfTheLog) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  (void)client()->submit(run_request(1), {});
  Caller caller(socket);
  auto auditor = caller.session().auditorRequest().send().getAuditor();
  const auto is_ahead = [&](auto request) {
    try {
      (void)request.send().wait(caller.scope());
      return false;
    } catch (const kj::Exception& error) {
      return std::string_view(error.getDescription().cStr()).find("position.ahead") != std::string_view::npos;
    }
  };
  for (const std::uint64_t after : {1U, 2U}) {
    auto events = auditor.eventsRequest();
    events.setAfter(after);
    events.setLimit(10);
    events.setWaitMs(after == 1 ? 0 : 60'000);
    EXPECT_EQ(is_ahead(std::move(events)), after == 2);
    std::vector<std::uint64_t> taken;
    auto enough = kj::newPromiseAndFulfiller<void>();
    auto subscribe = auditor.subscribeRequest();
    subscribe.setAfter(after);
    subscribe.setSink(kj::heap<Sink>(1, kj::mv(enough.fulfiller), taken));
    EXPECT_EQ(is_ahead(std::move(subscribe)), after == 2);
  }
}

TEST_F(Rpc, TheGreatestEventsComeInPagesThatAReaderTakes) {
  constexpr int kCount = 100;  // 10 MiB in total.
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const RunId run = examples::submit_large_events(*embedded_client(daemon.ledger()), kCount);
  Caller caller(socket);
  auto auditor = caller.session().auditorRequest().send().getAuditor();
  std::uint64_t next = 0;
  std::size_t pages = 0;
  for (bool moved = true; moved;) {
    auto request = auditor.eventsRequest();
    request.setAfter(next);
    request.setLimit(4096);
    const auto page = request.send().wait(caller.scope());
    EXPECT_LT(page.totalSize().wordCount, kPageWordsMax);
    for (const auto event : page.getEvents()) EXPECT_EQ(event.getSequence(), ++next);
    EXPECT_EQ(page.getNext(), next);
    moved = page.getEvents().size() > 0;
    ++pages;
  }
  EXPECT_EQ(Sequence{next}, daemon.ledger().log().last());
  EXPECT_LT(pages, 20U);

  std::vector<std::uint64_t> taken;
  auto enough = kj::newPromiseAndFulfiller<void>();
  auto subscribe = auditor.subscribeRequest();
  subscribe.setSink(kj::heap<Sink>(next, kj::mv(enough.fulfiller), taken));
  const auto subscription = subscribe.send().wait(caller.scope());
  enough.promise.wait(caller.scope());
  EXPECT_EQ(taken.size(), next);

  auto reader = caller.session().readerRequest().send().getReader();
  std::uint32_t version = 0;
  for (bool more = true; more;) {
    auto request = reader.runEventsRequest();
    const auto& id = run.value.bytes;
    request.setRun(kj::arrayPtr(id.data(), id.size()));
    request.setAfter(version);
    const auto page = request.send().wait(caller.scope());
    EXPECT_LT(page.totalSize().wordCount, kPageWordsMax);
    more = page.getMore();
    EXPECT_TRUE(!more || page.getEvents().size() > 0);
    version += page.getEvents().size();
  }
  EXPECT_EQ(version, 1U + 2 * kCount);
}

TEST_F(Rpc, ARevokedTokenEndsWhatWasHandedOutForIt) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kRequest}};
  const TokenStore::Issued issued = *daemon.tokens().issue(grant, {}, clock.now());
  const auto remote = connect_client({.socket = socket, .token = issued.secret});
  ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(1), {})));
  ASSERT_EQ(daemon.tokens().revoke(issued.token.id), std::nullopt);
  const Answer answer = remote->submit(run_request(2), {});
  ASSERT_TRUE(std::holds_alternative<Rejection>(answer));
  EXPECT_EQ(std::get<Rejection>(answer).code, "access.unauthenticated");
  EXPECT_EQ(daemon.ledger().log().last(), Sequence{1});
}

TEST_F(Rpc, ARevokedTokenEndsAWaitForEvents) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kAudit}};
  const TokenStore::Issued issued = *daemon.tokens().issue(grant, {}, clock.now());
  Caller caller(socket, issued.secret);
  auto request = caller.session().auditorRequest().send().getAuditor().eventsRequest();
  request.setLimit(1);
  request.setWaitMs(60'000);
  auto waiting = request.send();
  (void)caller.session().readerRequest().send().wait(caller.scope());  // The daemon has received the earlier call.
  ASSERT_EQ(daemon.tokens().revoke(issued.token.id), std::nullopt);
  const auto revoked_at = std::chrono::steady_clock::now();
  try {
    (void)waiting.wait(caller.scope());
    FAIL() << "expected no page";
  } catch (const kj::Exception& error) {
    EXPECT_NE(std::string_view(error.getDescription().cStr()).find("access.unauthenticated"), std::string_view::npos);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - revoked_at, std::chrono::seconds(30)) << "before the wait was over";
}

// Never takes its first batch to the end, and notices its release.
class StuckSink final : public rpc::EventSink::Server {
 public:
  explicit StuckSink(kj::Own<kj::PromiseFulfiller<void>> released) : released_(kj::mv(released)) {}
  ~StuckSink() noexcept(false) { released_->fulfill(); }
  kj::Promise<void> take(TakeContext context) override {
    context.allowCancellation();
    return kj::NEVER_DONE;
  }

 private:
  kj::Own<kj::PromiseFulfiller<void>> released_;
};

TEST_F(Rpc, ARevokedTokenEndsASubscriptionAlsoOneWhoseSinkIsStuck) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const Grant grant{.workspace = examples::workspace(), .tenant = {}, .rights = {Right::kAudit}};
  const TokenStore::Issued issued = *daemon.tokens().issue(grant, {}, clock.now());
  ASSERT_TRUE(std::holds_alternative<Reply>(client()->submit(run_request(1), {})));
  Caller caller(socket, issued.secret);
  rpc::Auditor::Client auditor = caller.session().auditorRequest().send().getAuditor();
  const auto subscribe = [&](Sequence after, kj::Own<kj::PromiseFulfiller<void>> released) {
    auto request = auditor.subscribeRequest();
    request.setAfter(after.value);
    request.setSink(kj::heap<StuckSink>(kj::mv(released)));
    return request.send().wait(caller.scope()).getSubscription();
  };
  auto of_stuck = kj::newPromiseAndFulfiller<void>();
  auto of_idle = kj::newPromiseAndFulfiller<void>();
  const auto stuck = subscribe(Sequence{}, kj::mv(of_stuck.fulfiller));
  const auto idle = subscribe(Sequence{1}, kj::mv(of_idle.fulfiller));
  ASSERT_EQ(daemon.tokens().revoke(issued.token.id), std::nullopt);
  of_stuck.promise.wait(caller.scope());
  of_idle.promise.wait(caller.scope());
}

TEST_F(Rpc, ACallAboveTheLimitInFlightIsRefusedAtOnce) {
  const RpcServer server({.socket = socket, .calls_max = 2}, daemon.authenticator());
  const auto remote = client();
  ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(0), {})));
  clock.stand();
  std::mutex mutex;
  std::condition_variable refused;
  int refusals = 0;
  std::vector<std::thread> callers;
  for (int i = 1; i <= 4; ++i) {
    callers.emplace_back([&, i] {
      const Answer answer = remote->submit(run_request(i), {});
      const auto* rejection = std::get_if<Rejection>(&answer);
      if (rejection == nullptr || rejection->code != "overloaded") return;
      const std::lock_guard lock(mutex);
      ++refusals;
      refused.notify_all();
    });
  }
  {
    std::unique_lock lock(mutex);
    refused.wait(lock, [&] { return refusals == 2; });
  }
  clock.let_go();
  for (std::thread& caller : callers) caller.join();
  EXPECT_EQ(refusals, 2);
  EXPECT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(5), {}))) << "there is room again";
}

TEST_F(Rpc, CommandsInFlightAreBoundedWhateverTheCallsThatTheyComeIn) {
  constexpr unsigned kBatch = 4096;
  const RpcServer server({.socket = socket}, daemon.authenticator());
  Caller caller(socket);
  auto requester = caller.session().requesterRequest().send().getRequester();
  const auto send = [&](unsigned commands) {
    auto request = requester.requestRequest();
    for (auto order : request.initOrders(commands)) {
      order.setWorkspace("acme");
      order.setType("demo.sync");
    }
    return request.send();
  };
  (void)send(1).wait(caller.scope());
  clock.stand();
  std::deque<decltype(send(1))> in_flight;
  for (int i = 0; i < 4; ++i) in_flight.push_back(send(kBatch));
  try {
    (void)send(1).wait(caller.scope());
    ADD_FAILURE() << "expected no room for another command";
  } catch (const kj::Exception& error) {
    EXPECT_EQ(error.getType(), kj::Exception::Type::OVERLOADED);
    EXPECT_NE(std::string_view(error.getDescription().cStr()).find("commands in flight"), std::string_view::npos);
  }
  clock.let_go();
  for (auto& each : in_flight) EXPECT_EQ(each.wait(caller.scope()).getAnswers().size(), kBatch);
  EXPECT_EQ(send(1).wait(caller.scope()).getAnswers().size(), 1U) << "there is room again";
}

TEST_F(Rpc, AConnectionAboveTheLimitIsClosed) {
  const RpcServer server({.socket = socket, .connections_max = 1}, daemon.authenticator());
  const auto first = client();
  ASSERT_TRUE(std::holds_alternative<Reply>(first->submit(run_request(1), {})));
  const auto second = connect_client({.socket = socket, .token = {}, .timeout = std::chrono::milliseconds(1)});
  try {
    EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(second->submit(run_request(2), {})));
  } catch (const Failure& failure) {  // The connection was closed before there was anything to send.
    EXPECT_EQ(failure.code(), "daemon.unreachable");
  }
  EXPECT_TRUE(std::holds_alternative<Reply>(first->submit(run_request(3), {})));
}

TEST_F(Rpc, WhoMayNotUseTheSocketIsToldSo) {
  const RpcServer server({.socket = socket}, daemon.authenticator());
  const bool is_root = ::geteuid() == 0;
  if (is_root) {
    ASSERT_EQ(::seteuid(65534), 0);
  } else {
    std::filesystem::permissions(socket, std::filesystem::perms::none);
  }
  const std::string code = failure_of([&] { return client(); }).code;
  if (is_root) {
    ASSERT_EQ(::seteuid(0), 0);
  }
  EXPECT_EQ(code, "daemon.not_permitted");
}

}  // namespace
}  // namespace runledger
