// Erasing what a tenant has written: what stays, what is gone, and what a kill leaves.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <filesystem>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/kills.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/planted_texts.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

class Erase : public testing::Test {
 protected:
  static Arguments erase(const Arguments& more = {}) {
    Arguments arguments{"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  void expect_erased() const {
    EXPECT_THAT(texts_below(ledger.data()), IsEmpty());
    EXPECT_THAT(texts_in(ledger.run({"export"}).out), IsEmpty());
    EXPECT_THAT(texts_below(ledger.data()), IsEmpty()) << "after the rows were read";
    const ProgramResult verified = ledger.run({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.out << verified.err;
    const json rebuilt = ledger.json({"rebuild"});
    EXPECT_EQ(rebuilt.at("drifted"), 0) << rebuilt;
  }

  CliLedger ledger{{"--seal-tenants"}};
};

TEST_F(Erase, LeavesFactsAndNoTextInAnyFile) {
  const std::vector<std::string> runs = plant_texts(ledger);
  plant_texts(ledger, "south");  // The same words: they stay.
  const json before = ledger.json({"show", runs.front()});
  const json totals = ledger.json({"stats"});
  EXPECT_EQ(ledger.json(erase()).at("keys_destroyed"), 1);
  for (const json& line : ledger.json_lines({"replay", "--tenant", "north"}))
    EXPECT_THAT(texts_in(line.dump()), IsEmpty());
  json after = ledger.json({"show", runs.front()});
  EXPECT_EQ(after.at("run").at("context"), json::object());
  EXPECT_EQ(after.at("run").at("initiator"), nullptr);
  EXPECT_EQ(after.at("run").at("labels"), json::object());
  for (const char* fact : {"id", "type", "status", "outcome", "requested_at", "completed_at", "reason_code",
                           "run_identity_hash", "summary_counts", "run_version"})
    EXPECT_EQ(after.at("run").at(fact), before.at("run").at(fact)) << fact;
  EXPECT_EQ(ledger.json({"stats"}).at("by_outcome"), totals.at("by_outcome"));
  EXPECT_EQ(ledger.json_lines({"list", "--tenant", "south", "--initiator", "numbat03"}).size(), 1U);
  EXPECT_THAT(ledger.run({"list", "--initiator", "numbat03", "--tenant", "north"}).out, Not(HasSubstr("north")));
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
  EXPECT_EQ(ledger.json({"rebuild"}).at("drifted"), 0);
}

TEST_F(Erase, LeavesNoTextInAnyFile) {
  plant_texts(ledger);
  ledger.run({"list"});
  ledger.json(erase());
  expect_erased();
}

TEST_F(Erase, IsAnEventOfTheLedgerWithItsCaller) {
  plant_texts(ledger);
  const json erased = ledger.json(erase());
  const json event = ledger.json({"replay", "--kind", "erased"});
  EXPECT_EQ(event.at("sequence"), erased.at("sequence"));
  EXPECT_EQ(event.at("run_id"), nullptr);
  EXPECT_EQ(event.at("data").at("tenant_id"), "north");
  EXPECT_EQ(event.at("data").at("reason"), "contract ended");
  EXPECT_EQ(event.at("data").at("keys").size(), 1U);
  EXPECT_THAT(event.at("caller").get<std::string>(), HasSubstr("uid:"));
  EXPECT_EQ(ledger.json_lines({"replay", "--state"}).size(), 9U);
}

TEST_F(Erase, LeavesEveryProofValid) {
  const std::vector<std::string> runs = plant_texts(ledger);
  const std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  const std::string of_event = ledger.directory() / "event.proof";
  const std::string of_run = ledger.directory() / "run.proof";
  const std::string note = ledger.directory() / "note";
  ledger.json({"checkpoint", "-o", note});
  ledger.json({"prove", "--event", "5", "-o", of_event});
  ledger.json({"prove", "--run", runs.front(), "-o", of_run});
  ledger.json(erase());
  for (const std::string& proof : {of_event, of_run})
    EXPECT_EQ(ledger.run({"verify", "--proof", proof, "--key", key}).status, 0) << proof;
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", note, "--key", key}).status, 0);
  const std::string later = ledger.directory() / "later.proof";
  ledger.json({"prove", "--event", "5", "-o", later});
  EXPECT_EQ(ledger.run({"verify", "--proof", later, "--key", key}).status, 0);
}

TEST_F(Erase, IsRefusedWhileARunIsActive) {
  const std::string queued = ledger.request(R"({"n":1})");
  const std::string running = ledger.request(R"({"n":2})");
  ledger.start(running);
  EXPECT_EQ(failure(ledger.run(erase())), "4 erase.active_runs");
  EXPECT_EQ(ledger.json({"stats"}).at("events").at("total"), 3) << "nothing was done";
  EXPECT_EQ(ledger.json(erase({"--cancel-active"})).at("cancelled_runs"), 2);
  for (const std::string& run : {queued, running})
    EXPECT_EQ(ledger.json({"show", run}).at("run").at("outcome"), "cancelled");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Erase, LetsLaterRequestsBeginUnderANewKey) {
  const std::string before = ledger.request(R"({"n":1})");
  ledger.json({"cancel", before});
  ledger.json(erase());
  EXPECT_EQ(failure(ledger.run(erase())), "4 erase.nothing");
  const std::string after = ledger.request(R"({"n":1})");
  EXPECT_NE(after, before) << "no cooldown of a request that cannot be recognised any more";
  EXPECT_EQ(ledger.json({"show", after}).at("run").at("context"), json({{"n", 1}}));
  EXPECT_NE(ledger.json({"show", after}).at("run").at("run_identity_hash"),
            ledger.json({"show", before}).at("run").at("run_identity_hash"));
  ledger.json({"cancel", after});
  EXPECT_EQ(ledger.json(erase()).at("keys_destroyed"), 1);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

TEST_F(Erase, IsRefusedWithACode) {
  ledger.request();
  EXPECT_EQ(failure(ledger.run({"erase", "--workspace", "acme", "--tenant", "nobody", "--reason", "x"})),
            "4 erase.nothing");
  EXPECT_EQ(failure(ledger.run({"erase", "--workspace", "acme", "--tenant", "north", "--reason", ""})),
            "2 reason.invalid");
  const CliLedger clear;
  const std::string run = clear.request();
  EXPECT_EQ(failure(clear.run(erase({"--cancel-active"}))), "4 seal.not_sealed");
  EXPECT_EQ(clear.json({"show", run}).at("run").at("status"), "queued");
}

TEST_F(Erase, OfAnExportedLedgerIsImportedToTheByte) {
  plant_texts(ledger);
  ledger.json(erase());
  ledger.request(R"({"n":1})");
  const std::string exported = ledger.run({"export", "--with-key"}).out;
  const std::string other = ledger.directory() / "other";
  const auto on_other = [&](Arguments arguments) {
    arguments.insert(arguments.begin(), {program_path(), "--data", other});
    return run_program(arguments);
  };
  EXPECT_EQ(on_other({"init", "--seal-tenants"}).status, 0);
  for (const char* file : {"seal.keys", "seal.master"})
    fs::copy_file(ledger.data() / file, fs::path(other) / file, fs::copy_options::overwrite_existing);
  const ProgramResult imported = on_other({"import", "--verbatim", ledger.file("events.jsonl", exported)});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(on_other({"export", "--with-key"}).out, exported);
  EXPECT_EQ(on_other({"verify"}).status, 0);
}

TEST_F(Erase, GoesThroughTheDaemon) {
  plant_texts(ledger);
  const std::string active = ledger.request(R"({"n":1})");
  {
    Program daemon(ledger.command({"serve"}));
    ASSERT_TRUE(daemon.wait_for_output("\n"));
    EXPECT_EQ(failure(ledger.run(erase())), "4 erase.active_runs");
    EXPECT_EQ(failure(ledger.run(erase({"--postgres", "host=/nowhere"}))), "2 usage");
    const json erased = ledger.json(erase({"--cancel-active"}));
    EXPECT_EQ(erased.at("cancelled_runs"), 1);
    EXPECT_EQ(erased.at("keys_destroyed"), 1);
    EXPECT_EQ(erased.at("mirror_erased"), false);
    EXPECT_THAT(texts_below(ledger.data()), IsEmpty()) << "while the daemon goes on";
    EXPECT_EQ(failure(ledger.run(erase())), "4 erase.nothing");
    EXPECT_EQ(ledger.json({"show", active}).at("run").at("outcome"), "cancelled");
    const std::string later = ledger.request(R"({"note":"later"})");
    EXPECT_EQ(ledger.json({"show", later}).at("run").at("context").at("note"), "later");
    ledger.json({"cancel", later});
    EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }
  expect_erased();
}

// Kills an erasure after each part of the time that a whole one takes. Either it has not been recorded, or nothing that
// it erases can be read any more, and the next erase, or the next start of the daemon, completes it.
TEST_F(Erase, ThatIsKilledIsCompletedByTheNextStart) {
  using Steady = std::chrono::steady_clock;
  plant_texts(ledger);
  const Steady::time_point begun = Steady::now();
  ledger.json(erase());
  const Steady::duration whole = Steady::now() - begun;
  const int kills = short_or_long(10, 50);
  const auto erasures = [&] { return ledger.json_lines({"replay", "--kind", "erased"}).size(); };
  for (int round = 0; round < kills; ++round) {
    plant_texts(ledger);
    const std::size_t before = erasures();
    {
      Program erasing(ledger.command(erase()));
      const Steady::time_point end = Steady::now() + whole * (round + 1) / kills;
      while (Steady::now() < end && !has_ended(erasing)) continue;
      erasing.signal(SIGKILL);
      (void)erasing.wait();
    }
    const bool is_recorded = erasures() > before;
    const bool has_key = read_file(ledger.data() / "seal.keys").find("north") != std::string::npos;
    if (is_recorded) {
      EXPECT_THAT(texts_in(ledger.run({"export"}).out), IsEmpty());
    }
    if (!is_recorded || round % 2 == 0) {
      EXPECT_EQ(ledger.run(erase()).status, has_key ? 0 : 4) << round;
    } else {
      Program daemon(ledger.command({"serve"}));
      ASSERT_TRUE(daemon.wait_for_output("\n"));
      daemon.signal(SIGTERM);
      EXPECT_EQ(daemon.wait().status, 0);
    }
    expect_erased();
  }
}

}  // namespace
}  // namespace runledger
