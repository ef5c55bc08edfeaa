// The doctor's screen, and each of its problems that a test can bring about.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
namespace fs = std::filesystem;

class Doctor : public testing::Test {
 protected:
  Doctor() { (void)ledger.request(); }

  // Returns the checks by name.
  [[nodiscard]] std::map<std::string, json> checks(Arguments arguments = {}) const {
    arguments.insert(arguments.begin(), {"--format", "json", "doctor"});
    const ProgramResult result = ledger.run(arguments);
    const json report = json::parse(result.out, nullptr, false);
    EXPECT_TRUE(report.is_object()) << result.out << result.err;
    std::map<std::string, json> found;
    bool sound = true;
    for (const json& check : report.at("checks")) {
      found[check.at("check")] = check;
      sound = sound && check.at("status") != "problem";
      EXPECT_EQ(check.at("code").is_null(), check.at("status") != "problem") << check;
      EXPECT_EQ(check.at("remedy").is_null(), check.at("status") == "ok") << check;
    }
    EXPECT_EQ(report.at("ok"), sound);
    EXPECT_EQ(result.status, sound ? 0 : 1);
    return found;
  }
  [[nodiscard]] std::string backups() const { return ledger.directory() / "backups"; }

  CliLedger ledger;
};

TEST_F(Doctor, HasOneScreenOfChecks) {
  const ProgramResult result = ledger.run({"doctor"});
  EXPECT_LE(lines_of(result.out).size(), 36U);
  for (const char* name :
       {"directory", "modes", "file-system", "free-space", "flush", "open-files", "clock", "tokens", "certificate",
        "unit", "daemon", "mirror", "backup", "checkpoint", "checkpoint-file", "checkpoint-db", "signer", "verify"})
    EXPECT_THAT(result.out, HasSubstr(name));
  EXPECT_EQ(checks().at("flush").at("status") == "unchecked", false);
}

TEST_F(Doctor, KnowsWhenTheLastBackupCheckpointAndVerifyWere) {
  auto found = checks({"--backup-dir", backups()});
  EXPECT_EQ(found.at("backup").at("code"), "backup.not_found");
  EXPECT_EQ(found.at("checkpoint").at("code"), "doctor.checkpoint_old");
  EXPECT_EQ(found.at("verify").at("code"), "doctor.verify_old");
  ledger.json({"backup", backups()});
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
  found = checks({"--backup-dir", backups()});
  EXPECT_EQ(found.at("backup").at("status"), "ok");
  EXPECT_EQ(found.at("checkpoint").at("status"), "ok");
  EXPECT_EQ(found.at("verify").at("status"), "ok");
  EXPECT_THAT(found.at("verify").at("detail").get<std::string>(), HasSubstr("up to event 1"));
}

TEST_F(Doctor, SeesOldCheckpointsAndChecks) {
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  const fs::path checkpoint = ledger.data() / "audit.checkpoint";
  fs::last_write_time(checkpoint, fs::last_write_time(checkpoint) - std::chrono::hours(25));
  const json quiet = checks().at("checkpoint");
  EXPECT_EQ(quiet.at("status"), "ok") << "nothing has come since";
  EXPECT_EQ(quiet.at("detail"), "1 of 1 events, signed 25 hours ago");
  (void)ledger.request(R"({"n":2})");
  const json old = checks().at("checkpoint");
  EXPECT_EQ(old.at("code"), "doctor.checkpoint_old");
  EXPECT_EQ(old.at("detail"), "1 of 2 events, signed 25 hours ago");
  (void)ledger.file("data/audit.checkpoint", "nonsense");
  EXPECT_EQ(checks().at("checkpoint").at("code"), "audit_key.damaged");
  (void)ledger.file("data/verified", R"({"at":"2020-01-01T00:00:00Z","sequence":1})");
  EXPECT_EQ(checks().at("verify").at("code"), "doctor.verify_old");
}

