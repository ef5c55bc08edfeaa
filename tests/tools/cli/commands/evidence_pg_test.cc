// Checkpoints that a daemon stored beside its mirror find every ledger that is put in the place of its own, even when
// the mirror agrees with it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::IsSupersetOf;

namespace fs = std::filesystem;

class StoredCheckpoints : public testing::Test {
 protected:
  StoredCheckpoints() { fs::copy(ledger.data(), empty, fs::copy_options::recursive); }

  void append_to(const fs::path& data, int from, int count) const {
    for (int n = from; n < from + count; ++n) {
      const ProgramResult result =
          run_program({program_path(), "--data", data, "request", "--workspace", "acme", "--tenant", "north", "--type",
                       "demo.sync", "--input", R"({"n":)" + std::to_string(n) + "}"});
      ASSERT_EQ(result.status, 0) << result.err;
    }
  }
  // Runs a daemon that keeps the mirror until Postgres has a checkpoint of so many events, and ends it with `signal`.
  void serve_until(int events, int signal = SIGTERM) const {
    Program daemon(ledger.command({"serve", "--format", "json", "--postgres", dsn, "--checkpoint-every", "1s"}));
    ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (stored("select coalesce(max(size), -1) from ledger_checkpoints") != std::to_string(events)) {
      ASSERT_LT(std::chrono::steady_clock::now(), end);
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    daemon.signal(signal);
    (void)daemon.wait();
  }
  // Empty while the table is missing.
  [[nodiscard]] std::string stored(const std::string& query) const {
    if (psql(dsn, "select to_regclass('ledger_checkpoints')").empty()) return "";
    return psql(dsn, query);
  }
  // Returns the codes that verify finds in a ledger, with the number that it has compared with at the end.
  [[nodiscard]] std::vector<std::string> found(const fs::path& data, const Arguments& more = {}) const {
    Arguments arguments{program_path(), "--data", data, "--format", "json", "verify", "--postgres", dsn};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run_program(arguments);
    const auto report = nlohmann::json::parse(result.out, nullptr, false);
    if (!report.is_object() || !report.contains("findings")) return {error_code(result)};
    EXPECT_EQ(result.status, report.at("findings").empty() ? 0 : 5);
    std::vector<std::string> codes;
    for (const auto& finding : report.at("findings")) codes.push_back(finding.at("code"));
    return codes;
  }
  // Makes the mirror again from a ledger, as someone would who can change both.
  void mirror_of(const fs::path& data) const {
    psql(dsn, "drop table operation_runs, operation_run_attempts, ledger_projections, ledger_migrations cascade");
    const ProgramResult result = run_program({program_path(), "--data", data, "project", "--once", "--postgres", dsn});
    ASSERT_EQ(result.status, 0) << result.err;
  }

  CliLedger ledger;
  const fs::path empty = ledger.directory() / "empty";  // The ledger as it was at first.
  const std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(StoredCheckpoints, AreOfTheLedgerThatSignedThem) {
  append_to(ledger.data(), 1, 3);
  serve_until(3);
  append_to(ledger.data(), 4, 2);
  serve_until(5);
  EXPECT_THAT(found(ledger.data()), ElementsAre());
  EXPECT_EQ(psql(dsn, "select note from ledger_checkpoints where size = 5"),
            read_file(ledger.data() / "audit.checkpoint"));
  // The first one stays where the second was signed in the next minute.
  const int stored = std::stoi(psql(dsn, "select count(*) from ledger_checkpoints"));
  const nlohmann::json report = ledger.json({"verify", "--postgres", dsn});
  EXPECT_EQ(report.at("checkpoints"), 1 + stored) << "the ledger's own and the stored ones";
  EXPECT_EQ(report.at("signed_size"), 5);
}

TEST_F(StoredCheckpoints, FindAnOlderCopyThatWasPutBack) {
  append_to(ledger.data(), 1, 3);
  const fs::path older = ledger.directory() / "older";
  fs::copy(ledger.data(), older, fs::copy_options::recursive);
  append_to(ledger.data(), 4, 4);
  serve_until(7);
  EXPECT_THAT(found(older), Contains("checkpoint.ahead"));
  append_to(older, 100, 6);
  mirror_of(older);
  EXPECT_THAT(found(older), ElementsAre("checkpoint.other_history")) << "once it has grown, and the mirror agrees";
}

TEST_F(StoredCheckpoints, FindAHistoryThatWasForgedTogetherWithTheMirror) {
  append_to(ledger.data(), 1, 4);
  serve_until(4);
  // The same ledger id and the true key, and one event less among as many.
  append_to(empty, 1, 2);
  append_to(empty, 40, 2);
  mirror_of(empty);
  ASSERT_EQ(run_program({program_path(), "--data", empty, "checkpoint"}).status, 0);
  EXPECT_THAT(found(empty), ElementsAre("checkpoint.other_history"));
}

TEST_F(StoredCheckpoints, FindAnotherStoreWithAnotherKey) {
  append_to(ledger.data(), 1, 4);
  serve_until(4);
  const fs::path other = ledger.another("other");
  append_to(other, 1, 5);
  EXPECT_THAT(found(other), IsSupersetOf({"mirror.other_ledger", "checkpoint.other_key", "checkpoint.other_history"}));
  mirror_of(other);
  EXPECT_THAT(found(other), ElementsAre("checkpoint.other_key", "checkpoint.other_history"));
  const std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  EXPECT_THAT(found(other, {"--key", key}), ElementsAre("checkpoint.other_history"));
}

TEST_F(StoredCheckpoints, FindALogWhoseEndIsGone) {
  append_to(ledger.data(), 1, 2);
  serve_until(2);
  const fs::path before = ledger.directory() / "before";
  fs::copy(ledger.data(), before, fs::copy_options::recursive);
  append_to(ledger.data(), 3, 3);
  serve_until(5, SIGKILL);
  // Everything by which the ledger itself would notice goes with the files of its log.
  for (const char* part : {"store", "rows", "tiles", "scopes", "mark", "audit.checkpoint"}) {
    fs::remove_all(ledger.data() / part);
    if (fs::exists(before / part)) fs::copy(before / part, ledger.data() / part, fs::copy_options::recursive);
  }
  EXPECT_THAT(found(ledger.data()), IsSupersetOf({"mirror.ahead", "checkpoint.ahead"}));
}

TEST_F(StoredCheckpoints, OfARotatedKeyAreOfTheLedgerStill) {
  append_to(ledger.data(), 1, 2);
  serve_until(2);
  const std::string old = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  ASSERT_EQ(ledger.run({"audit", "key", "rotate"}).status, 0);
  append_to(ledger.data(), 3, 2);
  serve_until(4);
  EXPECT_THAT(found(ledger.data()), ElementsAre());
  EXPECT_THAT(found(ledger.data(), {"--key", old}), Each("checkpoint.other_key"));
  EXPECT_THAT(found(ledger.data(), {"--key", old, "--rotations", ledger.data() / "audit.rotations"}), ElementsAre());
}

TEST_F(StoredCheckpoints, ThatSomeoneChangedAreFoundToo) {
  append_to(ledger.data(), 1, 2);
  serve_until(2);
  psql(dsn, "update ledger_checkpoints set note = replace(note, E'\\n2\\n', E'\\n1\\n')");
  EXPECT_THAT(found(ledger.data()), ElementsAre("note.forged"));
  psql(dsn, "update ledger_checkpoints set note = 'nonsense'");
  EXPECT_THAT(found(ledger.data()), ElementsAre("note.malformed"));
  psql(dsn, "update ledger_checkpoints set verifier_key = 'nonsense'");
  EXPECT_THAT(found(ledger.data()), ElementsAre("key.invalid"));
  psql(dsn, "drop table ledger_checkpoints");
  EXPECT_THAT(found(ledger.data()), Contains("mirror.schema_differs"));
}

TEST_F(StoredCheckpoints, WaitForPostgresAndForAMirrorOfThisLedger) {
  append_to(ledger.data(), 1, 2);
  serve_until(2);
  // The mirror of one ledger is not touched by another one.
  const fs::path other = ledger.another("other");
  append_to(other, 1, 5);
  Program daemon({program_path(), "--data", other, "serve", "--format", "json", "--postgres", dsn});
  ASSERT_TRUE(daemon.wait_for_error("mirror-stopped"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(psql(dsn, "select max(size) from ledger_checkpoints"), "2");
}

}  // namespace
}  // namespace runledger
