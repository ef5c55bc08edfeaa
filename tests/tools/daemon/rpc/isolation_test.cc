// A caller sees the same over RPC, whether or not its neighbours exist: every method of every capability.
//
// A Way is one method, called with an Asked: a run, a command, a scope, a type and a cursor. The lists of ways cover
// every method of every capability. A test calls each way in two situations and requires that the answers are the same
// text:
//   - with the things of another tenant, and with things that do not exist. Their names are replaced by words, as they
//   are the only part of the answers that may differ;
//   - with the caller's own things, before and after its neighbours have worked.
// So a caller cannot learn from any answer whether a thing of another tenant exists. Answers are compared as the text
// that Cap'n Proto prints for them, so that new fields are compared without a change to this test.
#include <capnp/ez-rpc.h>
#include <capnp/schema.h>
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <set>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "schema/rpc.capnp.h"
#include "tests/fixtures/data/examples.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/daemon/rpc/server.h"

namespace runledger {
namespace {

using namespace std::chrono_literals;

// The things that a caller can ask about. They belong to another tenant, or do not exist.
struct Asked {
  RunId run;
  CommandId command;
  std::string workspace;
  std::string tenant;
  std::string type;
  std::string cursor;
};

template <class Results>
std::string text_of(const capnp::Response<Results>& response) {
  const typename Results::Reader reader = response;
  return kj::str(reader).cStr();
}

template <class Id>
capnp::Data::Reader to_data(const Id& id) {
  return {id.value.bytes.data(), id.value.bytes.size()};
}

// Passes on the first batch that it receives, as text.
class FirstBatch final : public rpc::EventSink::Server {
 public:
  explicit FirstBatch(kj::Own<kj::PromiseFulfiller<kj::String>> taken) : taken_(kj::mv(taken)) {}
  kj::Promise<void> take(TakeContext context) override {
    taken_->fulfill(kj::str(context.getParams()));
    return kj::READY_NOW;
  }

 private:
  kj::Own<kj::PromiseFulfiller<kj::String>> taken_;
};

// A caller with a token. For one thread.
class TokenCaller {
 public:
  TokenCaller(const std::filesystem::path& socket, const std::string& token)
      : rpc_(fmt::format("unix:{}", socket.string()).c_str()), session_(open(rpc_, token)) {}

  [[nodiscard]] rpc::Reader::Client reader() { return session_.readerRequest().send().getReader(); }
  [[nodiscard]] rpc::Requester::Client requester() { return session_.requesterRequest().send().getRequester(); }
  [[nodiscard]] rpc::Worker::Client worker() { return session_.workerRequest().send().getWorker(); }
  [[nodiscard]] rpc::Auditor::Client auditor() { return session_.auditorRequest().send().getAuditor(); }
  [[nodiscard]] rpc::Operator::Client operate() { return session_.operateRequest().send().getOperator(); }

  // Returns the whole answer as text, or the description of the failure.
  template <class Request>
  std::string answer(Request&& request) {
    try {
      return text_of(request.send().wait(rpc_.getWaitScope()));
    } catch (const kj::Exception& error) {
      return error.getDescription().cStr();
    }
  }
  std::string first_batch() {
    auto taken = kj::newPromiseAndFulfiller<kj::String>();
    auto request = auditor().subscribeRequest();
    request.setSink(kj::heap<FirstBatch>(kj::mv(taken.fulfiller)));
    const auto subscription = request.send().wait(rpc_.getWaitScope());
    return taken.promise.wait(rpc_.getWaitScope()).cStr();
  }

 private:
  static rpc::Session::Client open(capnp::EzRpcClient& rpc, const std::string& token) {
    auto request = rpc.getMain<rpc::Gate>().authenticateRequest();
    request.setToken(token.c_str());
    return request.send().getSession();
  }

