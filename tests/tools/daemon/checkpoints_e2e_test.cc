// The checkpoints and tiles of the real daemon, read over HTTP by Go's packages for transparency logs.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <thread>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/http_client.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;

namespace fs = std::filesystem;

class PublishedLog : public testing::Test {
 protected:
  void start(Arguments more = {}, const std::string& every = "1s") {
    more.insert(more.begin(), {"serve", "--format", "json", "--http", "127.0.0.1:0", "--checkpoint-every", every});
    daemon = std::make_unique<Program>(ledger.command(more));
    ASSERT_TRUE(daemon->wait_for_output("\n"));
    url = json::parse(daemon->output()).at("http");
  }
  [[nodiscard]] ProgramResult stop(int signal = SIGTERM) {
    daemon->signal(signal);
    return daemon->wait();
  }
  // Appends through the daemon.
  void append(int count) {
    HttpClient client(port_of(url));
    std::string requests;
    for (int i = 0; i < count; ++i) {
      const json body{
          {"workspace", "acme"}, {"tenant", "north"}, {"type", "demo.sync"}, {"input", {{"n", ++requested}}}};
      requests += http_text({.method = "POST", .target = "/v1/runs", .token = writer, .body = body.dump()});
    }
    client.send(requests);
    for (int i = 0; i < count; ++i) ASSERT_EQ(client.read().status, 201);
  }
  [[nodiscard]] HttpReply get(const std::string& target, const std::string& token) const {
    HttpClient client(port_of(url));
    client.send(http_text({.target = target, .token = token}));
    return client.read();
  }
  [[nodiscard]] std::string token(const Arguments& more) const {
    Arguments issue{"token", "issue"};
    issue.insert(issue.end(), more.begin(), more.end());
    return ledger.json(issue).at("token");
  }
  // Waits until the daemon has signed a checkpoint of so many events, and writes it into a file.
  std::string checkpoint_of(int events) const {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    for (;;) {
      const HttpReply reply = get("/checkpoint", auditor);
      if (reply.status == 200 && lines_of(reply.body).at(1) == std::to_string(events))
        return ledger.file("checkpoint-" + std::to_string(events), reply.body);
      EXPECT_LT(std::chrono::steady_clock::now(), end) << reply.body;
      if (HasFailure()) return "";
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
  }
  // Returns what the reader in Go says of the whole log, and of so many changes of its tiles.
  [[nodiscard]] std::string read_by_go(const Arguments& files, int changes = 0) const {
    Arguments arguments{check_evidence_path(), key, "--log", url, auditor, std::to_string(changes)};
    arguments.insert(arguments.end(), files.begin(), files.end());
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  }

  CliLedger ledger;
  std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
  std::string auditor = token({"--every-workspace", "--right", "audit"});
  std::string writer = token({"--every-workspace", "--right", "request"});
  std::string url;
  std::unique_ptr<Program> daemon;
  int requested = 0;
};

TEST_F(PublishedLog, IsProvenByGosPackagesOverHttp) {
  start();
  append(3);
  const std::string first = checkpoint_of(3);
  append(700);
  const std::string second = checkpoint_of(703);
  append(5);
  const std::string third = checkpoint_of(708);
  EXPECT_EQ(read_by_go({first, second, third}), "log of 708, extends 3, extends 703, extends 708, 4 tiles\n");
  EXPECT_EQ(read_by_go({}, 1000), "log of 708, 4 tiles, 1000 of 1000 changes noticed\n");
}

TEST_F(PublishedLog, ServesTilesAsC2spDefinesThem) {
  start();
  append(600);
  (void)checkpoint_of(600);
  const HttpReply full = get("/tile/0/001", auditor);
  EXPECT_EQ(full.status, 200);
  EXPECT_EQ(full.body.size(), 8192U);
  EXPECT_EQ(full.headers.at("content-type"), "application/octet-stream");
  EXPECT_EQ(full.headers.at("cache-control"), "private, max-age=31536000, immutable");
  const HttpReply partial = get("/tile/0/002.p/88", auditor);
  EXPECT_EQ(partial.body.size(), 88U * 32U);
  EXPECT_EQ(get("/tile/0/002.p/7", auditor).body, partial.body.substr(0, 224)) << "of an earlier size";
  EXPECT_EQ(get("/tile/0/001.p/255", auditor).body, full.body.substr(0, 8160)) << "of an earlier size";
  EXPECT_EQ(get("/tile/1/000.p/2", auditor).body.size(), 64U);
  EXPECT_EQ(get("/checkpoint", auditor).headers.at("cache-control"), "no-store");
  for (const std::string target :
       {"/tile/0/002", "/tile/0/002.p/89", "/tile/0/003.p/1", "/tile/1/000", "/tile/2/000.p/1", "/tile/entries/000",
        "/tile/0/x000/001", "/tile/00/001", "/tile/0/001/", "/tile/0/1"})
    EXPECT_EQ(get(target, auditor).problem(), "404 tile.not_found") << target;
  for (const std::string target : {"/tile", "/tile/0", "/tile/"})
    EXPECT_EQ(get(target, auditor).problem(), "404 route.not_found") << target;
}

// They say how many events all scopes have together.
TEST_F(PublishedLog, IsForAuditorsOfTheWholeLedgerAlone) {
  start();
  append(300);
  (void)checkpoint_of(300);
  for (const std::string target : {"/checkpoint", "/tile/0/000"}) {
    EXPECT_EQ(get(target, "").problem(), "401 access.unauthenticated");
    EXPECT_EQ(get(target, token({"--workspace", "acme", "--right", "audit"})).problem(), "403 access.denied");
    EXPECT_EQ(get(target, token({"--workspace", "acme", "--tenant", "north", "--right", "audit"})).problem(),
              "403 access.denied");
    EXPECT_EQ(get(target, token({"--every-workspace", "--right", "work"})).problem(), "403 access.denied");
    EXPECT_EQ(get(target, auditor).status, 200);
  }
}

TEST_F(PublishedLog, IsForEverybodyWhenAFlagSaysSo) {
  start({"--open-checkpoints"});
  append(300);
  (void)checkpoint_of(300);
  EXPECT_EQ(get("/checkpoint", "").status, 200);
  EXPECT_EQ(get("/tile/0/000", "").headers.at("cache-control"), "public, max-age=31536000, immutable");
  EXPECT_EQ(get("/v1/events", "").problem(), "401 access.unauthenticated");
  auditor = "";
  EXPECT_EQ(read_by_go({}), "log of 300, 3 tiles\n");
}

TEST_F(PublishedLog, IsSignedToTheEndWhenTheDaemonStops) {
  const fs::path file = ledger.directory() / "newest";
  start({"--checkpoint-file", file}, "1h");
  append(4);
  EXPECT_EQ(stop().status, 0);
  const std::string note = read_file(file);
  EXPECT_EQ(lines_of(note).at(1), "4");
  EXPECT_EQ(read_file(ledger.data() / "audit.checkpoint"), note);
  struct stat status {};
  ASSERT_EQ(::stat(file.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0644U);
  const ProgramResult checked = run_program({check_evidence_path(), key, file});
  EXPECT_EQ(checked.out, "checkpoint of 4\n");
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", file, "--key", key}).status, 0);
}

TEST_F(PublishedLog, GoesOnWhenTheFileCannotBeWritten) {
  start({"--checkpoint-file", ledger.directory() / "nowhere" / "newest"});
  append(2);
  (void)checkpoint_of(2);
  const ProgramResult result = stop();
  EXPECT_EQ(result.status, 0);
  EXPECT_THAT(result.err, HasSubstr("checkpoint-file-failed"));
}

TEST_F(PublishedLog, IsSignedBesideTheCommandThatSignsToo) {
  start();
  for (int i = 1; i <= 5; ++i) {
    append(1);
    EXPECT_EQ(ledger.json({"checkpoint", "-o", ledger.directory() / "kept"}).size(), 1U);
    EXPECT_EQ(ledger.run({"verify", "--checkpoint", ledger.directory() / "kept", "--key", key}).status, 0);
  }
  const std::string kept = checkpoint_of(5);
  EXPECT_EQ(read_file(kept), read_file(ledger.directory() / "kept"));
}

TEST_F(PublishedLog, NeedsAKeyAndTheDaemonDoesNot) {
  fs::remove(ledger.data() / "audit.key");
  start();
  append(1);
  EXPECT_EQ(get("/checkpoint", auditor).problem(), "404 checkpoint.absent");
  EXPECT_EQ(get("/tile/0/000.p/1", auditor).problem(), "404 tile.not_found");
  EXPECT_EQ(get("/readyz", "").status, 200);
  const ProgramResult result = stop();
  EXPECT_EQ(result.status, 0);
  EXPECT_EQ(result.err.find("checkpoints-off"), result.err.rfind("checkpoints-off")) << "it says so once";
  EXPECT_THAT(result.err, HasSubstr("checkpoints-off"));
}

TEST_F(PublishedLog, OfALedgerThatLostWhatItHadSignedIsNotSignedAgain) {
  fs::copy(ledger.data(), ledger.directory() / "older", fs::copy_options::recursive);
  for (const char* input : {R"({"n":-1})", R"({"n":-2})", R"({"n":-3})"}) (void)ledger.request(input);
  ASSERT_EQ(ledger.run({"checkpoint"}).status, 0);
  const std::string kept = read_file(ledger.data() / "audit.checkpoint");
  fs::remove_all(ledger.data() / "store");
  fs::remove_all(ledger.data() / "rows");
  fs::remove_all(ledger.data() / "tiles");
  fs::remove(ledger.data() / "mark");
  fs::copy(ledger.directory() / "older" / "store", ledger.data() / "store", fs::copy_options::recursive);
  fs::copy(ledger.directory() / "older" / "mark", ledger.data() / "mark");
  start();
  ASSERT_TRUE(daemon->wait_for_error("checkpoints-stopped"));
  EXPECT_EQ(get("/checkpoint", auditor).problem(), "404 checkpoint.absent");
  EXPECT_THAT(get("/readyz", "").body, HasSubstr("checkpoints can no longer be signed"));
  append(5);
  EXPECT_THAT(stop().err, HasSubstr("checkpoint.ahead"));
  EXPECT_EQ(read_file(ledger.data() / "audit.checkpoint"), kept);
}

TEST_F(PublishedLog, IsExtendedByTheLedgerThatAKillLeaves) {
  start();
  append(20);
  const std::string last = checkpoint_of(20);
  append(7);
  EXPECT_EQ(stop(SIGKILL).status, 128 + SIGKILL);
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", last, "--key", key}).status, 0);
  start();
  EXPECT_EQ(read_by_go({last, checkpoint_of(27)}), "log of 27, extends 20, extends 27, 1 tiles\n");
}

TEST_F(PublishedLog, HasMetricsOfItsNewestCheckpoint) {
  const std::string operating = token({"--every-workspace", "--right", "operate"});
  start();
  append(6);
  (void)checkpoint_of(6);
  const std::string text = get("/metrics", operating).body;
  EXPECT_THAT(text, HasSubstr("\nrunledger_checkpoint_events 6\n"));
  EXPECT_THAT(text, HasSubstr("\nrunledger_checkpoint_timestamp_seconds 1"));
}

TEST_F(PublishedLog, RefusesWrongOptions) {
  EXPECT_EQ(failure(ledger.run({"serve", "--checkpoint-every", "0s"})), "2 checkpoint_every.invalid");
  EXPECT_EQ(failure(ledger.run({"serve", "--open-checkpoints"})), "2 usage");
}

}  // namespace
}  // namespace runledger
