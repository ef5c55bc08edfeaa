// A ledger whose audit key a command keeps, with the real program: what it signs, and what happens when it does not.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/signing_script.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
namespace fs = std::filesystem;

// The directory of the scripts exists before the ledger.
class ASigner {
 public:
  [[nodiscard]] const fs::path& path() const { return directory_.path(); }
  [[nodiscard]] const std::string& command() const { return command_; }
  // Has the command do this from now on; the script goes on to work after restore().
  void does(const std::string& shell) const {
    if (!fs::exists(kept())) fs::rename(command_, kept());
    std::ofstream(command_) << "#!/bin/sh\n" << shell << "\n";
    fs::permissions(command_, fs::perms::owner_all);
  }
  void restore() const { fs::rename(kept(), command_); }

 private:
  [[nodiscard]] fs::path kept() const { return directory_.path() / "kept"; }

  TemporaryDirectory directory_;
  std::string command_ = make_signing_script(directory_.path());
};

class Signer : public testing::Test {
 protected:
  [[nodiscard]] std::string key() const { return lines_of(ledger.run({"audit", "key", "show"}).out).at(0); }

  ASigner signer;
  CliLedger ledger{{"--signer", signer.command()}};
};

TEST_F(Signer, SignsCheckpointsAndProofsThatOthersVerify) {
  ledger.request(R"({"n":1})");
  EXPECT_THAT(read_file(ledger.data() / "audit.key"), AllOf(Not(HasSubstr("PRIVATE")), HasSubstr(signer.command())));
  EXPECT_EQ(ledger.json({"audit", "key", "show"}).at("signer"), signer.command());
  const std::string checkpoint = ledger.directory() / "a.checkpoint";
  const std::string proof = ledger.directory() / "a.proof";
  EXPECT_EQ(ledger.run({"checkpoint", "-o", checkpoint}).status, 0);
  EXPECT_EQ(ledger.run({"prove", "--event", "1", "-o", proof}).status, 0);
  signer.does("exit 1");  // Nothing below needs it.
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", checkpoint, "--key", key()}).status, 0);
  EXPECT_EQ(ledger.run({"verify", "--proof", proof, "--key", key()}).status, 0);
  EXPECT_EQ(run_program({check_evidence_path(), key(), proof}).status, 0) << "Go's packages read it too";
}

TEST_F(Signer, ThatDoesNotSignRefusesAndChangesNothing) {
  ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  const std::string before = read_file(ledger.data() / "audit.checkpoint");
  ledger.request(R"({"n":2})");
  signer.does("exit 3");
  EXPECT_EQ(failure(ledger.run({"checkpoint"})), "1 signer.failed");
  EXPECT_EQ(failure(ledger.run({"prove", "--event", "1"})), "1 signer.failed");
  signer.does("head -c 64 /dev/zero | base64 -w 0");
  EXPECT_EQ(failure(ledger.run({"checkpoint"})), "1 signer.wrong");
  EXPECT_EQ(read_file(ledger.data() / "audit.checkpoint"), before);
  const std::string other = ledger.directory() / "other";
  EXPECT_EQ(failure(run_program({program_path(), "--data", other, "init", "--signer", signer.command()})),
            "1 signer.failed");
  EXPECT_FALSE(fs::exists(other)) << "init asks first";
  EXPECT_EQ(failure(run_program({program_path(), "--data", other, "init", "--signer", ""})), "2 signer.invalid");
  signer.restore();
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
}