  capnp::EzRpcClient rpc_;
  rpc::Session::Client session_;
};

void fill(rpc::Mark::Builder mark, const Asked& asked) {
  mark.setCommandId(to_data(asked.command));
}

void fill(rpc::Order::Builder order, const Asked& asked) {
  fill(order.initMark(), asked);
  order.setWorkspace(asked.workspace.c_str());
  order.setTenant(asked.tenant.c_str());
  order.setType(asked.type.c_str());
}

void fill(rpc::RunFilter::Builder filter, const Asked& asked) {
  filter.setWorkspace(asked.workspace.c_str());
  filter.setTenant(asked.tenant.c_str());
  filter.setType(asked.type.c_str());
}

// One way of asking about a thing, with the name of the method that it uses.
struct Way {
  const char* method;
  std::function<std::string(TokenCaller&, const Asked&)> ask;
  std::string about = {};  // With Reader.answer: the question.
};

std::string progress_of(TokenCaller& caller, const Asked& asked) {
  auto request = caller.reader().progressRequest();
  request.initRuns(1).set(0, to_data(asked.run));
  return caller.answer(request);
}

Way question(const char* about, const std::function<void(Parameters&, const Asked&)>& fill_parameters) {
  return {"Reader.answer",
          [about, fill_parameters](TokenCaller& caller, const Asked& asked) {
            Parameters parameters;
            fill_parameters(parameters, asked);
            auto request = caller.reader().answerRequest();
            request.setAbout(about);
            auto list = request.initParameters(static_cast<unsigned>(parameters.pairs().size()));
            for (unsigned i = 0; i < list.size(); ++i) {
              list[i].setKey(parameters.pairs()[i].first.c_str());
              list[i].setValue(parameters.pairs()[i].second.c_str());
            }
            return caller.answer(request);
          },
          about};
}

// Everything that can be asked of a thing.
std::vector<Way> ways_of_questions() {
  return {question("why", [](Parameters& to, const Asked& asked) { to.add("run", format_uuid(asked.run.value)); }),
          question("duplicates", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("duplicates",
                   [](Parameters& to, const Asked& asked) {
                     to.add("type", asked.type);
                     to.add("group", "identity");
                   }),
          question("series", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("totals", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("failures", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("workers", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("overdue", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("attempts", [](Parameters& to, const Asked& asked) { to.add("type", asked.type); }),
          question("attempts", [](Parameters& to, const Asked& asked) { to.add("cursor", asked.cursor); }),
          question("duplicates", [](Parameters& to, const Asked& asked) {
            to.add("workspace", asked.workspace);
            to.add("tenant", asked.tenant);
          })};
}

std::vector<Way> ways_of_reader() {
  const auto run_events = [](const std::function<void(rpc::AsOf::Builder)>& at) {
    return [at](TokenCaller& caller, const Asked& asked) {
      auto request = caller.reader().runEventsRequest();
      request.setRun(to_data(asked.run));
      at(request.initAsOf());
      return caller.answer(request);
    };
  };
  return {{"Reader.list",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().listRequest();
             request.setLimit(10);
             fill(request.initFilter(), asked);
             return caller.answer(request);
           }},
          {"Reader.list",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().listRequest();
             request.setLimit(1);
             request.setCursor(asked.cursor.c_str());
             return caller.answer(request);
           }},
          {"Reader.list",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().listRequest();
             request.setLimit(10);
             request.initFilter().setParent(to_data(asked.run));
             return caller.answer(request);
           }},
          {"Reader.list",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().listRequest();
             request.setLimit(10);
             request.initFilter().setIdPrefix(format_uuid(asked.run.value).c_str());
             return caller.answer(request);
           }},
          {"Reader.list",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().listRequest();
             request.setLimit(10);
             request.initFilter().initTypes(1).set(0, asked.type.c_str());
             return caller.answer(request);
           }},
          {"Reader.totals",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().totalsRequest();
             fill(request.initFilter(), asked);
             return caller.answer(request);
           }},
          {"Reader.totals",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.reader().totalsRequest();
             request.initFilter().setType(asked.type.c_str());
             return caller.answer(request);
           }},
          {"Reader.progress", progress_of},
          {"Reader.runEvents", run_events([](rpc::AsOf::Builder at) { at.setNow(); })},
          {"Reader.runEvents", run_events([](rpc::AsOf::Builder at) { at.setSequence(1); })},
          {"Reader.runEvents", run_events([](rpc::AsOf::Builder at) { at.setTime(examples::at(1'000'000).unix_us); })}};
}

// An order that names a run is not among them: its answer says that the id is taken, as docs/daemon.md says.
std::vector<Way> ways_of_requester() {
  return {{"Requester.request",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.requester().requestRequest();
             fill(request.initOrders(1)[0], asked);
             return caller.answer(request);
           }},
          {"Requester.cancel",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.requester().cancelRequest();
             auto cancel = request.initCancels(1)[0];
             fill(cancel.initMark(), asked);
             cancel.setRun(to_data(asked.run));
             return caller.answer(request);
           }},
          {"Requester.explain", [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.requester().explainRequest();
             fill(request.initOrder(), asked);
             return caller.answer(request);
           }}};
}

