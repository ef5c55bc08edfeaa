// A backup from before an erasure, restored with keys from before it: what newer evidence names stays erased.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "ledger/evidence/audit_key.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/planted_texts.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
namespace fs = std::filesystem;

class RestoreOfAnErasedTenant : public testing::Test {
 protected:
  RestoreOfAnErasedTenant() {
    plant_texts(ledger);
    ledger.json({"request", "--workspace", "acme", "--tenant", "south", "--type", "demo.sync", "--input",
                 R"({"note":"southern"})"});
    keep_keys();
    first = back_up();
  }

  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  [[nodiscard]] std::string restored() const { return path("restored"); }
  void keep_keys() const {
    fs::create_directory(path("kept"));
    for (const char* file : {"seal.keys", "seal.master"})
      fs::copy_file(ledger.data() / file, path("kept") + "/" + file);
  }
  [[nodiscard]] std::string back_up() const { return ledger.json({"backup", path("backups")}).at("name"); }
  void erase() const {
    ledger.json({"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"});
  }
  [[nodiscard]] std::string checkpoint() const {
    ledger.json({"checkpoint", "-o", path("note")});
    return path("note");
  }
  [[nodiscard]] Arguments restore(const Arguments& more, const std::string& as = "successor") const {
    Arguments arguments{"restore", path("backups"), "--into", restored(), "--as", as};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  [[nodiscard]] ProgramResult on_restored(Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", restored(), "--format", "json"});
    return run_program(arguments);
  }
  void expect_erased(const std::string& said_by) const {
    EXPECT_THAT(texts_below(restored()), IsEmpty());
    const std::string exported = on_restored({"export"}).out;
    EXPECT_THAT(texts_in(exported), IsEmpty());
    EXPECT_THAT(exported, HasSubstr("southern")) << "only what was erased is gone";
    EXPECT_THAT(read_file(restored() + "/seal.keys"), Not(HasSubstr("north")));
    const json event = json::parse(on_restored({"replay", "--kind", "erased"}).out);
    EXPECT_EQ(event.at("data").at("tenant_id"), "north");
    EXPECT_EQ(event.at("data").at("keys"), ledger.json({"replay", "--kind", "erased"}).at("data").at("keys"));
    EXPECT_THAT(event.at("data").at("reason").get<std::string>(), HasSubstr(said_by));
    const ProgramResult verified = on_restored({"verify"});
    EXPECT_EQ(verified.status, 0) << verified.out;
    EXPECT_EQ(json::parse(on_restored({"rebuild"}).out).at("drifted"), 0);
    EXPECT_THAT(texts_below(restored()), IsEmpty()) << "after the rows were made again";
  }

  CliLedger ledger{{"--seal-tenants"}};
  std::string first;  // The backup from before the erasure.
  std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
};

TEST_F(RestoreOfAnErasedTenant, ThatANewerCheckpointNamesStaysErased) {
  erase();
  const json done = ledger.json(restore({"--seal-keys", path("kept"), "--checkpoint", checkpoint(), "--key", key}));
  ASSERT_EQ(done.at("erasures").size(), 1U);
  EXPECT_EQ(done.at("erasures").at(0).at("tenant_id"), "north");
  EXPECT_EQ(done.at("erasures_known_to"), 38);
  EXPECT_EQ(done.at("erased_keys_unnamed"), 0);
  EXPECT_THAT(done.at("notes").dump(), HasSubstr("erasures up to event 38 are known"));
  expect_erased("a checkpoint of 38 events says");
  EXPECT_EQ(on_restored({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync"}).status, 0)
      << "under a new key";
  EXPECT_EQ(on_restored({"verify"}).status, 0);
}

TEST_F(RestoreOfAnErasedTenant, ThatANewerBackupNamesStaysErased) {
  erase();
  const std::string second = back_up();
  const ProgramResult done = ledger.run(restore({"--seal-keys", path("kept"), "--backup", first}));
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("erased again what acme/north had written: erased before the ledger was restored, as "
                                  "backup " +
                                  second + " says"));
  expect_erased("backup " + second);
}

TEST_F(RestoreOfAnErasedTenant, AsACopyStaysErased) {
  erase();
  const json done =
      ledger.json(restore({"--seal-keys", path("kept"), "--checkpoint", checkpoint(), "--key", key}, "copy"));
  EXPECT_EQ(done.at("mirror"), nullptr);
  EXPECT_EQ(done.at("scope_numbers_skipped"), nullptr);
  expect_erased("a checkpoint of 38 events says");
}

TEST_F(RestoreOfAnErasedTenant, ThatNothingNamesCanBeReadAndTheCommandSaysSo) {
  erase();
  const ProgramResult done = ledger.run(restore({"--seal-keys", path("kept")}));
  EXPECT_EQ(done.status, 0) << done.err;
  EXPECT_THAT(done.out, HasSubstr("note: nothing newer than the backup says what was erased after "));
  EXPECT_THAT(texts_in(on_restored({"export"}).out), Not(IsEmpty()));
}

TEST_F(RestoreOfAnErasedTenant, IsErasedWhereTheBackupItselfSaysSo) {
  erase();
  (void)back_up();
  const json done = ledger.json(restore({"--seal-keys", path("kept")}));
  EXPECT_EQ(done.at("erasures").size(), 0U) << "nothing was missing";
  expect_erased("contract ended");
}

TEST_F(RestoreOfAnErasedTenant, LosesKeysThatArePutBackByHand) {
  erase();
  const ProgramResult done = ledger.run(restore({"--checkpoint", checkpoint(), "--key", key}));
  EXPECT_EQ(done.status, 0) << done.err;
  for (const char* file : {"seal.keys", "seal.master"})
    fs::copy_file(path("kept") + "/" + file, restored() + "/" + file);
  EXPECT_THAT(texts_in(on_restored({"export"}).out), IsEmpty());
  EXPECT_THAT(on_restored({"verify"}).out, HasSubstr("erasure.pending"));
  Program daemon({program_path(), "--data", restored(), "serve"});
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
  expect_erased("a checkpoint of 38 events says");
}

TEST_F(RestoreOfAnErasedTenant, TakesNoKeysWhileSomeErasuresAreNotNamed) {
  erase();
  ErasedKeys many{.total = 300, .newest = {}};
  for (std::uint64_t n = 1; n <= kErasedKeysNamedMax; ++n) many.newest.push_back({n});
  const std::string note = sign_checkpoint({40, {}}, read_audit_key(ledger.data()), {}, many);
  const std::string file = ledger.file("many", note);
  EXPECT_EQ(failure(ledger.run(restore({"--seal-keys", path("kept"), "--checkpoint", file, "--key", key}))),
            "2 erasure.unnamed");
  EXPECT_EQ(failure(on_restored({"stats"})), "2 ledger.not_found");
  const json without = ledger.json(restore({"--checkpoint", file, "--key", key}));
  EXPECT_EQ(without.at("erased_keys_unnamed"), 44);
  EXPECT_THAT(without.at("notes").dump(), HasSubstr("44 more keys were erased, but nothing names them"));
}

TEST_F(RestoreOfAnErasedTenant, IsNamedByCheckpointsThatEveryReaderTakes) {
  erase();
  const std::string note = checkpoint();
  EXPECT_THAT(read_file(note), HasSubstr("\nrunledger/erased 1 "));
  EXPECT_EQ(ledger.run({"verify", "--checkpoint", note, "--key", key}).status, 0);
  const std::string proof = path("event.proof");
  ledger.json({"prove", "--event", "5", "-o", proof});
  EXPECT_EQ(ledger.run({"verify", "--proof", proof, "--key", key}).status, 0);
  const ProgramResult by_go = run_program({check_evidence_path(), key, proof});
  EXPECT_EQ(by_go.status, 0) << by_go.err;
  const Checkpoint named = *open_checkpoint(read_file(note), *NoteVerifier::parse(key));
  const std::string other =
      sign_checkpoint(named.tree, read_audit_key(ledger.data()), named.scopes, {.total = 1, .newest = {{4711}}});
  EXPECT_EQ(ledger.json_lines({"replay", "--kind", "erased"}).size(), 1U);
  const ProgramResult differs = ledger.run({"verify", "--checkpoint", ledger.file("other", other), "--key", key});
  EXPECT_EQ(differs.status, 5);
  EXPECT_THAT(differs.out, HasSubstr("checkpoint.other_erasures"));
}

}  // namespace
}  // namespace runledger
