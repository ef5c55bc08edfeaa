// The commands project, rebuild and verify against a real Postgres, through the program.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>

#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/mirror_world.h"
#include "tests/fixtures/world/private_pooler.h"
#include "tests/fixtures/world/private_postgres.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

class MirrorCommands : public testing::Test {
 protected:
  void SetUp() override { ledger.json({"import", ledger.file("journal", journal::plain_journal(40))}); }

  // Compares the rows that the program folds from the log with the rows in Postgres.
  void expect_mirrored() {
    const std::vector<json> rows = ledger.json_lines({"replay", "--state"});
    const ReadMirror mirror = read_mirror(dsn);
    EXPECT_EQ(rows.size(), mirror.rows.size());
    EXPECT_EQ(mirror.checkpoint.value, ledger.json({"stats"}).at("head").get<std::uint64_t>());
  }

  CliLedger ledger;
  std::string dsn = PrivatePostgres::shared().make_database();
};

TEST_F(MirrorCommands, ProjectOnceMirrorsEverything) {
  EXPECT_EQ(ledger.json({"project", "--postgres", dsn, "--once"}).at("checkpoint"), 120);
  expect_mirrored();
  const json report = ledger.json({"verify", "--postgres", dsn});
  EXPECT_EQ(report.at("ok"), true);
  EXPECT_EQ(report.at("mirror_rows"), 40);
  EXPECT_EQ(report.at("mirror_attempts"), 40);
}

TEST_F(MirrorCommands, ProjectFollowsUntilItIsInterrupted) {
  Program project(ledger.command({"project", "--postgres", dsn, "--format", "json"}));
  ASSERT_TRUE(project.wait_for_output("\"checkpoint\":120"));
  project.signal(SIGTERM);
  const ProgramResult ended = project.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  expect_mirrored();
}

TEST_F(MirrorCommands, ProjectCanBeEndedWhilePostgresMakesItWait) {
  ledger.json({"project", "--postgres", dsn, "--once"});
  ledger.request();
  const auto waiting = [&] {
    return psql(dsn,
                "select count(*)::text from pg_stat_activity where application_name = 'runledger' and "
                "wait_event_type = 'Lock' and datname = current_database()");
  };
  ProgramOptions held;
  held.input = "begin; lock table operation_runs; select 'locked';\n";
  held.input_stays_open = true;
  for (const int number : {SIGTERM, SIGINT}) {
    for (const bool once : {true, false}) {
      Program locker({"/usr/bin/psql", "-X", dsn}, held);
      ASSERT_TRUE(locker.wait_for_output("locked"));
      Arguments arguments{"project", "--postgres", dsn};
      if (once) arguments.emplace_back("--once");
      Program project(ledger.command(arguments));
      while (waiting() == "0") {
      }
      project.signal(number);
      EXPECT_EQ(project.wait().status, 128 + number) << "it neither waits for the lock nor exits with 0";
      while (waiting() != "0") {  // Waits until the server has noticed.
      }
    }
  }
  ledger.json({"project", "--postgres", dsn, "--once"});
  expect_mirrored();
}