std::vector<Way> ways_of_worker() {
  return {{"Worker.start",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().startRequest();
             auto start = request.initStarts(1)[0];
             fill(start.initMark(), asked);
             start.setRun(to_data(asked.run));
             return caller.answer(request);
           }},
          {"Worker.heartbeat",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().heartbeatRequest();
             auto heartbeat = request.initHeartbeats(1)[0];
             heartbeat.setRun(to_data(asked.run));
             heartbeat.setAttempt(1);
             heartbeat.setToken(2);
             return caller.answer(request);
           }},
          {"Worker.finish",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().finishRequest();
             auto finish = request.initFinishes(1)[0];
             fill(finish.initMark(), asked);
             finish.setRun(to_data(asked.run));
             finish.setAttempt(1);
             finish.setToken(2);
             finish.setOutcome("succeeded");
             return caller.answer(request);
           }},
          {"Worker.fail",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().failRequest();
             auto fail = request.initFailures(1)[0];
             fill(fail.initMark(), asked);
             fail.setRun(to_data(asked.run));
             fail.initWhy().setReasonCode("dispatch.failed");
             return caller.answer(request);
           }},
          {"Worker.expire",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().expireRequest();
             request.initExpiries(1)[0].setRun(to_data(asked.run));
             return caller.answer(request);
           }},
          {"Worker.startByIdentity",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().startByIdentityRequest();
             fill(request.initStarts(1)[0].initOrder(), asked);
             return caller.answer(request);
           }},
          {"Worker.recordSpooled",
           [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().recordSpooledRequest();
             auto spooled = request.initRuns(1)[0];
             fill(spooled.initOrder(), asked);
             spooled.getOrder().setRun(to_data(asked.run));
             spooled.initAttempts(1)[0].setOutcome("succeeded");
             return caller.answer(request);
           }},
          {"Worker.claim", [](TokenCaller& caller, const Asked& asked) {
             auto request = caller.worker().claimRequest();
             auto claim = request.initClaim();
             fill(claim.initMark(), asked);
             claim.initTypes(1).set(0, asked.type.c_str());
             return caller.answer(request);
           }}};
}

std::vector<Way> ways_of_auditor() {
  const auto events = [](const std::function<void(rpc::EventFilter::Builder, const Asked&)>& fill_filter) {
    return [fill_filter](TokenCaller& caller, const Asked& asked) {
      auto request = caller.auditor().eventsRequest();
      request.setLimit(10);
      fill_filter(request.initFilter(), asked);
      return caller.answer(request);
    };
  };
  return {{"Auditor.events",
           events([](rpc::EventFilter::Builder filter, const Asked& asked) { filter.setRun(to_data(asked.run)); })},
          {"Auditor.events", events([](rpc::EventFilter::Builder filter, const Asked& asked) {
             filter.setTenant(asked.tenant.c_str());
           })},
          {"Auditor.events",
           events([](rpc::EventFilter::Builder filter, const Asked& asked) { filter.setType(asked.type.c_str()); })}};
}

std::vector<Way> ways_to_ask_about_another() {
  std::vector<Way> all;
  for (const std::vector<Way>& some :
       {ways_of_reader(), ways_of_questions(), ways_of_requester(), ways_of_worker(), ways_of_auditor()})
    all.insert(all.end(), some.begin(), some.end());
  return all;
}