TEST_F(Doctor, SeesACheckpointFileThatStandsStill) {
  const std::string file = ledger.directory() / "newest.checkpoint";
  const auto checked = [&] { return checks({"--checkpoint-file", file}).at("checkpoint-file"); };
  EXPECT_EQ(checks().at("checkpoint-file").at("status"), "unchecked");
  EXPECT_EQ(checked().at("code"), "doctor.checkpoint_not_handed_out") << "there is no such file";
  EXPECT_EQ(ledger.run({"checkpoint", "-o", file}).status, 0);
  EXPECT_EQ(checked().at("detail"), "1 events, written 0 minutes ago");
  (void)ledger.request(R"({"n":2})");
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  EXPECT_EQ(checked().at("status"), "ok") << "it may be under way";
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  EXPECT_EQ(checked().at("code"), "doctor.checkpoint_not_handed_out");
  EXPECT_EQ(checked().at("detail"), "1 events, written 60 minutes ago; 1 events are signed since");
  EXPECT_EQ(ledger.run({"checkpoint", "-o", file}).status, 0);
  fs::last_write_time(file, fs::last_write_time(file) - std::chrono::hours(1));
  EXPECT_EQ(checked().at("status"), "ok") << "nothing newer is signed";
  (void)ledger.file("newest.checkpoint", "nonsense");
  EXPECT_EQ(checked().at("code"), "note.malformed");
}

TEST_F(Doctor, LooksAtTheUnit) {
  EXPECT_EQ(checks().at("unit").at("status"), "unchecked") << "none is installed";
  const std::string shipped = read_file(source_directory() / "scripts/runledger.service");
  const std::string unit = ledger.file("runs.service", shipped);
  EXPECT_EQ(checks({"--unit", unit}).at("unit").at("code"), "doctor.unit_other_directory");
  (void)ledger.file("runs.service", shipped + "[Service]\nEnvironment=RUNLEDGER_DATA=" + ledger.data().string() + "\n");
  EXPECT_EQ(checks({"--unit", unit}).at("unit").at("status"), "ok");
}

TEST_F(Doctor, OfAnEmptyLedgerMissesNoCheckpoint) {
  const std::string empty = ledger.another("empty");
  const ProgramResult result = run_program({ledger.command({}).front(), "--data", empty, "--format", "json", "doctor"});
  const json report = json::parse(result.out);
  for (const json& check : report.at("checks")) {
    if (check.at("check") != "checkpoint") continue;
    EXPECT_EQ(check.at("status"), "ok") << check;
  }
}

TEST_F(Doctor, SeesOpenModes) {
  EXPECT_EQ(checks().at("modes").at("status"), "ok");
  fs::permissions(ledger.data() / "identity.key", fs::perms::others_read, fs::perm_options::add);
  const json modes = checks().at("modes");
  EXPECT_EQ(modes.at("code"), "doctor.modes_open");
  EXPECT_THAT(modes.at("detail").get<std::string>(), HasSubstr("identity.key has mode 0604"));
  fs::permissions(ledger.data() / "identity.key", fs::perms::others_read, fs::perm_options::remove);
  const fs::path next = ledger.file("data/audit.key.next", "secret");
  fs::permissions(next, fs::perms::owner_read | fs::perms::others_read);
  EXPECT_THAT(checks().at("modes").at("detail").get<std::string>(), HasSubstr("audit.key.next has mode 0404"));
}

TEST_F(Doctor, SeesTokensThatEndSoon) {
  const Arguments issue{"token", "issue", "--workspace", "acme", "--right", "audit", "--name", "ci", "--expires"};
  Arguments late = issue;
  late.emplace_back("30d");
  EXPECT_EQ(ledger.run(late).status, 0);
  EXPECT_EQ(checks().at("tokens").at("status"), "ok");
  Arguments soon = issue;
  soon.emplace_back("3d");
  EXPECT_EQ(ledger.run(soon).status, 0);
  EXPECT_EQ(checks().at("tokens").at("code"), "doctor.token_expires");
  EXPECT_THAT(checks().at("tokens").at("detail").get<std::string>(), HasSubstr("ci ends "));
}

TEST_F(Doctor, AsksTheDaemon) {
  EXPECT_EQ(checks().at("daemon").at("status"), "unchecked");
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  EXPECT_EQ(checks().at("daemon").at("detail"), "ready");
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(Doctor, OfNoLedgerHasOneProblem) {
  const ProgramResult result =
      run_program({ledger.command({}).front(), "--data", ledger.directory() / "nowhere", "--format", "json", "doctor"});
  EXPECT_EQ(result.status, 1);
  EXPECT_EQ(json::parse(result.out).at("checks").size(), 1U);
  EXPECT_EQ(json::parse(result.out).at("checks").at(0).at("code"), "ledger.not_found");
}

TEST_F(Doctor, RefusesHalfACertificate) {
  EXPECT_EQ(failure(ledger.run({"doctor", "--tls-cert", "x"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"doctor", "--backup-age", "old"})), "2 backup_age.invalid");
  EXPECT_EQ(checks({"--tls-cert", "/no/such", "--tls-key", "/no/such"}).at("certificate").at("code"), "tls.unreadable");
}

}  // namespace
}  // namespace runledger