TEST_F(MirrorCommands, VerifyNamesARowThatWasEditedAndRebuildHealsIt) {
  ledger.json({"project", "--postgres", dsn, "--once"});
  const std::string edited = psql(dsn,
                                  "update operation_runs set attempt = 7 where id = (select min(id::text)::uuid from "
                                  "operation_runs) returning id::text");
  psql(dsn, "delete from operation_runs where id = (select max(id::text)::uuid from operation_runs)");
  psql(dsn, "update operation_run_attempts set worker = 'w-9' where run_id = '" + edited + "'");
  const ProgramResult found = ledger.run({"verify", "--postgres", dsn, "--format", "json"});
  EXPECT_EQ(found.status, 5);
  const json report = json::parse(found.out);
  EXPECT_EQ(report.at("ok"), false);
  ASSERT_EQ(report.at("findings").size(), 3U);
  EXPECT_EQ(report.at("findings").at(0).at("code"), "mirror.row_differs");
  EXPECT_EQ(edited, report.at("findings").at(0).at("run_id"));
  EXPECT_EQ(report.at("findings").at(1).at("code"), "mirror.row_missing");
  EXPECT_EQ(report.at("findings").at(2).at("code"), "mirror.attempt_differs");

  const json dry = ledger.json({"rebuild", "--postgres", dsn, "--dry-run"});
  EXPECT_EQ(dry.at("drifted"), 2);
  EXPECT_EQ(ledger.run({"verify", "--postgres", dsn}).status, 5);
  const json healed = ledger.json({"rebuild", "--postgres", dsn});
  EXPECT_EQ(healed.at("scanned"), 40);
  EXPECT_EQ(healed.at("updated"), 1);
  EXPECT_EQ(healed.at("inserted"), 1);
  EXPECT_EQ(healed.at("deleted"), 0);
  EXPECT_EQ(healed.at("attempts").at("scanned"), 40);
  EXPECT_EQ(healed.at("attempts").at("updated"), 1);
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("ok"), true);
}

// The events of the journal are of other scopes, so the caller's own numbers are far below the mirror's checkpoint.
TEST_F(MirrorCommands, ACallerOfATenantFindsItsWriteOnceTheDaemonSaysThatItIsThere) {
  const std::string token = ledger
                                .json({"token", "issue", "--workspace", "acme", "--tenant", "harbour", "--right",
                                       "request", "--right", "work"})
                                .at("token");
  Program daemon(ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--postgres", dsn}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const std::string url = json::parse(daemon.output()).at("http");
  HttpClient client(static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1))));
  const auto ask = [&](const HttpAsk& what) {
    client.send(http_text(what));
    return client.read();
  };
  for (int i = 0; i < 10; ++i) {
    const json body{{"type", "demo.sync"}, {"input", {{"n", i}}}};
    const json requested = ask({.method = "POST", .target = "/v1/runs", .token = token, .body = body.dump()}).json();
    EXPECT_EQ(requested.at("sequence"), i + 1);
    const std::string position = requested.at("position");
    EXPECT_EQ(ask({.target = "/v1/mirror?wait_seconds=60&position=" + position, .token = token}).status, 200);
    EXPECT_EQ(psql(dsn, "select run_version::text from operation_runs where id = '" +
                            requested.at("run_id").get<std::string>() + "'"),
              std::to_string(requested.at("run_version").get<int>()));
  }
}

TEST_F(MirrorCommands, ADaemonMakesTablesAgainThatWereDropped) {
  const std::string token = ledger
                                .json({"token", "issue", "--workspace", "acme", "--tenant", "harbour", "--right",
                                       "request", "--right", "work"})
                                .at("token");
  Program daemon(ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--postgres", dsn}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const std::string url = json::parse(daemon.output()).at("http");
  HttpClient client(static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1))));
  const auto mirrored = [&] {
    client.send(http_text({.target = "/v1/mirror?wait_seconds=60", .token = token}));
    return client.read().status;
  };
  ledger.request();
  EXPECT_EQ(mirrored(), 200);
  psql(dsn, "drop schema runledger cascade");
  ledger.request(R"({"n":2})");
  EXPECT_TRUE(daemon.wait_for_error("mirror-set-back"));
  EXPECT_EQ(mirrored(), 200);
  EXPECT_EQ(psql(dsn, "select count(*)::text from operation_runs"), "42");
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("ok"), true);
  client.send(http_text({.target = "/readyz", .token = {}}));
  EXPECT_EQ(client.read().status, 200);
}

