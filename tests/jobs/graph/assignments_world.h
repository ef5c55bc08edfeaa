// The common fixture of the tests of the jobs on assignments: a server, a token, and a directory for snapshots.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "jobs/graph/assignments_options.h"
#include "jobs/graph/snapshot.h"
#include "jobs/worker/job.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/graph_like_server.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {

inline constexpr const char* kGraphToken = "opaque-token-of-the-first-directory";

// Returns "total=3 processed=3 …", in the order of the keys.
[[nodiscard]] std::string to_text(const Counts& counts);
// Returns "partially_succeeded failed=1 …" for a report.
[[nodiscard]] std::string to_text(const JobReport& report);

class AssignmentsWorld : public ::testing::Test {
 protected:
  void serve(GraphLikeServerOptions options = {});

  // Runs a job and returns its report as text, or "threw CODE …" for a failure. The report itself is in report_ unless
  // the job threw.
  [[nodiscard]] std::string run(Job& job, const std::string& input, int run_number = 1, int attempt = 1);
  [[nodiscard]] std::string fetch(const std::string& input = "{}", int run_number = 1, int attempt = 1);
  // Restores the snapshot of the run with that number.
  [[nodiscard]] std::string restore(int snapshot, const std::string& more_input = "");

  [[nodiscard]] Snapshot snapshot(int run_number = 1) const;
  [[nodiscard]] std::vector<std::string> stored_files() const;
  // Returns "graph.not_found: policy p-2: …" for each failure of the report.
  [[nodiscard]] std::vector<std::string> failures() const;
  void expect_no_token_anywhere() const;

  TemporaryDirectory directory_;
  std::optional<GraphLikeServer> server_;
  AssignmentsOptions options_;
  std::stop_source stop_;
  std::optional<JobReport> report_;
  std::string thrown_;  // The message of the exception that the job threw.
};

}  // namespace runledger
