// Tests the client against a server that answers like Microsoft Graph, and against one that misbehaves.
//
// Most tests plan one GraphTrouble and list a collection. failure() returns the code and the message of the failure
// with which that ends, and checks in passing that the message does not contain the token. Waits are kept short by
// options, and tests of limits set the limit to a few bytes or pages. The last tests use a TlsServer with certificates
// that the client should accept or refuse.
#include "jobs/graph/client.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <future>
#include <nlohmann/json.hpp>
#include <optional>
#include <thread>

#include "jobs/graph/failure.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/graph_like_server.h"
#include "tests/fixtures/world/temporary_ledger.h"
#include "tests/fixtures/world/tls_server.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr const char* kToken = "opaque-token-of-the-first-directory";
constexpr const char* kList = "/deviceManagement/configurationPolicies?$select=id";
const std::string kListRequest = "GET /beta/deviceManagement/configurationPolicies?$select=id";

class GraphRequests : public ::testing::Test {
 protected:
  void serve(GraphLikeServerOptions options = {}) {
    options.tokens = {kToken};
    server_.emplace(std::move(options));
    write_token(kToken);
    options_.base_url = server_->base_url();
    options_.token_file = directory_.path() / "token";
    options_.wait_default = milliseconds(1);
  }

  void write_token(const std::string& token) const { std::ofstream(directory_.path() / "token") << token << '\n'; }

  [[nodiscard]] std::vector<std::string> list(GraphClient& client, const std::string& path = kList) const {
    std::vector<std::string> ids;
    client.for_each_item(path, [&](const JsonValue& item) { ids.push_back(*item.find<std::string>("id")); });
    return ids;
  }

  [[nodiscard]] std::vector<std::string> list(const std::string& path = kList) {
    GraphClient client(options_, examples::scope(), stop_.get_token());
    return list(client, path);
  }

  // Returns "CODE: message" of the failure with which listing ends.
  [[nodiscard]] std::string failure(const std::string& path = kList) {
    try {
      return "listed " + std::to_string(list(path).size());
    } catch (const GraphFailure& failure) {
      EXPECT_THAT(failure.what(), Not(HasSubstr(kToken)));
      return failure.reason_code().str() + ": " + failure.what();
    }
  }

  // Lists from a server whose first answers are this trouble, and returns the failure.
  [[nodiscard]] std::string failure_after(GraphTrouble trouble, int times = GraphPlan::kForever) {
    serve();
    server_->plan({.part = "configurationPolicies", .trouble = trouble, .times = times});
    return failure();
  }

  TemporaryDirectory directory_;
  std::optional<GraphLikeServer> server_;
  GraphOptions options_;
  std::stop_source stop_;
};

TEST_F(GraphRequests, ReadsEveryPageOverOneConnection) {
  serve({.policies = 7, .page_size = 3});
  EXPECT_THAT(list(), ElementsAre("p-1", "p-2", "p-3", "p-4", "p-5", "p-6", "p-7"));
  EXPECT_THAT(server_->requests(),
              ElementsAre(kListRequest, kListRequest + "&$skiptoken=3", kListRequest + "&$skiptoken=6"));
  EXPECT_EQ(server_->connections(), 1U);
}