class MirrorOfADaemon : public MirrorCommands {
 protected:
  // Starts a daemon with these options, and asks it with the right to operate the whole ledger.
  void serve(const Arguments& options) {
    operating = ledger.json({"token", "issue", "--every-workspace", "--right", "operate"}).at("token");
    Arguments arguments{"serve", "--format", "json", "--http", "127.0.0.1:0"};
    arguments.insert(arguments.end(), options.begin(), options.end());
    daemon = std::make_unique<Program>(ledger.command(arguments));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    const std::string url = json::parse(daemon->output()).at("http");
    port = static_cast<std::uint16_t>(std::stoul(url.substr(url.rfind(':') + 1)));
  }
  HttpReply ask(const std::string& method, const std::string& target, const std::string& token) const {
    HttpClient client(port);
    client.send(http_text({.method = method, .target = target, .token = token}));
    return client.read();
  }
  HttpReply rebuild(const std::string& query = "") const {
    return ask("POST", "/v1/mirror/rebuild" + query, operating);
  }
  // What the metric says of the mirror.
  std::string stopped() const {
    const std::string metrics = ask("GET", "/metrics", operating).body;
    const std::string name = "\nrunledger_mirror_stopped ";
    return metrics.substr(metrics.find(name) + name.size(), 1);
  }
  int await_mirror() const { return ask("GET", "/v1/mirror?wait_seconds=60", operating).status; }

  std::string operating;
  std::unique_ptr<Program> daemon;
  std::uint16_t port = 0;
};

TEST_F(MirrorOfADaemon, IsRebuiltWhileItRuns) {
  serve({"--postgres", dsn});
  EXPECT_EQ(await_mirror(), 200);
  psql(dsn, "update operation_runs set attempt = 7 where id = (select min(id::text)::uuid from operation_runs)");
  psql(dsn,
       "delete from operation_run_attempts where run_id = (select max(run_id::text)::uuid from operation_runs r"
       " join operation_run_attempts on run_id = id)");
  const json found = rebuild("?dry_run=1").json();
  EXPECT_EQ(found.at("updated"), 1);
  EXPECT_EQ(found.at("attempts").at("inserted"), 1);
  EXPECT_EQ(ledger.run({"verify", "--postgres", dsn}).status, 5);
  const json repaired = rebuild().json();
  EXPECT_EQ(repaired.at("schema"), "runledger");
  EXPECT_EQ(repaired.at("scanned"), 40);
  EXPECT_EQ(repaired.at("drifted"), 1);
  EXPECT_EQ(repaired.at("attempts").at("drifted"), 1);
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("ok"), true);
  ledger.request();
  EXPECT_EQ(await_mirror(), 200);
  EXPECT_EQ(psql(dsn, "select count(*)::text from operation_runs"), "41");
  EXPECT_EQ(rebuild("?dry_run=2").problem(), "400 dry_run.invalid");
}

TEST_F(MirrorOfADaemon, FollowsAgainAfterARebuildOfWhatStoppedIt) {
  ledger.json({"project", "--postgres", dsn, "--once"});
  psql(dsn, "update ledger_projections set revision = 99");
  serve({"--postgres", dsn});
  EXPECT_TRUE(daemon->wait_for_error("mirror-stopped"));
  EXPECT_EQ(stopped(), "1");
  EXPECT_EQ(ask("GET", "/readyz", "").status, 200) << "commands and reads are answered";
  ledger.request(R"({"n":"meanwhile"})");
  EXPECT_EQ(rebuild("?dry_run=1").json().at("drifted"), 1);
  EXPECT_EQ(stopped(), "1") << "a dry run repairs nothing";
  EXPECT_EQ(rebuild().json().at("drifted"), 1);
  EXPECT_EQ(stopped(), "0");
  ledger.request();
  EXPECT_EQ(await_mirror(), 200);
  EXPECT_EQ(psql(dsn, "select count(*)::text from operation_runs"), "42");
}

TEST_F(MirrorOfADaemon, ThatCannotBeRebuiltSaysWhy) {
  const CliLedger other;
  other.request();
  other.json({"project", "--postgres", dsn, "--once"});
  serve({"--postgres", dsn});
  EXPECT_TRUE(daemon->wait_for_error("mirror-stopped"));
  EXPECT_EQ(rebuild().problem(), "500 mirror.other_ledger");
  EXPECT_EQ(psql(dsn, "select count(*)::text from operation_runs"), "1");
}

