// A ledger that seals what tenants write: nothing that it keeps of its log has it in clear, and every reader has it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/planted_texts.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace fs = std::filesystem;

class SealedLedger : public testing::Test {
 protected:
  [[nodiscard]] ProgramResult on(const std::string& data, Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", data});
    return run_program(arguments);
  }
  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  // Makes a sealed ledger with the keys of this one.
  [[nodiscard]] std::string another_with_keys(const std::string& name) const {
    EXPECT_EQ(on(path(name), {"init", "--seal-tenants"}).status, 0);
    for (const char* file : {"seal.keys", "seal.master"})
      fs::copy_file(ledger.data() / file, fs::path(path(name)) / file, fs::copy_options::overwrite_existing);
    return path(name);
  }

  CliLedger ledger{{"--seal-tenants"}};
};

TEST_F(SealedLedger, HasNothingOfATenantInClearInItsLog) {
  const std::vector<std::string> runs = plant_texts(ledger);
  EXPECT_THAT(texts_below(ledger.data() / "store"), IsEmpty());
  const std::string story = ledger.json({"show", runs.front(), "--events"}).dump();
  EXPECT_THAT(texts_in(story), SizeIs(6)) << story;
  EXPECT_THAT(texts_in(ledger.run({"replay", "--format", "json"}).out), SizeIs(planted_texts().size()));
  EXPECT_EQ(ledger.json_lines({"list", "--initiator", "numbat03"}).size(), 1U);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
  EXPECT_EQ(ledger.json({"rebuild"}).at("drifted"), 0);
}

TEST_F(SealedLedger, RecognisesRequestsByAnIdentityThatNeedsTheKeyOfTheTenant) {
  const std::string run = ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.request(R"({"n":1})"), run);
  const Arguments explain{"explain", "--workspace", "acme",    "--tenant",  "north",
                          "--type",  "demo.sync",   "--input", R"({"n":1})"};
  const json explained = ledger.json(explain);
  EXPECT_EQ(explained.at("run_id"), run);
  EXPECT_EQ(explained.at("identity"), ledger.json({"show", run}).at("run").at("run_identity_hash"));
  // Another ledger with the same identity key, but without the key of the tenant, makes another identity of it.
  const std::string other = ledger.another("other");
  const std::string exported = ledger.run({"export", "--with-key"}).out;
  const std::string line = exported.substr(0, exported.find('\n') + 1);
  EXPECT_EQ(on(other, {"import", "--verbatim", ledger.file("key.jsonl", line)}).status, 0);
  Arguments on_other = explain;
  on_other.insert(on_other.begin(), {"--format", "json"});
  EXPECT_NE(json::parse(on(other, on_other).out).at("identity"), explained.at("identity"));
}

TEST_F(SealedLedger, LeavesWorkspacesOwnRunsInClear) {
  const json run = ledger.json({"request", "--workspace", "acme", "--type", "demo.sync", "--initiator", "quokka00"});
  const json event = ledger.json({"replay"});
  EXPECT_EQ(event.contains("sealed"), false) << event;
  EXPECT_EQ(run.at("decision"), "requested");
}

TEST_F(SealedLedger, IsImportedToTheByte) {
  plant_texts(ledger);
  const std::string exported = ledger.run({"export", "--with-key"}).out;
  EXPECT_THAT(exported, HasSubstr("\"sealed\":\""));
  const std::string file = ledger.file("events.jsonl", exported);
  const std::string with_keys = another_with_keys("with-keys");
  EXPECT_EQ(on(with_keys, {"import", "--verbatim", file}).status, 0);
  EXPECT_EQ(on(with_keys, {"export", "--with-key"}).out, exported) << "the same bytes, and the same ids";
  EXPECT_EQ(on(with_keys, {"verify"}).status, 0);
  EXPECT_EQ(on(with_keys, {"import", "--verbatim", file}).status, 0) << "again";

  EXPECT_EQ(on(path("without"), {"init", "--seal-tenants"}).status, 0);
  const std::string events = ledger.file("without.jsonl", ledger.run({"export"}).out);
  const ProgramResult imported = on(path("without"), {"import", "--verbatim", events});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("warning: seal_keys.left_out: "));
  const std::string replayed = on(path("without"), {"--format", "json", "replay"}).out;
  EXPECT_THAT(texts_in(replayed), IsEmpty());
  EXPECT_THAT(replayed, HasSubstr("\"readable\":false"));
  const ProgramResult verified = on(path("without"), {"verify"});
  EXPECT_EQ(verified.status, 5);
  EXPECT_THAT(verified.out, HasSubstr("seal.key_missing"));

  EXPECT_EQ(failure(on(ledger.another("clear"), {"import", "--verbatim", file})), "4 seal.not_expected");
}