// Methods that take nothing that could belong to another tenant. They show the caller's own things and nothing else.
std::vector<Way> ways_to_see_ones_own() {
  return {
      {"Reader.list",
       [](TokenCaller& caller, const Asked&) {
         auto request = caller.reader().listRequest();
         request.setLimit(10);
         return caller.answer(request);
       }},
      {"Reader.totals",
       [](TokenCaller& caller, const Asked&) { return caller.answer(caller.reader().totalsRequest()); }},
      {"Reader.progress", progress_of},
      {"Reader.head", [](TokenCaller& caller, const Asked&) { return caller.answer(caller.reader().headRequest()); }},
      {"Reader.catalog",
       [](TokenCaller& caller, const Asked&) { return caller.answer(caller.reader().catalogRequest()); }},
      {"Reader.runEvents",
       [](TokenCaller& caller, const Asked& own) {
         auto request = caller.reader().runEventsRequest();
         request.setRun(to_data(own.run));
         return caller.answer(request);
       }},
      question("why", [](Parameters& to, const Asked& own) { to.add("run", format_uuid(own.run.value)); }),
      question("duplicates", [](Parameters&, const Asked&) {}),
      question("duplicates", [](Parameters& to, const Asked&) { to.add("group", "identity"); }),
      question("duplicates", [](Parameters& to, const Asked&) { to.add("limit", "1"); }),
      question("series", [](Parameters&, const Asked&) {}),
      question("series", [](Parameters& to, const Asked&) { to.add("by", "tenant"); }),
      question("totals", [](Parameters&, const Asked&) {}),
      question("failures", [](Parameters&, const Asked&) {}),
      question("workers", [](Parameters&, const Asked&) {}),
      question("overdue", [](Parameters&, const Asked&) {}),
      question("attempts", [](Parameters&, const Asked&) {}),
      question("attempts", [](Parameters& to, const Asked&) { to.add("limit", "1"); }),
      {"Requester.explain",
       [](TokenCaller& caller, const Asked& own) {
         auto request = caller.requester().explainRequest();
         fill(request.initOrder(), own);
         request.getOrder().setInput(R"({"n":1})");  // The existing run dedupes it.
         return caller.answer(request);
       }},
      {"Auditor.events",
       [](TokenCaller& caller, const Asked&) {
         auto request = caller.auditor().eventsRequest();
         request.setLimit(10);
         return caller.answer(request);
       }},
      {"Auditor.subscribe", [](TokenCaller& caller, const Asked&) { return caller.first_batch(); }}};
}

std::vector<Way> ways_to_operate() {
  return {{"Operator.metrics",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().metricsRequest()); }},
          {"Operator.health",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().healthRequest()); }},
          {"Operator.page",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().pageRequest()); }},
          {"Operator.copy",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().copyRequest()); }},
          {"Operator.importJournal",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().importJournalRequest()); }},
          {"Operator.erase",
           [](TokenCaller& caller, const Asked&) { return caller.answer(caller.operate().eraseRequest()); }}};
}

template <class Interface>
void add_methods(std::set<std::string>& all) {
  const auto schema = capnp::Schema::from<Interface>();
  for (const auto method : schema.getMethods())
    all.insert(fmt::format("{}.{}", schema.getUnqualifiedName().cStr(), method.getProto().getName().cStr()));
}

class RpcIsolation : public testing::Test {
 protected:
  TestDaemon daemon;
  std::filesystem::path socket = daemon.socket();
  const Operations operations{.health = [] { return DaemonHealth{.ready = false, .reason = "the rows have stopped"}; },
                              .metrics = [] { return std::string("runs 2"); }};
  RpcServer server{{.socket = socket, .operations = operations}, daemon.authenticator()};
  std::unique_ptr<LedgerClient> client = connect_client({.socket = socket, .token = {}});
  const Asked nobodys{.run = examples::run_id(99),
                      .command = CommandId{examples::run_id(98).value},
                      .workspace = "nobody-1",
                      .tenant = "nobody-2",
                      .type = "never.seen",
                      .cursor = "beef"};

  [[nodiscard]] std::string token(std::string_view workspace, const std::optional<std::string>& tenant) {
    const Grant grant{.workspace = examples::workspace(workspace),
                      .tenant = tenant ? std::optional(examples::tenant(*tenant)) : std::nullopt,
                      .rights = {Right::kRequest, Right::kWork, Right::kAudit}};
    return daemon.tokens().issue(grant, {}, daemon.clock.now())->secret;
  }