TEST_F(MirrorOfADaemon, IsRebuiltForOperatorsOfTheWholeLedgerOnly) {
  serve({});
  const json auditor = ledger.json({"token", "issue", "--every-workspace", "--right", "audit", "--right", "work"});
  const json tenant = ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "request"});
  for (const json& token : {auditor.at("token"), tenant.at("token")})
    EXPECT_EQ(ask("POST", "/v1/mirror/rebuild", token).problem(), "403 access.denied");
  EXPECT_EQ(rebuild().problem(), "404 mirror.absent");
}

TEST_F(MirrorCommands, AMirrorIsMadeAndRebuiltBesideADaemon) {
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  ledger.request();
  EXPECT_EQ(ledger.json({"project", "--postgres", dsn, "--once"}).at("checkpoint"), 121);
  expect_mirrored();
  psql(dsn, "delete from operation_runs where ctid in (select ctid from operation_runs limit 3)");
  ledger.request("{\"n\":2}");
  EXPECT_EQ(ledger.json({"rebuild", "--postgres", dsn}).at("inserted"), 3);
  expect_mirrored();
  EXPECT_EQ(ledger.json({"rebuild", "--dry-run"}).at("scanned"), 42);
  EXPECT_EQ(failure(ledger.run({"rebuild"})), "6 ledger.busy");
  EXPECT_EQ(failure(ledger.run({"project", "--postgres", dsn})), "6 ledger.busy");
}

TEST_F(MirrorCommands, APoolerIsToldBeforeTheDaemonIsStarted) {
  const auto check = [&](const std::string& postgres) {
    return ledger.run({"serve", "--check-config", "--postgres", postgres});
  };
  EXPECT_EQ(check(dsn).status, 0);
  EXPECT_EQ(failure(check(PrivatePooler("transaction").through(dsn))), "2 mirror.pooler");
  EXPECT_EQ(check(PrivatePooler("session").through(dsn)).status, 0);
  psql(dsn, "create schema runledger; create table runledger.operation_runs (mine text)");
  EXPECT_EQ(failure(check(dsn)), "2 mirror.table_taken");
  psql(dsn, "drop schema runledger cascade");
  EXPECT_EQ(psql(dsn, "select count(*)::text from pg_tables where tablename = 'operation_runs'"), "0");
  const ProgramResult away = check("host=/nonexistent dbname=app");
  EXPECT_EQ(away.status, 0);
  EXPECT_THAT(away.err, HasSubstr("runledger: mirror.unreachable: "));
}

TEST_F(MirrorCommands, ASchemaOfOnesOwnIsUsed) {
  psql(dsn, "create schema runs");
  ledger.json({"project", "--postgres", dsn, "--schema", "runs", "--once"});
  EXPECT_EQ(psql(dsn, "select count(*)::text from runs.operation_runs"), "40");
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn, "--schema", "runs"}).at("ok"), true);
}

TEST_F(MirrorCommands, AnApplicationsOwnTableInPublicIsLeftAlone) {
  psql(dsn, "create table public.operation_runs (mine text)");
  const json made = ledger.json({"project", "--postgres", dsn, "--once"});
  EXPECT_EQ(made.at("schema"), "runledger");
  EXPECT_EQ(psql(dsn, "select count(*)::text from runledger.operation_runs"), "40");
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("mirror_schema"), "runledger");
  EXPECT_EQ(ledger.json({"seed", "--postgres", dsn}).at("postgres").at("schema"), "runledger");
}