TEST_F(Signer, IsRotatedToAnotherCommandAndToAFile) {
  ledger.request(R"({"n":1})");
  const std::string first = key();
  const ASigner next;
  EXPECT_EQ(failure(ledger.run({"audit", "key", "rotate"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "rotate", "--signer", signer.command()})), "2 signer.same_key");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "rotate", "--signer", "false"})), "1 signer.failed");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "rotate", "--signer", "x", "--in-file"})), "2 usage");
  EXPECT_EQ(failure(ledger.run({"audit", "key", "show", "--in-file"})), "2 usage");
  EXPECT_EQ(ledger.run({"audit", "key", "rotate", "--signer", next.command()}).status, 0);
  EXPECT_NE(key(), first);
  signer.does("exit 1");
  ledger.request(R"({"n":2})");
  const std::string checkpoint = ledger.directory() / "b.checkpoint";
  EXPECT_EQ(ledger.run({"checkpoint", "-o", checkpoint}).status, 0);
  EXPECT_EQ(ledger.run({"audit", "key", "rotate", "--in-file"}).status, 0);
  EXPECT_EQ(ledger.json({"audit", "key", "show"}).at("signer"), nullptr);
  EXPECT_EQ(ledger
                .run({"verify", "--checkpoint", checkpoint, "--key", first, "--rotations",
                      (ledger.data() / "audit.rotations").string()})
                .status,
            0);
}

TEST_F(Signer, IsCreatedForALedgerWithoutAKey) {
  const std::string other = ledger.another("other");
  fs::remove(fs::path(other) / "audit.key");
  const ProgramResult made =
      run_program({program_path(), "--data", other, "audit", "key", "create", "--signer", signer.command()});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(lines_of(made.out).at(0).substr(lines_of(made.out).at(0).rfind('+')), key().substr(key().rfind('+')))
      << "the same key under another name";
}

TEST_F(Signer, IsBackedUpAndGoesOnInASuccessor) {
  ledger.request(R"({"n":1})");
  const std::string backups = ledger.directory() / "backups";
  ledger.json({"backup", backups});
  const std::string successor = ledger.directory() / "successor";
  const std::string copy = ledger.directory() / "copy";
  ledger.json({"restore", backups, "--into", successor, "--as", "successor"});
  ledger.json({"restore", backups, "--into", copy, "--as", "copy"});
  const auto shown = [](const std::string& data) {
    return json::parse(run_program({program_path(), "--data", data, "--format", "json", "audit", "key", "show"}).out);
  };
  EXPECT_EQ(shown(successor).at("verifier_key"), key());
  EXPECT_EQ(shown(successor).at("signer"), signer.command());
  EXPECT_EQ(shown(copy).at("signer"), nullptr);
  EXPECT_EQ(run_program({program_path(), "--data", successor, "checkpoint"}).status, 0);
}

TEST_F(Signer, IsAskedByDoctor) {
  ledger.request(R"({"n":1})");
  const auto checked = [&] {
    const json report = json::parse(ledger.run({"--format", "json", "doctor"}).out);
    for (const json& check : report.at("checks")) {
      if (check.at("check") == "signer") return check;
    }
    return json();
  };
  EXPECT_EQ(checked().at("status"), "ok");
  signer.does("exit 1");
  EXPECT_EQ(checked().at("code"), "signer.failed");
  signer.does("head -c 64 /dev/zero | base64 -w 0");
  EXPECT_EQ(checked().at("code"), "signer.wrong");
}

// Nothing waits for a command that hangs: events are recorded, and signed once it works again.
TEST_F(Signer, ThatHangsStopsNoCommitOfADaemon) {
  signer.does("sleep 600");
  Program daemon(ledger.command(
      {"serve", "--format", "json", "--http", "127.0.0.1:0", "--checkpoint-every", "1s", "--log-format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  const std::string auditor = ledger.json({"token", "issue", "--every-workspace", "--right", "audit"}).at("token");
  const std::uint16_t port = port_of(json::parse(daemon.output()).at("http"));
  const std::string run = ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.json({"show", run}).at("run").at("status"), "queued");
  ASSERT_TRUE(daemon.wait_for_error("checkpoint-failed"));
  ASSERT_TRUE(daemon.wait_for_error("signer.failed"));
  ledger.request(R"({"n":2})");
  signer.restore();
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  std::string signed_lines;
  while (signed_lines.find("\n2\n") == std::string::npos && std::chrono::steady_clock::now() < end) {
    HttpClient client(port);
    client.send(http_text({.target = "/checkpoint", .token = auditor}));
    const HttpReply reply = client.read();
    signed_lines = reply.status == 200 ? reply.body : "";
  }
  EXPECT_THAT(signed_lines, HasSubstr("\n2\n"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

}  // namespace
}  // namespace runledger
