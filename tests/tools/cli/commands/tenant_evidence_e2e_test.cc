// One tenant's evidence as its owner, its auditor and a program that is not ours meet it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <random>

#include "ledger/evidence/checkpoint.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

namespace fs = std::filesystem;

class TenantEvidence : public testing::Test {
 protected:
  TenantEvidence() { work(3); }

  // Returns a run of acme/north with three events, and has a neighbour do as much.
  std::string work(int runs = 1) {
    std::string run;
    for (; runs > 0; --runs) {
      run = ledger.request(R"({"n":)" + std::to_string(++requested) + "}");
      (void)ledger.finish(run, ledger.start(run), {"--outcome", "succeeded"});
      EXPECT_EQ(ledger
                    .run({"request", "--workspace", "acme", "--tenant", "south", "--type", "demo.sync", "--input",
                          R"({"n":)" + std::to_string(requested) + "}"})
                    .status,
                0);
    }
    return run;
  }
  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  std::string evidence(const std::string& name, const Arguments& of = {"--tenant", "north"}) const {
    Arguments arguments{"export", "--evidence", "-o", path(name)};
    arguments.insert(arguments.end(), of.begin(), of.end());
    EXPECT_EQ(ledger.json(arguments).at("file"), path(name));
    return path(name);
  }
  std::string run_evidence(const std::string& run, const std::string& name) const {
    EXPECT_EQ(ledger.json({"prove", "--run", run, "--complete", "-o", path(name)}).at("file"), path(name));
    return path(name);
  }
  [[nodiscard]] ProgramResult verify(const std::string& file, const Arguments& more = {}) const {
    Arguments arguments{program_path(), "verify", "--proof", file, "--key", key};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run_program(arguments);
  }
  [[nodiscard]] std::vector<std::string> checked_by_go(Arguments files) const {
    files.insert(files.begin(), {check_evidence_path(), key});
    const ProgramResult result = run_program(files);
    EXPECT_EQ(result.status, 0) << result.err;
    return lines_of(result.out);
  }

  CliLedger ledger;
  std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  int requested = 0;
};

TEST_F(TenantEvidence, IsAcceptedByTheProgramAndByOneThatIsNotOurs) {
  const std::string run = work();
  const std::string whole = evidence("north");
  const std::string of_run = run_evidence(run, "run");
  EXPECT_EQ(ledger.run({"request", "--workspace", "acme", "--type", "demo.sync"}).status, 0);
  const std::string workspace = evidence("acme", {"--workspace", "acme"});
  EXPECT_THAT(checked_by_go({whole, of_run, workspace}),
              ElementsAre("all 12 events of 4 runs", "all 3 events of a run", "all 1 events of 1 runs"));
  const ProgramResult verified = verify(whole);
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("proven: these 12 events of 4 runs are all that tenant north of workspace acme"));
  EXPECT_THAT(verified.out, HasSubstr("not proven: what came after the note was signed"));
  EXPECT_THAT(verify(of_run).out, HasSubstr("proven: these 3 events are all that run " + run));
  EXPECT_THAT(verify(workspace).out, HasSubstr("all that workspace acme, without its tenants, had"));
  EXPECT_EQ(read_file(whole).find("south"), std::string::npos);
  const auto answer = nlohmann::json::parse(verify(whole, {"--format", "json"}).out);
  EXPECT_EQ(answer.at("proven"), "scope");
  EXPECT_EQ(answer.at("size"), 12);
  EXPECT_EQ(answer.at("tenant_id"), "north");
}

TEST_F(TenantEvidence, GivesItsEventsAsTheExportHasThem) {
  const std::string whole = evidence("north");
  EXPECT_EQ(verify(whole, {"-o", path("events")}).status, 0);
  std::vector<nlohmann::json> expected = ledger.json_lines({"export", "--tenant", "north"});
  for (nlohmann::json& event : expected) event["sequence"] = event["scope_sequence"];
  std::vector<nlohmann::json> found;
  for (const std::string& line : lines_of(read_file(path("events")))) found.push_back(nlohmann::json::parse(line));
  EXPECT_EQ(found, expected);
  std::string other = read_file(whole);
  other.replace(other.find("events 9"), 8, "events 8");
  EXPECT_EQ(failure(verify(ledger.file("other", other), {"-o", path("none")})), "5 proof.incomplete");
  EXPECT_FALSE(fs::exists(path("none"))) << "nothing is written of what does not hold";
}

