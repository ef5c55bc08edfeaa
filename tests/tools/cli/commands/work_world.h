// What the tests of workers share: a daemon, a server in place of Graph, and workers on them.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/graph_like_server.h"

namespace runledger {

class WorkWorld : public testing::Test {
 protected:
  explicit WorkWorld(const GraphLikeServerOptions& graph_options = {}) : graph(graph_options) {}

  CliLedger ledger;
  GraphLikeServer graph;
  std::string token_file = ledger.file("graph-token", "opaque-token-of-the-first-directory");
  std::unique_ptr<Program> daemon;

  // Listens when it returns. Attempts of assignments.fetch have this lease, and retries are due at once.
  void serve(std::chrono::milliseconds lease = std::chrono::seconds(60), const Arguments& more = {});
  void end_daemon(int signal = SIGTERM);  // If one runs.

  // `runledger work`, told where the server and the token are.
  [[nodiscard]] ProgramOptions environment() const;
  [[nodiscard]] ProgramResult work(const Arguments& arguments) const;
  [[nodiscard]] std::unique_ptr<Program> worker(const Arguments& more = {}) const;

  [[nodiscard]] std::string request_fetch(const std::string& tenant = "north") const;
  // Of a run, once the daemon has ended.
  [[nodiscard]] nlohmann::json story(const std::string& run);
  // "1 lost, 2 succeeded": its attempts.
  [[nodiscard]] static std::string attempts(const nlohmann::json& story);
};

}  // namespace runledger