TEST_F(SealedLedger, TakesNoEventOfATenantInClear) {
  const CliLedger clear;
  clear.request(R"({"n":1})");
  const std::string file = ledger.file("clear.jsonl", clear.run({"export"}).out);
  EXPECT_EQ(failure(ledger.run({"import", "--verbatim", file})), "4 seal.missing");
}

TEST_F(SealedLedger, IsServedToCallersWithoutKeys) {
  plant_texts(ledger);
  const std::string before = ledger.run({"export"}).out;
  Program daemon(ledger.command({"serve"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  EXPECT_THAT(texts_in(ledger.run({"replay", "--format", "json"}).out), SizeIs(planted_texts().size()));
  EXPECT_EQ(ledger.run({"export"}).out, before);
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true) << "a copy of the ledger has no keys of its own, and finds them";
  EXPECT_EQ(ledger.request(R"({"n":77})"), ledger.request(R"({"n":77})"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(SealedLedger, IsBackedUpWithoutItsKeys) {
  plant_texts(ledger);
  ledger.json({"backup", path("backups")});
  EXPECT_THAT(texts_below(path("backups")), IsEmpty());
  for (const fs::directory_entry& entry : fs::recursive_directory_iterator(path("backups")))
    EXPECT_THAT(entry.path().filename().string(), Not(HasSubstr("seal")));

  const Arguments restore{"restore", path("backups"), "--as", "successor", "--into"};
  Arguments with_keys = restore;
  with_keys.insert(with_keys.end(), {path("with-keys"), "--seal-keys", ledger.data()});
  EXPECT_EQ(ledger.run(with_keys).status, 0);
  EXPECT_THAT(texts_in(on(path("with-keys"), {"replay"}).out), Not(IsEmpty()));
  EXPECT_EQ(on(path("with-keys"), {"verify"}).status, 0);

  Arguments without = restore;
  without.push_back(path("without"));
  EXPECT_THAT(ledger.run(without).out, HasSubstr("put seal.keys"));
  const Arguments request{"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"};
  EXPECT_EQ(failure(on(path("without"), request)), "4 seal.keys_missing");
  EXPECT_THAT(on(path("without"), {"verify"}).out, HasSubstr("seal.keys_missing"));
  for (const char* file : {"seal.keys", "seal.master"})
    fs::copy_file(ledger.data() / file, fs::path(path("without")) / file);
  EXPECT_EQ(on(path("without"), request).status, 0);
}

TEST_F(SealedLedger, HasItsMasterKeyElsewhere) {
  const std::string master = path("master.key");
  EXPECT_EQ(on(path("file"), {"init", "--seal-tenants", "--master-key", master}).status, 0);
  const Arguments request{"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"};
  EXPECT_EQ(on(path("file"), request).status, 0);
  EXPECT_FALSE(fs::exists(fs::path(path("file")) / "seal.master"));
  fs::rename(master, master + ".gone");
  EXPECT_EQ(error_code(on(path("file"), request)), "seal.master_unavailable");
  EXPECT_EQ(failure(on(path("other"), {"init", "--master-key", master})), "2 usage");
}

}  // namespace
}  // namespace runledger