TEST_F(GraphRequests, ReadsAnEmptyList) {
  serve({.policies = 0});
  EXPECT_THAT(list(), SizeIs(0));
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(GraphRequests, PostsToAnAction) {
  serve();
  GraphClient client(options_, examples::scope(), stop_.get_token());
  client.post("/deviceManagement/configurationPolicies/p-2/assign", R"({"assignments":[{"target":{"x":1}}]})");
  EXPECT_EQ(server_->assignments("configurationPolicies", "p-2").dump(), R"([{"target":{"x":1}}])");
  EXPECT_EQ(server_->assignments("configurationPolicies", "p-1").size(), 2U);
}

TEST_F(GraphRequests, PostsLargeBodiesInOneRequest) {
  serve();
  GraphClient client(options_, examples::scope(), stop_.get_token());
  const std::string large(1'200'000, 'x');
  client.post("/deviceManagement/configurationPolicies/p-2/assign", R"({"assignments":[")" + large + "\"]}");
  EXPECT_EQ(server_->assignments("configurationPolicies", "p-2")[0].get<std::string>().size(), large.size());
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(GraphRequests, AsksAgainWhenThrottled) {
  serve();
  server_->plan({.part = "GET", .trouble = GraphTrouble::kThrottled, .times = 2, .retry_after = "0"});
  EXPECT_THAT(list(), SizeIs(3));
  EXPECT_THAT(server_->requests(), ElementsAre(kListRequest, kListRequest, kListRequest));
}

TEST_F(GraphRequests, AsksAgainWhenUnavailableForAMoment) {
  serve();
  server_->plan({.part = "GET", .trouble = GraphTrouble::kUnavailable, .times = 3});
  EXPECT_THAT(list(), SizeIs(3));
  EXPECT_THAT(server_->requests(), SizeIs(4));
}

TEST_F(GraphRequests, WaitsAsLongAsItIsAsked) {
  serve();
  server_->plan({.part = "GET", .retry_after = "1"});
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_THAT(list(), SizeIs(3));
  EXPECT_GE(std::chrono::steady_clock::now() - begin, std::chrono::seconds(1));
}

TEST_F(GraphRequests, TakesADateInThePastForNoWait) {
  serve();
  server_->plan({.part = "GET", .retry_after = "Sun, 06 Nov 1994 08:49:37 GMT"});
  EXPECT_THAT(list(), SizeIs(3));
  EXPECT_THAT(server_->requests(), SizeIs(2));
}

TEST_F(GraphRequests, GivesUpWhenItIsThrottledAgainAndAgain) {
  serve();
  options_.retries_max = 2;
  server_->plan({.part = "GET", .times = GraphPlan::kForever, .retry_after = "0"});
  EXPECT_EQ(failure(), "graph.throttled: status 429 (TooManyRequests), still after 2 retries");
  EXPECT_THAT(server_->requests(), SizeIs(3));
}

TEST_F(GraphRequests, GivesUpAtOnceWhenTheWaitIsTooLong) {
  serve();
  server_->plan({.part = "GET", .retry_after = "3600"});
  EXPECT_EQ(failure(), "graph.throttled: status 429 (TooManyRequests), and wants a wait of 3600 s; 120 s is the most");
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(GraphRequests, GivesUpAtOnceWhenTheRunEndsBeforeTheWait) {
  serve();
  options_.run_time_max = std::chrono::seconds(60);
  server_->plan({.part = "GET", .trouble = GraphTrouble::kUnavailable, .retry_after = "100"});
  EXPECT_THAT(failure(), HasSubstr("graph.deadline: status 503 (ServiceUnavailable)"));
}

TEST_F(GraphRequests, StopsInTheMiddleOfAWait) {
  serve();
  server_->plan({.part = "GET", .retry_after = "100"});
  auto listing = std::async(std::launch::async, [this] { return failure(); });
  server_->wait_for_requests(1);
  stop_.request_stop();
  EXPECT_EQ(listing.get(), "worker.stopped: the worker was asked to stop");
}

TEST_F(GraphRequests, StopsInTheMiddleOfATransfer) {
  serve();
  server_->plan({.part = "GET", .trouble = GraphTrouble::kSilence});
  auto listing = std::async(std::launch::async, [this] { return failure(); });
  server_->wait_for_requests(1);
  const auto begin = std::chrono::steady_clock::now();
  stop_.request_stop();
  EXPECT_EQ(listing.get(), "worker.stopped: the worker was asked to stop");
  // The stop itself ends the wait, and not the next check of the clock.
  EXPECT_LT(std::chrono::steady_clock::now() - begin, milliseconds(900));
}

TEST_F(GraphRequests, AsksNothingOnceItIsStopped) {
  serve();
  stop_.request_stop();
  EXPECT_EQ(failure(), "worker.stopped: the worker was asked to stop");
  EXPECT_THAT(server_->requests(), SizeIs(0));
}

TEST_F(GraphRequests, TellsRefusalsApart) {
  const std::vector<std::pair<GraphTrouble, std::string>> refusals = {
      {GraphTrouble::kBadRequest, "graph.bad_request: status 400 (BadRequest)"},
      {GraphTrouble::kUnauthorized, "graph.unauthorized: status 401 (InvalidAuthenticationToken)"},
      {GraphTrouble::kForbidden, "graph.forbidden: status 403 (Forbidden)"},
      {GraphTrouble::kNotFound, "graph.not_found: status 404 (ResourceNotFound)"},
      {GraphTrouble::kServerError, "graph.server_error: status 500 (InternalServerError)"},
      {GraphTrouble::kRedirect, "graph.redirected: status 302"},
  };
  for (const auto& [trouble, expected] : refusals) {
    EXPECT_EQ(failure_after(trouble), expected);
    EXPECT_THAT(server_->requests(), SizeIs(1));
  }
}

TEST_F(GraphRequests, RefusesPagesThatAreNone) {
  EXPECT_EQ(failure_after(GraphTrouble::kInvalidJson),
            "graph.malformed: a page is no JSON that can be used: json.malformed");
  EXPECT_EQ(failure_after(GraphTrouble::kTwoKeys),
            "graph.malformed: a page is no JSON that can be used: json.duplicate_key");
  EXPECT_EQ(failure_after(GraphTrouble::kNoValue), "graph.malformed: a page has no list \"value\"");
  EXPECT_THAT(failure_after(GraphTrouble::kTooLongBody), HasSubstr("graph.malformed: "));
  EXPECT_THAT(failure_after(GraphTrouble::kHugeHeader), HasSubstr("graph.malformed: "));
}

TEST_F(GraphRequests, TellsLostConnectionsFromAnswers) {
  EXPECT_THAT(failure_after(GraphTrouble::kTruncatedBody), HasSubstr("graph.connection_lost: "));
  EXPECT_THAT(failure_after(GraphTrouble::kDropped), HasSubstr("graph.connection_lost: "));
}

TEST_F(GraphRequests, TakesNoMoreOfABodyThanTheLimit) {
  EXPECT_THAT(failure_after(GraphTrouble::kHugeBody), HasSubstr("graph.body_too_large: "));
  EXPECT_THAT(failure_after(GraphTrouble::kHugeLength), HasSubstr("graph.body_too_large: "));
}

TEST_F(GraphRequests, TakesNoMoreInAllThanTheLimits) {
  serve({.policies = 9, .page_size = 2});
  GraphOptions limits = options_;
  options_.pages_max = 4;
  EXPECT_EQ(failure(), "graph.too_much: more than 4 pages");
  options_ = limits;
  options_.items_max = 8;
  EXPECT_EQ(failure(), "graph.too_much: more than 8 items");
  options_ = limits;
  options_.run_bytes_max = 500;
  EXPECT_EQ(failure(), "graph.too_much: more than 500 bytes in all");
  options_ = limits;
  options_.pages_max = 5;
  options_.items_max = 9;
  EXPECT_EQ(failure(), "listed 9");
}

TEST_F(GraphRequests, FollowsNoLinkToAnotherServer) {
  EXPECT_EQ(failure_after(GraphTrouble::kForeignLink),
            "graph.foreign_link: a page's link to the next leads to another server");
  EXPECT_THAT(server_->requests(), SizeIs(1));
  GraphClient client(options_, examples::scope(), stop_.get_token());
  EXPECT_THROW(client.for_each_item_from("https://graph.microsoft.com/beta/x", [](const JsonValue&) {}), GraphFailure);
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(GraphRequests, LeavesACircleOfPages) {
  EXPECT_EQ(failure_after(GraphTrouble::kSameLink), "graph.malformed: its pages lead in a circle");
  EXPECT_THAT(server_->requests(), SizeIs(1));
}

TEST_F(GraphRequests, LeavesAnEndlessListOfPages) {
  serve();
  options_.pages_max = 10;
  server_->plan({.part = "GET", .trouble = GraphTrouble::kEndlessLinks, .times = GraphPlan::kForever});
  EXPECT_EQ(failure(), "graph.too_much: more than 10 pages");
  EXPECT_THAT(server_->requests(), SizeIs(10));
}

TEST_F(GraphRequests, EndsAnAnswerThatTakesTooLong) {
  for (const GraphTrouble trouble : {GraphTrouble::kDrip, GraphTrouble::kSilence}) {
    serve();
    options_.request_time_max = milliseconds(200);
    server_->plan({.part = "GET", .trouble = trouble, .times = GraphPlan::kForever});
    EXPECT_THAT(failure(), HasSubstr("graph.timeout: "));
  }
}

TEST_F(GraphRequests, EndsARunThatTakesTooLong) {
  serve();
  options_.run_time_max = milliseconds(200);
  server_->plan({.part = "GET", .trouble = GraphTrouble::kSilence});
  EXPECT_THAT(failure(), HasSubstr("graph.deadline: not done within "));
}

TEST_F(GraphRequests, SaysWhenNobodyIsThere) {
  serve();
  server_.reset();
  EXPECT_THAT(failure(), HasSubstr("graph.unreachable: "));
}

TEST_F(GraphRequests, ShowsANewTokenWhenTheOldOneHasRunOut) {
  serve();
  GraphClient client(options_, examples::scope(), stop_.get_token());
  EXPECT_THAT(list(client), SizeIs(3));
  server_->replace_token(kToken, "opaque-token-number-two");
  write_token("opaque-token-number-two");
  EXPECT_THAT(list(client), SizeIs(3));
  EXPECT_THAT(server_->requests(), SizeIs(2));
}

TEST_F(GraphRequests, AsksAgainWithATokenThatWasRenewedMeanwhile) {
  serve();
  const auto renew = [this] {
    server_->replace_token(kToken, "opaque-token-number-two");
    write_token("opaque-token-number-two");
  };
  server_->plan({.part = "GET", .trouble = GraphTrouble::kUnauthorized, .meanwhile = renew});
  EXPECT_EQ(failure(), "listed 3");
  EXPECT_THAT(server_->requests(), SizeIs(2));
}

TEST_F(GraphRequests, AsksAgainOnceOnlyWithARenewedToken) {
  serve();
  int renewed = 0;
  const auto renew = [&] { write_token("refused-" + std::to_string(++renewed)); };
  server_->plan({.part = "GET", .trouble = GraphTrouble::kUnauthorized, .times = 9, .meanwhile = renew});
  EXPECT_THAT(failure(), HasSubstr("graph.unauthorized: "));
  EXPECT_THAT(server_->requests(), SizeIs(2));
}

TEST_F(GraphRequests, ShowsNoTokenThatTheServerRepeats) {
  EXPECT_EQ(failure_after(GraphTrouble::kRepeatsToken), "graph.forbidden: status 403");
}

TEST_F(GraphRequests, NeedsATokenBeforeItAsks) {
  serve();
  std::filesystem::remove(options_.token_file);
  EXPECT_THAT(failure(), HasSubstr("graph.token_unusable: "));
  EXPECT_THAT(server_->requests(), SizeIs(0));
  EXPECT_EQ(server_->connections(), 0U);
}

TEST_F(GraphRequests, UsesNoProxyOfTheEnvironment) {
  serve();
  ::setenv("http_proxy", "http://127.0.0.1:1", 1);
  ::setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  EXPECT_EQ(failure(), "listed 3");
  ::unsetenv("http_proxy");
  ::unsetenv("ALL_PROXY");
}

class GraphClientOverTls : public GraphRequests {
 protected:
  void serve_tls(const std::string& subject) {
    tls_.emplace(subject, R"({"value":[{"id":"p-1"}]})");
    tls_->write_certificate(directory_.path() / "certificate");
    write_token(kToken);
    options_.base_url = "https://127.0.0.1:" + std::to_string(tls_->port()) + "/beta";
    options_.token_file = directory_.path() / "token";
  }

  std::optional<TlsServer> tls_;
};

TEST_F(GraphClientOverTls, TalksToAServerThatItTrusts) {
  serve_tls("IP:127.0.0.1");
  options_.ca_file = directory_.path() / "certificate";
  EXPECT_EQ(failure(), "listed 1");
}

TEST_F(GraphClientOverTls, ShowsNoTokenToAServerThatNobodyVouchesFor) {
  serve_tls("IP:127.0.0.1");
  EXPECT_THAT(failure(), HasSubstr("graph.untrusted: "));
  EXPECT_EQ(tls_->connections(), 1);
  EXPECT_EQ(tls_->requests(), 0);
}

TEST_F(GraphClientOverTls, ShowsNoTokenToAServerOfAnotherName) {
  serve_tls("DNS:graph.example.org,IP:127.0.0.2");
  options_.ca_file = directory_.path() / "certificate";
  EXPECT_THAT(failure(), HasSubstr("graph.untrusted: "));
  EXPECT_EQ(tls_->requests(), 0);
}

TEST_F(GraphClientOverTls, NeedsTheCertificatesThatItIsToldToTrust) {
  serve_tls("IP:127.0.0.1");
  options_.ca_file = directory_.path() / "missing";
  EXPECT_THAT(failure(), HasSubstr("graph.untrusted: "));
  EXPECT_EQ(tls_->requests(), 0);
}

}  // namespace
}  // namespace runledger