TEST_F(TenantEvidence, WithoutAnyOfItsEventsIsRefused) {
  const std::string good = read_file(evidence("north"));
  const std::vector<std::string> lines = lines_of(good);
  Arguments files;
  for (std::size_t skipped = 0; skipped < lines.size(); ++skipped) {
    if (!lines[skipped].starts_with("extra ")) continue;
    std::string fewer;
    for (std::size_t i = 0; i < lines.size(); ++i) {
      if (i != skipped) fewer += (lines[i] == "events 9" ? "events 8" : lines[i]) + "\n";
    }
    files.push_back(ledger.file("fewer" + std::to_string(files.size()), fewer));
  }
  ASSERT_EQ(files.size(), 9U);
  EXPECT_THAT(checked_by_go(files), Each(StartsWith("refused")));
  for (const std::string& file : files)
    EXPECT_THAT(failure(verify(file)), testing::AnyOf("5 proof.incomplete", "5 proof.wrong"));
  EXPECT_EQ(failure(verify(files.back())), "5 proof.wrong");
}

TEST_F(TenantEvidence, WithAnyOtherByteIsRefusedByBoth) {
  std::mt19937 random(20261130);
  Arguments changed;
  for (const std::string& file : {evidence("north"), run_evidence(work(), "run")}) {
    const std::string text = read_file(file);
    for (std::size_t i = 0; i < 300; ++i) {
      std::string other = text;
      const std::size_t at = random() % other.size();
      other[at] = static_cast<char>(other[at] ^ (1 << random() % 7));
      changed.push_back(ledger.file("changed" + std::to_string(changed.size()), other));
    }
  }
  EXPECT_THAT(checked_by_go(changed), Each(StartsWith("refused")));
  for (std::size_t i = 0; i < changed.size(); i += 17) {
    const ProgramResult result = verify(changed[i]);
    EXPECT_EQ(result.status, 5) << read_file(changed[i]);
    EXPECT_THAT(error_code(result), testing::MatchesRegex("(proof|note)\\.[a-z_]+"));
  }
}

TEST_F(TenantEvidence, ThatIsLaterExtendsTheEarlierOneAlsoWithANewKey) {
  const std::string january = evidence("january");
  work(2);
  ASSERT_EQ(ledger.run({"audit", "key", "rotate"}).status, 0);
  const std::string february = evidence("february");
  const Arguments extends{"--earlier", january, "--rotations", ledger.data() / "audit.rotations"};
  const ProgramResult verified = verify(february, extends);
  EXPECT_EQ(verified.status, 0) << verified.err;
  EXPECT_THAT(verified.out, HasSubstr("its first 9 events are those of the earlier file, and 6 follow them"));
  EXPECT_EQ(failure(verify(february)), "5 note.unsigned");
  EXPECT_EQ(failure(verify(january, {"--earlier", february, "--rotations", ledger.data() / "audit.rotations"})),
            "5 proof.not_extended");
  const std::string south = evidence("south", {"--workspace", "acme", "--tenant", "south"});
  EXPECT_EQ(failure(verify(south, extends)), "5 proof.other_scope");
}