  // Requests a run of the tenant's own type and starts it, and requests another one, which stays queued.
  Asked work_of(std::string_view tenant, int number, std::string_view workspace = "acme") {
    const Asked own{.run = examples::run_id(number),
                    .command = CommandId{examples::run_id(number + 50).value},
                    .workspace = std::string(workspace),
                    .tenant = std::string(tenant),
                    .type = fmt::format("work.of_{}", tenant),
                    .cursor = {}};
    for (const int each : {number, number + 1}) {
      RunRequest run_request;
      run_request.workspace = examples::workspace(own.workspace);
      run_request.tenant = examples::tenant(own.tenant);
      run_request.type = examples::type(own.type);
      run_request.input = examples::input(fmt::format("{{\"n\":{}}}", each));
      run_request.run = examples::run_id(each);
      EXPECT_TRUE(std::holds_alternative<Reply>(
          client->submit(run_request, {.id = CommandId{examples::run_id(each + 50).value}})));
    }
    RunRequest again;
    again.workspace = examples::workspace(own.workspace);
    again.tenant = examples::tenant(own.tenant);
    again.type = examples::type(own.type);
    again.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    for (int times = 0; times < 2; ++times) EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(again, {})));
    const Answer started = client->submit(StartAttempt{.run = own.run, .worker = {}}, {});
    EXPECT_TRUE(std::holds_alternative<Reply>(started));
    Heartbeat heartbeat{.run = own.run, .attempt = {AttemptNumber{1}, std::get<Reply>(started).token}};
    heartbeat.progress = examples::counts({{"items", 7}});
    EXPECT_TRUE(std::holds_alternative<Reply>(client->submit(heartbeat, {})));
    EXPECT_TRUE(daemon.rows().wait_for(daemon.ledger().log().last(), 30s));
    return own;
  }
  [[nodiscard]] std::string cursor_of(const Asked& own) {
    RunFilter filter;
    filter.workspace = examples::workspace(own.workspace);
    filter.tenant = examples::tenant(own.tenant);
    return daemon.rows().rows().list(filter, 1, "")->next_cursor.value_or("");
  }

  // Replaces the names, so that answers about another tenant's things can be compared with those about missing ones.
  static std::string without_names(std::string text, const Asked& asked) {
    for (const auto& [name, word] :
         std::vector<std::pair<std::string, std::string>>{{format_uuid(asked.run.value), "RUN"},
                                                          {asked.workspace, "WORKSPACE"},
                                                          {asked.tenant, "TENANT"},
                                                          {asked.type, "TYPE"},
                                                          {asked.cursor, "CURSOR"}}) {
      for (std::size_t at = text.find(name); at != std::string::npos; at = text.find(name))
        text.replace(at, name.size(), word);
    }
    return text;
  }
};

TEST_F(RpcIsolation, EveryMethodAnswersForAnothersThingsAsForNobodys) {
  Asked norths = work_of("north", 1);
  norths.cursor = cursor_of(norths);
  ASSERT_FALSE(norths.cursor.empty());
  const Sequence before = daemon.ledger().log().last();
  for (const std::string& secret : {token("acme", "south"), token("globex", std::nullopt)}) {
    TokenCaller caller(socket, secret);
    for (const Way& way : ways_to_ask_about_another()) {
      const std::string missing = without_names(way.ask(caller, nobodys), nobodys);
      EXPECT_EQ(without_names(way.ask(caller, norths), norths), missing) << way.method;
    }
  }
  EXPECT_EQ(daemon.ledger().log().last(), before) << "the log is unchanged";
}

TEST_F(RpcIsolation, EveryMethodShowsATenantItsOwnWhateverItsNeighboursDo) {
  const Asked own = work_of("south", 1);
  TokenCaller caller(socket, token("acme", "south"));
  std::vector<std::string> alone;
  for (const Way& way : ways_to_see_ones_own()) alone.push_back(way.ask(caller, own));
  (void)work_of("north", 11);
  (void)work_of("east", 21);
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const Way way = ways_to_see_ones_own()[i];
    EXPECT_EQ(way.ask(caller, own), alone[i]) << way.method;
    EXPECT_EQ(alone[i].front(), '(') << "the answer is not an error: " << way.method;
  }
}

