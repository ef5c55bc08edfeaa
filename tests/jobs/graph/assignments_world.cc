// Runs the jobs and formats their results as texts that tests can compare.
#include "tests/jobs/graph/assignments_world.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <fstream>
#include <iterator>

#include "jobs/graph/assignments_fetch.h"
#include "jobs/graph/assignments_restore.h"

namespace runledger {

std::string to_text(const Counts& counts) {
  std::string text;
  for (const auto& [key, value] : counts) text += fmt::format(" {}={}", key.str(), value);
  return text;
}

std::string to_text(const JobReport& report) {
  return std::string(to_string(report.outcome)) + to_text(report.summary_counts);
}

void AssignmentsWorld::serve(GraphLikeServerOptions options) {
  if (options.tokens.empty()) options.tokens = {kGraphToken};
  server_.emplace(std::move(options));
  std::ofstream(directory_.path() / "token") << kGraphToken << '\n';
  options_.graph.base_url = server_->base_url();
  options_.graph.token_file = directory_.path() / "token";
  options_.graph.wait_default = std::chrono::milliseconds(1);
  options_.snapshot_directory = directory_.path() / "snapshots";
}

std::string AssignmentsWorld::run(Job& job, const std::string& input, int run_number, int attempt) {
  report_.reset();
  thrown_.clear();
  const JobAssignment assignment = {.run = examples::run_id(run_number),
                                    .scope = examples::scope(),
                                    .type = job.type(),
                                    .input = examples::input(input),
                                    .attempt = AttemptNumber{static_cast<std::uint32_t>(attempt)}};
  try {
    report_ = job.run(assignment, stop_.get_token());
    return to_text(*report_);
  } catch (const JobFailure& failure) {
    thrown_ = failure.what();
    return fmt::format("threw {}{}{}", failure.reason_code().str(), failure.retryable() ? " retryable" : "",
                       to_text(failure.counts()));
  }
}

std::string AssignmentsWorld::fetch(const std::string& input, int run_number, int attempt) {
  return run(*make_assignments_fetch(options_), input, run_number, attempt);
}

std::string AssignmentsWorld::restore(int snapshot, const std::string& more_input) {
  const std::string id = format_uuid(examples::run_id(snapshot).value);
  return run(*make_assignments_restore(options_), R"({"snapshot_id":")" + id + "\"" + more_input + "}", 100);
}

Snapshot AssignmentsWorld::snapshot(int run_number) const {
  return read_snapshot(options_.snapshot_directory, examples::run_id(run_number), examples::scope());
}

std::vector<std::string> AssignmentsWorld::stored_files() const {
  std::vector<std::string> names;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(options_.snapshot_directory, missing))
    names.push_back(entry.path().filename());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<std::string> AssignmentsWorld::failures() const {
  std::vector<std::string> texts;
  if (!report_) return texts;
  for (const FailureNote& note : report_->failures) texts.push_back(note.reason_code.str() + ": " + note.message.str());
  return texts;
}

void AssignmentsWorld::expect_no_token_anywhere() const {
  using ::testing::HasSubstr;
  using ::testing::Not;
  EXPECT_THAT(thrown_, Not(HasSubstr(kGraphToken)));
  for (const std::string& text : failures()) EXPECT_THAT(text, Not(HasSubstr(kGraphToken)));
  for (const std::string& name : stored_files()) {
    std::ifstream file(options_.snapshot_directory / name);
    EXPECT_THAT(std::string(std::istreambuf_iterator<char>(file), {}), Not(HasSubstr(kGraphToken)));
  }
}

}  // namespace runledger
