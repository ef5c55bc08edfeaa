// Starts the programs and reads their results.
#include "tests/tools/cli/commands/work_world.h"

#include <fmt/format.h>

namespace runledger {

using nlohmann::json;

void WorkWorld::serve(std::chrono::milliseconds lease, const Arguments& more) {
  const json type{{"type", "assignments.fetch"}, {"scope", "tenant"},     {"lease_seconds", in_seconds(lease)},
                  {"backoff_seconds", 0},        {"cooldown_seconds", 0}, {"max_attempts", 3}};
  const std::string catalog = ledger.file("catalog.json", json{{"types", {type}}}.dump());
  Arguments all{"--catalog", catalog, "serve", "--format", "json"};
  all.insert(all.end(), more.begin(), more.end());
  daemon = std::make_unique<Program>(ledger.command(all));
  ASSERT_TRUE(daemon->wait_for_output("\"listening\""));
}

void WorkWorld::end_daemon(int signal) {
  if (!daemon) return;
  daemon->signal(signal);
  (void)daemon->wait();
  daemon.reset();
}

ProgramOptions WorkWorld::environment() const {
  ProgramOptions options;
  options.environment = {{"GRAPH_TOKEN_FILE", token_file},
                         {"GRAPH_BASE_URL", graph.base_url()},
                         {"RUNLEDGER_SNAPSHOTS", (ledger.directory() / "snapshots").string()}};
  return options;
}

ProgramResult WorkWorld::work(const Arguments& arguments) const {
  Arguments all{"work"};
  all.insert(all.end(), arguments.begin(), arguments.end());
  return ledger.run(all, environment());
}

std::unique_ptr<Program> WorkWorld::worker(const Arguments& more) const {
  Arguments all{"work", "--type", "assignments.fetch"};
  all.insert(all.end(), more.begin(), more.end());
  return std::make_unique<Program>(ledger.command(all), environment());
}

std::string WorkWorld::request_fetch(const std::string& tenant) const {
  return ledger.json({"request", "--workspace", "acme", "--tenant", tenant, "--type", "assignments.fetch"})
      .value("run_id", "");
}

json WorkWorld::story(const std::string& run) {
  end_daemon();
  return ledger.json({"show", run, "--events"});
}

std::string WorkWorld::attempts(const json& story) {
  std::string text;
  for (const json& attempt : story.at("attempts")) {
    if (!text.empty()) text += ", ";
    const json& outcome = attempt.at("outcome");
    text +=
        fmt::format("{} {}", attempt.at("attempt").get<int>(), outcome.is_null() ? "open" : outcome.get<std::string>());
  }
  return text;
}

}  // namespace runledger