TEST_F(TenantEvidence, OfALedgerWithAnotherHistoryDoesNotExtendTheEarlierOne) {
  fs::copy(ledger.data(), path("forged"), fs::copy_options::recursive);
  const std::string run = work();
  const std::string january = evidence("january");
  const auto on_forged = [&](Arguments arguments) {
    arguments.insert(arguments.begin(), {program_path(), "--data", path("forged")});
    return run_program(arguments).status;
  };
  for (int n = 100; n < 106; ++n)
    ASSERT_EQ(on_forged({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input",
                         R"({"n":)" + std::to_string(n) + "}"}),
              0);
  ASSERT_EQ(on_forged({"export", "--tenant", "north", "--evidence", "-o", path("february")}), 0);
  EXPECT_EQ(verify(path("february")).status, 0) << "it is whole by itself, and signed with the true key";
  EXPECT_EQ(failure(verify(path("february"), {"--earlier", january})), "5 proof.not_extended");
}

TEST_F(TenantEvidence, IsMadeBesideADaemonAndByIt) {
  const std::string north =
      ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "audit", "--name", "n"})
          .at("token");
  const std::string south =
      ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "south", "--right", "audit", "--name", "s"})
          .at("token");
  const std::string looker =
      ledger.json({"token", "issue", "--workspace", "acme", "--tenant", "north", "--right", "request", "--name", "r"})
          .at("token");
  Program daemon(ledger.command({"serve", "--format", "json", "--http", "127.0.0.1:0", "--checkpoint-every", "1s"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const std::uint16_t port = port_of(nlohmann::json::parse(daemon.output()).at("http"));
  const auto get = [port](const std::string& target, const std::string& token) {
    HttpClient client(port);
    client.send(http_text({.target = target, .token = token}));
    return client.read();
  };
  const std::string run = work();
  EXPECT_EQ(verify(evidence("beside")).status, 0);
  const HttpReply whole = get("/v1/evidence", north);
  ASSERT_EQ(whole.status, 200) << whole.body;
  EXPECT_THAT(verify(ledger.file("whole", whole.body)).out, HasSubstr("these 12 events of 4 runs are all"));
  const HttpReply of_run = get("/v1/runs/" + run + "/evidence", north);
  ASSERT_EQ(of_run.status, 200) << of_run.body;
  EXPECT_THAT(checked_by_go({path("whole"), ledger.file("of_run", of_run.body)}),
              ElementsAre("all 12 events of 4 runs", "all 3 events of a run"));
  EXPECT_EQ(get("/v1/evidence?tenant=south", north).status, 404);
  EXPECT_EQ(get("/v1/runs/" + run + "/evidence", south).status, 404);
  EXPECT_EQ(get("/v1/evidence", looker).status, 403);
  EXPECT_THAT(verify(ledger.file("south", get("/v1/evidence", south).body)).out, HasSubstr("tenant south"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  EXPECT_EQ(ledger.run({"verify"}).status, 0);
}

TEST_F(TenantEvidence, WhoseTreesWereChangedIsFoundByVerify) {
  (void)evidence("north");
  EXPECT_EQ(ledger.run({"checkpoint", "-o", path("kept")}).status, 0);
  EXPECT_THAT(read_file(path("kept")), HasSubstr("\nrunledger/scopes "));
  work();
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", path("kept"), "--key", key}).status, 0);
  fs::remove_all(ledger.data() / "scopes");
  EXPECT_EQ(verify(evidence("again")).status, 0) << "they are made again";
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", path("kept"), "--key", key}).status, 0);
  EXPECT_FALSE(fs::exists(ledger.data() / "scopes.check"));
}

TEST_F(TenantEvidence, WhoseTreeACheckpointNamesWronglyIsFoundByVerify) {
  ASSERT_EQ(ledger.run({"checkpoint", "-o", path("kept")}).status, 0);
  const NoteSigner signer = *NoteSigner::parse(lines_of(read_file(ledger.data() / "audit.key")).at(0));
  const Checkpoint kept = *open_checkpoint(read_file(path("kept")), signer.verifier());
  Digest<32> other = kept.scopes.value();
  other.bytes[0] ^= 1U;
  const std::string lying = ledger.file("lying", sign_checkpoint(kept.tree, signer, other));
  const auto found = [&](const std::string& file) {
    const ProgramResult result = ledger.run({"--format", "json", "verify", "--checkpoint", file, "--key", key});
    const auto report = nlohmann::json::parse(result.out);
    std::string codes = std::to_string(result.status);
    for (const auto& finding : report.at("findings")) codes += " " + finding.at("code").get<std::string>();
    return codes;
  };
  for (int i = 0; i < 2; ++i) {  // Of the log as it is, and of one that has grown since.
    EXPECT_EQ(found(path("kept")), "0");
    EXPECT_EQ(found(lying), "5 checkpoint.other_scopes");
    work();
  }
}

TEST_F(TenantEvidence, WhoseTreeACheckpointNamesIsComparedOnACopyToo) {
  ASSERT_EQ(ledger.run({"checkpoint", "-o", path("kept")}).status, 0);
  const NoteSigner signer = *NoteSigner::parse(lines_of(read_file(ledger.data() / "audit.key")).at(0));
  const Checkpoint kept = *open_checkpoint(read_file(path("kept")), signer.verifier());
  const std::string lying = ledger.file("lying", sign_checkpoint(kept.tree, signer, Digest<32>()));
  work();
  ledger.json({"backup", path("backups")});
  ledger.json({"restore", path("backups"), "--into", path("copy"), "--as", "copy"});
  const auto not_compared = [&](const std::string& data, const std::string& file) {
    const ProgramResult result =
        run_program({program_path(), "--data", data, "--format", "json", "verify", "--checkpoint", file, "--key", key});
    const auto report = nlohmann::json::parse(result.out);
    return std::to_string(result.status) + " " + report.at("scopes_not_compared").dump();
  };
  EXPECT_EQ(not_compared(path("copy"), path("kept")), "0 0");
  EXPECT_EQ(not_compared(path("copy"), lying), "0 1") << "a ledger with another identity key looks the same";
  EXPECT_FALSE(fs::exists(path("copy/scopes.check")));
  // Without the key that signed it, the ledger still knows itself by the origin.
  for (const char* file : {"audit.key", "audit.checkpoint"}) fs::remove(ledger.data() / file);
  ASSERT_EQ(ledger.run({"audit", "key", "create"}).status, 0);
  EXPECT_EQ(not_compared(ledger.data(), path("kept")), "0 0");
  EXPECT_EQ(not_compared(ledger.data(), lying), "5 0");
}

TEST_F(TenantEvidence, RefusesWrongUsage) {
  for (const Arguments& command :
       {Arguments{"export", "--evidence"}, Arguments{"export", "--evidence", "--tenant", "north", "--from", "2"},
        Arguments{"export", "--evidence", "--tenant", "north", "--with-key"},
        Arguments{"export", "--evidence", "--tenant", "north", "--type", "demo.sync"},
        Arguments{"export", "--evidence", "--tenant", "north", "--format", "csv"},
        Arguments{"prove", "--event", "1", "--complete"}, Arguments{"verify", "--earlier", "x"},
        Arguments{"verify", "-o", "x"}})
    EXPECT_EQ(failure(ledger.run(command)), "2 usage") << testing::PrintToString(command);
  EXPECT_EQ(failure(ledger.run({"export", "--evidence", "--tenant", "nobody"})), "4 scope.not_found");
  EXPECT_EQ(failure(ledger.run({"prove", "--run", "00000000-0000-4000-8000-000000000000", "--complete"})),
            "4 run.not_found");
  EXPECT_EQ(failure(verify(path("absent"))), "2 proof.unreadable");
  ASSERT_EQ(ledger.run({"prove", "--event", "1", "-o", path("event")}).status, 0);
  EXPECT_EQ(failure(verify(path("event"), {"-o", path("x")})), "2 usage");
  EXPECT_EQ(ledger.run({"request", "--workspace", "globex", "--tenant", "north", "--type", "demo.sync"}).status, 0);
  EXPECT_EQ(failure(ledger.run({"export", "--evidence", "--tenant", "north"})), "2 workspace.required");
  EXPECT_EQ(verify(evidence("globex", {"--workspace", "globex", "--tenant", "north"})).status, 0);
}

}  // namespace
}  // namespace runledger
