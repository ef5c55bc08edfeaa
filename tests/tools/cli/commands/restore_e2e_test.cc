// Restoring backups: as the successor of a lost ledger and as a copy, and killed at any point.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/kills.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Restore : public testing::Test {
 protected:
  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }
  [[nodiscard]] std::string into(const std::string& name = "restored") const { return ledger.directory() / name; }
  [[nodiscard]] ProgramResult on(const std::string& data, Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", data});
    return run_program(arguments);
  }
  json json_on(const std::string& data, Arguments arguments) const {
    arguments.insert(arguments.begin(), {"--format", "json"});
    const ProgramResult result = on(data, arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  json restore(const Arguments& more, const std::string& name = "restored") const {
    Arguments arguments{"restore", backups(), "--into", into(name)};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return ledger.json(arguments);
  }
  [[nodiscard]] std::string export_of(const std::string& data, const Arguments& more = {}) const {
    Arguments arguments{"export"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return on(data, arguments).out;
  }
  void lose_original() const { fs::rename(ledger.data(), ledger.directory() / "lost"); }

  CliLedger ledger;
};

TEST_F(Restore, AsSuccessorDedupesARepeatedRequestAndRefusesAnOldToken) {
  const std::string queued = ledger.request(R"({"n":1})");
  ledger.request(R"({"n":2})");
  ledger.json({"backup", backups()});
  const json lost = ledger.start(queued);  // After the backup.
  ledger.request(R"({"n":3})");
  const std::string before = export_of(ledger.data(), {"--to", "2"});
  lose_original();

  const json restored = restore({"--as", "successor", "--reached", "4"});
  EXPECT_EQ(restored.at("sequence"), 2);
  EXPECT_EQ(restored.at("head"), 3);
  EXPECT_EQ(restored.at("outside_mark"), 4);
  EXPECT_EQ(restored.at("scope_numbers_skipped"), 1'000'000'000'002);
  EXPECT_EQ(export_of(into(), {"--to", "2"}), before) << "it is the same to the byte";
  const json repeated = json_on(
      into(), {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", R"({"n":1})"});
  EXPECT_EQ(repeated.at("decision"), "deduped");
  EXPECT_EQ(repeated.at("run_id"), queued);
  const Arguments old{"finish", queued, "--attempt", "1", "--token", lost.at("token").dump(), "--outcome", "succeeded"};
  EXPECT_EQ(failure(on(into(), old)), "4 attempt.not_started");
  const json started = json_on(into(), {"start", queued, "--worker", "w2"});
  EXPECT_GT(started.at("token").get<std::uint64_t>(), 1'000'000'000'000U);
  EXPECT_EQ(failure(on(into(), old)), "4 attempt.wrong_token");
  EXPECT_EQ(json_on(into(), {"finish", queued, "--attempt", "1", "--token", started.at("token").dump(), "--outcome",
                             "succeeded"})
                .at("decision"),
            "finished");
  EXPECT_EQ(json_on(into(), {"verify"}).at("ok"), true);
  const ProgramResult shown = on(into(), {"replay", "--kind", "restored"});
  EXPECT_THAT(shown.out, HasSubstr("the ledger was restored from the backup of"));
  EXPECT_EQ(json_on(into(), {"replay", "--kind", "restored"}).at("run_id"), nullptr);
  EXPECT_EQ(lines_of(on(into(), {"--format", "json", "replay", "--state"}).out).size(), 2U);
  EXPECT_EQ(failure(on(into(), {"show", "00000000-0000-0000-0000-000000000000"})), "4 run.not_found");
}

TEST_F(Restore, AsSuccessorServesScopedReadersAcrossTheGap) {
  ledger.request(R"({"n":1})");
  ledger.request(R"({"n":2})");
  ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "audit"});
  ledger.json({"backup", backups()});
  restore({"--as", "successor"});
  const std::string token =
      json_on(into(), {"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "audit"}).at("token");
  EXPECT_EQ(lines_of(on(into(), {"token", "list"}).out).size(), 3U) << "the tokens of the backup are there";
  for (const int n : {3, 4}) {
    json_on(into(), {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input",
                     "{\"n\":" + std::to_string(n) + "}"});
  }
  Program daemon({program_path(), "--data", into(), "--format", "json", "serve"});
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  const std::string file = ledger.file("token", token + "\n");
  const auto replayed = [&](Arguments range) {
    range.insert(range.begin(), {program_path(), "--connect", "unix:" + into() + "/socket", "--token-file", file,
                                 "--format", "json", "replay"});
    std::vector<std::uint64_t> numbers;
    for (const std::string& line : lines_of(run_program(range).out))
      numbers.push_back(json::parse(line).at("sequence"));
    return numbers;
  };
  constexpr std::uint64_t kSkip = 1'000'000'000'000;
  EXPECT_EQ(replayed({}), (std::vector<std::uint64_t>{1, 2, kSkip + 3, kSkip + 4}));
  EXPECT_EQ(replayed({"--from", "2", "--to", "3"}), (std::vector<std::uint64_t>{2}));
  EXPECT_EQ(replayed({"--from", "3"}), (std::vector<std::uint64_t>{kSkip + 3, kSkip + 4}));
  EXPECT_EQ(replayed({"--from", std::to_string(kSkip + 4)}), (std::vector<std::uint64_t>{kSkip + 4}));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(Restore, AsCopyIsAnotherLedgerAndLeavesTheRunningOriginalAsItIs) {
  ledger.request(R"({"n":1})");
  ledger.json({"token", "issue", "--workspace", "acme", "--right", "audit"});
  const ProgramResult key = ledger.run({"audit", "key", "show"});
  ledger.json({"checkpoint", "-o", into("checkpoint")});
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  ledger.json({"backup", backups()});
  const auto bytes_of_original = [&] {
    std::string all;
    for (const char* name : {"audit.key", "audit.checkpoint", "access-tokens", "identity.key"})
      all += read_file(ledger.data() / name);
    return all + export_of(ledger.data());
  };
  const std::string before = bytes_of_original();

  const json copy = restore({"--as", "copy"});
  EXPECT_EQ(copy.at("head"), 1);
  EXPECT_EQ(copy.at("scope_numbers_skipped"), nullptr);
  EXPECT_NE(copy.at("ledger_id"), ledger.json_lines({"backup", backups(), "--list"}).at(0).at("ledger_id"));
  EXPECT_NE(on(into(), {"audit", "key", "show"}).out, key.out);
  EXPECT_EQ(lines_of(on(into(), {"audit", "key", "show"}).out).at(0), copy.at("verifier_key"));
  EXPECT_EQ(json_on(into(), {"verify"}).at("ok"), true);
  EXPECT_EQ(export_of(into()), export_of(ledger.data()));
  EXPECT_EQ(on(into(), {"--format", "json", "token", "list"}).out, "");
  json_on(into(), {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", "{}"});
  EXPECT_EQ(on(into(), {"checkpoint"}).status, 0) << "it signs with a key of its own";
  EXPECT_EQ(bytes_of_original(), before);
  ledger.request(R"({"n":2})");
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(Restore, TakesTheNamedBackup) {
  ledger.request(R"({"n":1})");
  const std::string first = ledger.json({"backup", backups()}).at("name");
  ledger.request(R"({"n":2})");
  ledger.json({"backup", backups()});
  EXPECT_EQ(restore({"--as", "copy", "--backup", first}).at("sequence"), 1);
  EXPECT_EQ(restore({"--as", "copy"}, "newest").at("sequence"), 2);
}

TEST_F(Restore, TakesAnOlderBackupThanADamagedOneOnlyByItsName) {
  ledger.request(R"({"n":1})");
  const std::string older = ledger.json({"backup", backups()}).at("name");
  ledger.request(R"({"n":2})");
  const std::string newest = ledger.json({"backup", backups()}).at("name");
  fs::remove(fs::path(backups()) / newest / "backup.json");
  const ProgramResult refused = ledger.run({"restore", backups(), "--into", into(), "--as", "copy"});
  EXPECT_EQ(failure(refused), "5 backup.damaged");
  EXPECT_THAT(refused.err, HasSubstr("--backup " + older));
  EXPECT_EQ(ledger.run({"backup", backups(), "--list"}).status, 5);
  EXPECT_EQ(restore({"--as", "copy", "--backup", older}).at("sequence"), 1);
}

TEST_F(Restore, TellsReadersWhereToBeginAgain) {
  ledger.request(R"({"n":1})");
  ledger.json({"backup", backups()});
  EXPECT_THAT(restore({"--as", "successor"}).at("notes").dump(),
              AllOf(HasSubstr("by sequence, or a workspace by its numbers"), HasSubstr("last event, 1")));
}

TEST_F(Restore, GoesOnAboveACheckpointOfItsKey) {
  ledger.request(R"({"n":1})");
  ledger.json({"backup", backups()});
  for (int i = 2; i < 7; ++i) ledger.request("{\"n\":" + std::to_string(i) + "}");
  const std::string note = into("note");
  ledger.json({"checkpoint", "-o", note});
  const std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  const json restored = restore({"--as", "successor", "--checkpoint", note, "--key", key});
  EXPECT_EQ(restored.at("outside_mark"), 6);
  EXPECT_EQ(restored.at("scope_numbers_skipped"), 1'000'000'000'005);
}

TEST_F(Restore, GoesOnAboveCheckpointsOfKeysThatFollowedTheTrustedOne) {
  ledger.request(R"({"n":1})");
  ledger.json({"backup", backups()});
  const std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  ledger.request(R"({"n":2})");
  ledger.json({"checkpoint", "-o", into("old")});
  ledger.json({"audit", "key", "rotate"});
  for (int i = 3; i < 7; ++i) ledger.request("{\"n\":" + std::to_string(i) + "}");
  ledger.json({"checkpoint", "-o", into("new")});
  const std::string rotations = ledger.data() / "audit.rotations";
  const Arguments asked{"restore", backups(), "--into",       into(),      "--as",         "successor",
                        "--key",   key,       "--checkpoint", into("old"), "--checkpoint", into("new")};
  EXPECT_EQ(failure(ledger.run(asked)), "5 note.unsigned");
  Arguments with_rotations = asked;
  with_rotations.insert(with_rotations.end(), {"--rotations", rotations});
  EXPECT_EQ(ledger.json(with_rotations).at("outside_mark"), 6);
  EXPECT_EQ(failure(ledger.run(
                {"restore", backups(), "--into", into("other"), "--as", "successor", "--rotations", rotations})),
            "2 usage");
}

TEST_F(Restore, RefusesACheckpointOfAnotherHistory) {
  ledger.request(R"({"n":1})");
  const std::string other = ledger.another("other");
  ledger.json({"backup", backups()});
  fs::copy_file(ledger.data() / "audit.key", fs::path(other) / "audit.key", fs::copy_options::overwrite_existing);
  json_on(other, {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", "{}"});
  const std::string note = into("note");
  json_on(other, {"checkpoint", "-o", note});
  const std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  EXPECT_EQ(failure(ledger.run(
                {"restore", backups(), "--into", into(), "--as", "successor", "--checkpoint", note, "--key", key})),
            "5 checkpoint.other_history");
  EXPECT_EQ(failure(on(into(), {"stats"})), "2 ledger.not_found");
}

TEST_F(Restore, IsRefusedWithACode) {
  ledger.request();
  const auto refused = [&](const Arguments& more) {
    Arguments arguments{"restore", backups(), "--into", into()};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return failure(ledger.run(arguments));
  };
  EXPECT_EQ(refused({"--as", "copy"}), "2 backup.not_found");
  ledger.json({"backup", backups()});
  EXPECT_EQ(refused({"--as", "twin"}), "2 as.invalid");
  EXPECT_EQ(refused({"--as", "copy", "--backup", "yesterday"}), "2 backup.not_found");
  EXPECT_EQ(refused({"--as", "copy", "--reached", "9"}), "2 usage");
  EXPECT_EQ(refused({"--as", "successor", "--checkpoint", "x"}), "2 usage");
  EXPECT_FALSE(fs::exists(into()));
  EXPECT_EQ(refused({"--as", "successor", "--reached", "9007199254740991"}), "2 reached.invalid");
  EXPECT_EQ(failure(on(into(), {"stats"})), "2 ledger.not_found");
  EXPECT_THAT(on(into(), {"stats"}).err, HasSubstr("run restore again"));
  fs::remove_all(into());
  fs::create_directory(into());
  (void)ledger.file("restored/letters.txt", "mine");
  EXPECT_EQ(refused({"--as", "copy"}), "2 ledger.exists");
  EXPECT_EQ(read_file(fs::path(into()) / "letters.txt"), "mine");
}

// Kills the restoration when it has made one file, two files, and so on. What it leaves is no ledger, and the next
// restoration into the same directory completes.
TEST_F(Restore, ThatIsKilledLeavesNoLedgerAndTheNextOneCompletes) {
  for (int i = 0; i < 5; ++i) ledger.request("{\"n\":" + std::to_string(i) + "}");
  ledger.json({"backup", backups()});
  const std::string exported = export_of(ledger.data());
  const int kills = short_or_long(50, 500);
  int completed = 0;
  for (int round = 0; round < kills; ++round) {
    const std::size_t files = 1 + static_cast<std::size_t>(round) % 60;
    const std::string data = into("restored-" + std::to_string(round));
    Program restoring(ledger.command({"restore", backups(), "--into", data, "--as", "copy"}));
    while (entries_below(data) < files && !has_ended(restoring)) {
      if (fs::exists(fs::path(data) / "store" / "CURRENT")) break;  // It is being moved into place.
    }
    restoring.signal(SIGKILL);
    const bool killed = restoring.wait().status == 128 + SIGKILL;
    if (killed && failure(on(data, {"stats"})) == "2 ledger.not_found") {
      EXPECT_EQ(ledger.run({"restore", backups(), "--into", data, "--as", "copy"}).status, 0) << round;
    } else {
      ++completed;
    }
    EXPECT_EQ(export_of(data), exported) << round;
    EXPECT_FALSE(fs::exists(fs::path(data) / "restoring"));
    fs::remove_all(data);
  }
  EXPECT_LT(completed, kills / 2);
}

}  // namespace
}  // namespace runledger
