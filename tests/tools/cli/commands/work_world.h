// The common fixture of the tests of workers: a daemon, a server in place of Graph, and workers.
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

  // Starts a daemon and waits until it listens. Attempts of assignments.fetch get this lease, and retries are due
  // immediately.
  void serve(std::chrono::milliseconds lease = std::chrono::seconds(60), const Arguments& more = {});
  void end_daemon(int signal = SIGTERM);  // Does nothing if no daemon runs.

  // Returns options for `runledger work` with the address of the server and the file of the token.
  [[nodiscard]] ProgramOptions environment() const;
  [[nodiscard]] ProgramResult work(const Arguments& arguments) const;
  [[nodiscard]] std::unique_ptr<Program> worker(const Arguments& more = {}) const;

  [[nodiscard]] std::string request_fetch(const std::string& tenant = "north") const;
  // Ends the daemon and returns a run with its attempts and events.
  [[nodiscard]] nlohmann::json story(const std::string& run);
  // Returns the number and outcome of each attempt: "1 lost, 2 succeeded".
  [[nodiscard]] static std::string attempts(const nlohmann::json& story);
};

}  // namespace runledger
