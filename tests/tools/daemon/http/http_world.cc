// Combines a daemon, grants and an HTTP server.
#include "tests/tools/daemon/http/http_world.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "jobs/builtin_catalog.h"
#include "ledger/base/failure.h"
#include "tests/fixtures/data/examples.h"

namespace runledger {
namespace {

Grant tenant_grant(std::string_view tenant, Rights rights) {
  return {.workspace = examples::workspace("acme"), .tenant = examples::tenant(tenant), .rights = rights};
}

Grant workspace_grant(std::string_view workspace, Rights rights) {
  return {.workspace = examples::workspace(workspace), .tenant = std::nullopt, .rights = rights};
}

// A token of which the id is made from its text.
Caller caller_of(std::string_view token) {
  Caller caller{.kind = CallerKind::kToken, .uid = 0, .token = {}};
  std::copy_n(token.begin(), std::min(token.size(), caller.token.value.bytes.size()), caller.token.value.bytes.begin());
  return caller;
}

constexpr auto kEvery = {Right::kRequest, Right::kWork, Right::kAudit, Right::kOperate};

}  // namespace

HttpTestWorld::HttpTestWorld(const HttpOptions& options)
    : daemon_(with_catalog(builtin_catalog())),
      grants_{{kAll, {.workspace = std::nullopt, .tenant = std::nullopt, .rights = kEvery}},
              {kNorth, tenant_grant("north", kEvery)},
              {kSouth, tenant_grant("south", kEvery)},
              {kAcme, workspace_grant("acme", kEvery)},
              {kGlobex, workspace_grant("globex", kEvery)},
              {kSlow, tenant_grant("south", kEvery)},
              {kLooker, tenant_grant("north", {})}} {
  for (int i = 0; i < 10; ++i) {
    const std::string single = fmt::format("{}{}", kSingle, i);
    grants_.emplace(single, tenant_grant(single, kEvery));
  }
  HttpSources sources;
  sources.authenticate = [this](std::string_view token) -> std::optional<Session> {
    if (token == kBroken) throw Failure(Remedy::kCallOperator, "storage.failed", "/srv/ledger/tokens is gone");
    if (token == kBuggy) throw std::logic_error("a token is no number");
    const auto found = grants_.find(token);
    if (revoked_ || found == grants_.end()) return std::nullopt;
    const auto is_in_force = [this, is_slow = token == kSlow] {
      if (is_slow) hold_up();
      return !revoked_;
    };
    return Session(daemon_.ledger(), daemon_.rows(), daemon_.claims(), found->second, caller_of(found->first),
                   is_in_force, UnknownTypes::kWarn, &mirror_);
  };
  sources.operations.health = [this] { return DaemonHealth{.ready = ready_, .reason = "the rows have stopped"}; };
  sources.operations.metrics = [] { return std::string(); };
  sources.report = [this](std::string_view code, std::string_view what) {
    const std::lock_guard lock(mutex_);
    reported_ = fmt::format("{}: {}", code, what);
  };
  server_ = std::make_unique<HttpServer>(options, std::move(sources), daemon_.ledger().log());
}

void HttpTestWorld::hold_up() const {
  std::function<void()> act;
  {
    const std::lock_guard lock(mutex_);
    act = on_slow_;
  }
  act();
}

std::string HttpTestWorld::reported() const {
  const std::lock_guard lock(mutex_);
  return reported_;
}

HttpReply HttpTestWorld::ask_text(std::string_view text) const {
  HttpClient client(port());
  client.send(text);
  return client.read();
}

HttpReply HttpTestWorld::ask(const HttpAsk& ask) const {
  return ask_text(http_text(ask));
}

HttpReply HttpTestWorld::get(const std::string& target, const std::string& token) const {
  return ask({.method = "GET", .target = target, .token = token});
}

HttpReply HttpTestWorld::post(const std::string& target, const nlohmann::json& body, const std::string& token) const {
  return ask({.method = "POST", .target = target, .token = token, .body = body.is_null() ? "" : body.dump()});
}

std::string HttpTestWorld::request(const nlohmann::json& input, const std::string& token) const {
  const HttpReply reply = post("/v1/runs", {{"type", "demo.sync"}, {"input", input}}, token);
  EXPECT_EQ(reply.status, 201) << reply.body;
  return reply.json().value("run_id", "");
}

}  // namespace runledger