TEST_F(RpcIsolation, EveryMethodShowsAWorkspaceItsOwnWhateverItsNeighboursDo) {
  (void)work_of("one", 31, "globex");
  const Asked own = work_of("south", 1);
  TokenCaller caller(socket, token("acme", std::nullopt));
  std::vector<std::string> alone;
  for (const Way& way : ways_to_see_ones_own()) alone.push_back(way.ask(caller, own));
  EXPECT_NE(fmt::format("{}", fmt::join(alone, "\n")).find("sequence = 1"), std::string::npos)
      << "globex was there before, and does not count";
  (void)work_of("two", 41, "globex");
  (void)work_of("three", 51, "initech");
  for (std::size_t i = 0; i < alone.size(); ++i) {
    const Way way = ways_to_see_ones_own()[i];
    EXPECT_EQ(way.ask(caller, own), alone[i]) << way.method;
    EXPECT_EQ(alone[i].front(), '(') << "the answer is not an error: " << way.method;
  }
}

// An Operator shows the whole ledger, so the right alone is not enough.
TEST_F(RpcIsolation, NobodyOfAScopeIsGivenAnOperator) {
  for (const Grant& grant :
       {Grant{.workspace = examples::workspace("acme"), .tenant = {}, .rights = {Right::kOperate}},
        Grant{.workspace = {}, .tenant = {}, .rights = {Right::kRequest, Right::kWork, Right::kAudit}}}) {
    TokenCaller caller(socket, daemon.tokens().issue(grant, {}, daemon.clock.now())->secret);
    for (const Way& way : ways_to_operate())
      EXPECT_NE(way.ask(caller, nobodys).find("access.denied"), std::string::npos) << way.method;
  }
}

TEST_F(RpcIsolation, WhoOperatesTheWholeLedgerIsToldHowTheDaemonIs) {
  const Grant grant{.workspace = {}, .tenant = {}, .rights = {Right::kOperate}};
  const auto token = daemon.tokens().issue(grant, {}, daemon.clock.now());
  TokenCaller caller(socket, token->secret);
  EXPECT_EQ(ways_to_operate()[0].ask(caller, nobodys), R"((text = "runs 2"))");
  EXPECT_EQ(ways_to_operate()[1].ask(caller, nobodys), R"((ready = false, reason = "the rows have stopped"))");
  EXPECT_NE(ways_to_operate()[4].ask(caller, nobodys).find("access.denied"), std::string::npos)
      << "it may not request runs";
  rpc::Operator::Client handed_out = caller.operate();
  EXPECT_EQ(caller.answer(handed_out.healthRequest()).front(), '(');
  ASSERT_FALSE(daemon.tokens().revoke(token->token.id));
  EXPECT_NE(caller.answer(handed_out.healthRequest()).find("access.unauthenticated"), std::string::npos);
  EXPECT_NE(caller.answer(handed_out.metricsRequest()).find("access.unauthenticated"), std::string::npos);
}

// Each question is one of ways_of_questions(), which ask about another's things, and of ways_to_see_ones_own().
TEST_F(RpcIsolation, NoQuestionIsLeftOut) {
  std::set<std::string> kinds;
  for (const QuestionKind& kind : question_kinds()) kinds.emplace(kind.about);
  for (const std::vector<Way>& ways : {ways_of_questions(), ways_to_see_ones_own()}) {
    std::set<std::string> asked;
    for (const Way& way : ways) {
      if (!way.about.empty()) asked.insert(way.about);
    }
    EXPECT_EQ(asked, kinds);
  }
}

TEST_F(RpcIsolation, NoMethodIsLeftOut) {
  std::set<std::string> methods;
  add_methods<rpc::Reader>(methods);
  add_methods<rpc::Requester>(methods);
  add_methods<rpc::Worker>(methods);
  add_methods<rpc::Auditor>(methods);
  add_methods<rpc::Operator>(methods);
  std::set<std::string> asked;
  for (const std::vector<Way>& ways : {ways_to_ask_about_another(), ways_to_see_ones_own(), ways_to_operate()})
    for (const Way& way : ways) asked.insert(way.method);
  EXPECT_EQ(asked, methods);
}

}  // namespace
}  // namespace runledger