TEST_F(MirrorCommands, AMirrorThatAnEarlierVersionMadeInPublicIsKeptByEveryCommand) {
  ledger.json({"project", "--postgres", dsn, "--schema", "public", "--once"});
  ledger.request();
  EXPECT_EQ(ledger.json({"project", "--postgres", dsn, "--once"}).at("schema"), "public");
  EXPECT_EQ(ledger.json({"rebuild", "--postgres", dsn}).at("schema"), "public");
  EXPECT_EQ(ledger.json({"verify", "--postgres", dsn}).at("mirror_schema"), "public");
  EXPECT_THAT(ledger.run({"doctor", "--postgres", dsn}).out, HasSubstr("41 rows in schema public"));
  EXPECT_EQ(ledger.json({"seed", "--postgres", dsn}).at("postgres").at("schema"), "public");
  const std::string backups = ledger.directory() / "backups";
  ledger.json({"backup", backups});
  const std::string into = ledger.directory() / "successor";
  EXPECT_EQ(ledger.json({"restore", backups, "--into", into, "--as", "successor", "--postgres", dsn})
                .at("mirror")
                .at("schema"),
            "public");
  Program daemon(ledger.command({"serve", "--format", "json", "--postgres", dsn}));
  EXPECT_TRUE(daemon.wait_for_error("\"schema\":\"public\""));
  EXPECT_EQ(ledger.json({"seed", "--postgres", dsn}).at("postgres").at("schema"), "public");
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(psql(dsn, "select to_regnamespace('runledger')"), "");
}

TEST_F(MirrorCommands, AMirrorOfAnotherLedgerIsRefused) {
  ledger.json({"project", "--postgres", dsn, "--once"});
  const CliLedger other;
  other.request();
  EXPECT_EQ(failure(other.run({"project", "--postgres", dsn, "--once"})), "2 mirror.other_ledger");
  EXPECT_EQ(failure(other.run({"rebuild", "--postgres", dsn})), "2 mirror.other_ledger");
}

TEST_F(MirrorCommands, AnOlderCopyOfTheLedgerThatWentOnIsRefused) {
  const std::filesystem::path copy = ledger.directory() / "copy";
  std::filesystem::copy(ledger.data(), copy, std::filesystem::copy_options::recursive);
  ledger.request();
  ledger.json({"project", "--postgres", dsn, "--once"});
  const ReadMirror before = read_mirror(dsn);

  std::filesystem::remove_all(ledger.data());
  std::filesystem::rename(copy, ledger.data());
  EXPECT_EQ(failure(ledger.run({"project", "--postgres", dsn, "--once"})), "5 mirror.ahead");
  for (const char* input : {R"({"other":1})", R"({"other":2})"}) ledger.request(input);
  EXPECT_EQ(failure(ledger.run({"project", "--postgres", dsn, "--once"})), "5 mirror.other_history");
  EXPECT_EQ(failure(ledger.run({"rebuild", "--postgres", dsn})), "5 mirror.other_history");
  const ProgramResult verified = ledger.run({"verify", "--postgres", dsn, "--format", "json"});
  EXPECT_EQ(verified.status, 5);
  EXPECT_THAT(verified.out, HasSubstr("mirror.other_history"));
  const ReadMirror after = read_mirror(dsn);
  EXPECT_EQ(after.rows, before.rows);
  EXPECT_EQ(after.roots, before.roots);
}

TEST_F(MirrorCommands, BadOptionsAreRefusedWithoutTheirPassword) {
  EXPECT_EQ(failure(ledger.run({"project", "--once"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"project", "--postgres", "", "--once"})), "2 postgres.invalid");
  for (const char* schema : {"", "Runs", "a-b", "1a", "a\"; drop table x; --"})
    EXPECT_EQ(failure(ledger.run({"project", "--postgres", dsn, "--schema", schema, "--once"})), "2 schema.invalid");
  const ProgramResult unreachable =
      ledger.run({"project", "--postgres", "host=/nonexistent user=u password=hunter2-hunter2", "--once"});
  EXPECT_EQ(failure(unreachable), "1 mirror.unreachable");
  EXPECT_THAT(unreachable.err, testing::Not(HasSubstr("hunter2")));
}

}  // namespace
}  // namespace runledger
