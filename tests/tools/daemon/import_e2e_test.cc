// The daemon imports a journal and keeps serving other callers at the same time.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>
#include <future>
#include <memory>
#include <thread>

#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"

namespace runledger {
namespace {

constexpr int kRuns = 2000;

class DaemonImport : public testing::Test {
 protected:
  CliLedger ledger;
  std::unique_ptr<Program> daemon = serve();
  std::string journal = ledger.file("journal.jsonl", journal::plain_journal(kRuns));

  [[nodiscard]] std::unique_ptr<Program> serve() const {
    auto program = std::make_unique<Program>(ledger.command({"serve", "--format", "json"}));
    EXPECT_TRUE(program->wait_for_output("\"listening\""));
    return program;
  }
  [[nodiscard]] std::uint64_t head() const { return ledger.json({"stats"}).at("head"); }
};

TEST_F(DaemonImport, GoesOnWithADaemonThatTookTheKilledOnesPlace) {
  Program importing(ledger.command({"import", journal, "--batch", "20", "--format", "json"}));
  while (head() < 200) {
  }
  daemon->signal(SIGKILL);
  (void)daemon->wait();
  daemon = serve();
  const ProgramResult ended = importing.wait();
  ASSERT_EQ(ended.status, 0) << ended.err;
  const nlohmann::json report = nlohmann::json::parse(ended.out);
  EXPECT_EQ(report.at("applied").get<int>() + report.at("repeated").get<int>(), 3 * kRuns);
  EXPECT_EQ(head(), 3 * kRuns);
  EXPECT_EQ(ledger.json({"stats"}).at("runs"), kRuns);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

// Feeds a journal through a pipe: the first half immediately, and the rest after go_on().
class Feeder {
 public:
  Feeder(std::string path, std::string text) : path_(std::move(path)), text_(std::move(text)) {
    EXPECT_EQ(::mkfifo(path_.c_str(), 0600), 0);
    thread_ = std::thread([this] {
      std::ofstream pipe(path_, std::ios::binary);
      const auto half = static_cast<std::streamsize>(text_.size() / 2);
      pipe.write(text_.data(), half).flush();
      go_on_.get_future().wait();
      pipe.write(text_.data() + half, static_cast<std::streamsize>(text_.size()) - half);
    });
  }
  ~Feeder() { thread_.join(); }
  Feeder(const Feeder&) = delete;
  Feeder& operator=(const Feeder&) = delete;

  void go_on() { go_on_.set_value(); }

 private:
  std::string path_;
  std::string text_;
  std::promise<void> go_on_;
  std::thread thread_;
};

TEST_F(DaemonImport, LeavesOthersTheirCommands) {
  const std::string pipe = ledger.directory() / "pipe";
  constexpr int kMoreRuns = 4 * kRuns;  // Half of the journal is more than the import reads at a time.
  Feeder feeder(pipe, journal::plain_journal(kMoreRuns));
  Program importing(ledger.command({"import", pipe, "--format", "json"}));
  while (head() == 0) {
  }
  const std::string run = ledger.request();
  ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
  EXPECT_LT(head(), 3U * kMoreRuns) << "the import was still running";
  feeder.go_on();
  const ProgramResult ended = importing.wait();
  ASSERT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(nlohmann::json::parse(ended.out).at("events"), 3 * kMoreRuns);
  EXPECT_EQ(head(), 3 * kMoreRuns + 3);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(DaemonImport, NeedsMoreThanAWorkersToken) {
  const std::string token = ledger.directory() / "token";
  const auto issue = [&](const Arguments& rights) {
    Arguments arguments = {"token", "issue", "--every-workspace"};
    arguments.insert(arguments.end(), rights.begin(), rights.end());
    (void)ledger.file("token", ledger.json(arguments).at("token").get<std::string>());
  };
  const Arguments import = {"--connect", "unix:" + (ledger.data() / "socket").string(), "--token-file", token, "import",
                            journal};
  issue({"--right", "request", "--right", "work"});
  const std::string rejects = ledger.file("rejects", "old\n");
  Arguments with_rejects = import;
  with_rejects.insert(with_rejects.end(), {"--rejects", rejects});
  EXPECT_EQ(failure(ledger.run(with_rejects)), "4 access.denied");
  EXPECT_EQ(read_file(rejects), "old\n") << "the rejected lines of the earlier import are kept";
  EXPECT_EQ(head(), 0U);
  issue({"--right", "request", "--right", "work", "--right", "operate"});
  EXPECT_EQ(ledger.run(import).status, 0);
  EXPECT_EQ(head(), 3 * kRuns);
}

TEST_F(DaemonImport, DoesNotTakeAnExportOver) {
  EXPECT_EQ(failure(ledger.run({"import", "--verbatim", journal})), "6 ledger.busy");
}

}  // namespace
}  // namespace runledger
