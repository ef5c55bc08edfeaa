// Recovering damaged ledgers: reports, the new ledger, what is refused, and kills at any point.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/kills.h"
#include "tests/fixtures/world/log_directory.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::AllOf;
using testing::HasSubstr;
namespace fs = std::filesystem;

// Every command is a process, whose clean end moves its events into tables.
class Recover : public testing::Test {
 protected:
  [[nodiscard]] std::string into(const std::string& name = "new") const { return ledger.directory() / name; }
  [[nodiscard]] ProgramResult on(const std::string& data, Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", data});
    return run_program(arguments);
  }
  [[nodiscard]] json json_on(const std::string& data, Arguments arguments) const {
    arguments.insert(arguments.begin(), {"--format", "json"});
    const ProgramResult result = on(data, arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return json::parse(result.out, nullptr, false);
  }
  // The report, which must end with this status and change nothing.
  [[nodiscard]] json report(int status, Arguments more = {}) const {
    more.insert(more.begin(), {"--format", "json", "recover", ledger.data().string()});
    const auto before = content();
    const ProgramResult result = on(into("none"), more);
    EXPECT_EQ(content(), before);
    EXPECT_EQ(result.status, status) << result.out << result.err;
    return json::parse(result.out, nullptr, false);
  }
  [[nodiscard]] json recover(Arguments more = {}, const std::string& name = "new") const {
    more.insert(more.begin(), {"--accept-head", "--into", into(name)});
    return report(0, more);
  }
  // Bytes and times of everything in the damaged ledger.
  [[nodiscard]] std::string content() const {
    std::vector<fs::path> paths{ledger.data()};
    for (const auto& entry : fs::recursive_directory_iterator(ledger.data())) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::string all;
    for (const fs::path& path : paths) {
      struct stat status {};
      EXPECT_EQ(::lstat(path.c_str(), &status), 0);
      all += path.string() + " " + std::to_string(status.st_mtim.tv_sec) + "." +
             std::to_string(status.st_mtim.tv_nsec) + " " + std::to_string(status.st_ctim.tv_nsec) + "\n";
      if (fs::is_regular_file(path)) all += read_bytes(path);
    }
    return all;
  }
  [[nodiscard]] std::string export_of(const std::string& data, const Arguments& more = {}) const {
    Arguments arguments{"export"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return on(data, arguments).out;
  }
  [[nodiscard]] std::string verifier_key() const { return lines_of(ledger.run({"audit", "key", "show"}).out).at(0); }
  // The table that has the newest events: the properties of a table name its family.
  [[nodiscard]] fs::path newest_table_of_events() const {
    fs::path newest;
    for (const auto& entry : fs::directory_iterator(ledger.data() / "store")) {
      const fs::path path = entry.path();
      if (path.extension() == ".sst" && read_bytes(path).find("nameevents") != std::string::npos && path > newest)
        newest = path;
    }
    return newest;
  }
  static std::vector<std::string> codes_of(const json& damage) {
    std::vector<std::string> codes;
    for (const json& each : damage) codes.push_back(each.at("code"));
    return codes;
  }

  CliLedger ledger;
};

TEST_F(Recover, OfAWholeLedgerSaysSoAndChangesNothing) {
  ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  fs::remove_all(ledger.data() / "rows");
  fs::remove_all(ledger.data() / "tiles");
  const json found = report(0);
  EXPECT_EQ(found.at("whole"), true);
  EXPECT_EQ(found.at("last_good"), 1);
  EXPECT_EQ(found.at("agreed"), 1);
  EXPECT_EQ(found.at("recovered"), nullptr);
  EXPECT_THAT(
      ledger.run({"recover", ledger.data()}).out,
      AllOf(HasSubstr("whole: ledger "), HasSubstr("audit.checkpoint: 1 events; the good events agree with it")));
  EXPECT_EQ(failure(ledger.run({"recover", ledger.data(), "--accept-head", "--into", into()})), "4 recover.undamaged");
  EXPECT_FALSE(fs::exists(into())) << "nothing is made";
}

TEST_F(Recover, MakesALedgerThatGoesOn) {
  const std::string kept = ledger.request(R"({"n":1})");
  ledger.json({"token", "issue", "--workspace", "acme", "--right", "audit"});
  const std::string before = export_of(ledger.data());
  ledger.request(R"({"n":2})");
  ledger.request(R"({"n":3})");
  const json token = ledger.start(kept).at("token");
  const fs::path checkpoint = ledger.directory() / "newest.checkpoint";
  EXPECT_EQ(ledger.run({"checkpoint", "-o", checkpoint}).status, 0);
  const std::string key = verifier_key();
  // The newest events are lost with their table; the mark and the checkpoint still name them.
  const json whole = report(0);
  EXPECT_EQ(whole.at("last_good"), 4);
  fs::remove(newest_table_of_events());
  const json found = report(5, {"--checkpoint", checkpoint, "--key", key, "--reached", "6"});
  EXPECT_EQ(found.at("whole"), false);
  EXPECT_THAT(codes_of(found.at("damage")), testing::Contains("storage.damaged"));
  const std::uint64_t last = found.at("last_good");
  EXPECT_GE(last, 1U);
  EXPECT_LT(last, 4U);
  EXPECT_EQ(found.at("named"), 6);

  const json made = recover({"--checkpoint", checkpoint, "--key", key, "--reached", "6"}).at("recovered");
  EXPECT_EQ(made.at("head"), last + 1);
  EXPECT_EQ(made.at("outside_mark"), 6);
  EXPECT_EQ(made.at("scope_numbers_skipped"), 1'000'000'000'000U + 6 - last);
  EXPECT_EQ(export_of(into(), {"--to", "1"}), before) << "it is the same to the byte";
  EXPECT_EQ(json_on(into(), {"verify"}).at("ok"), true);
  EXPECT_EQ(json_on(into(), {"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input",
                             R"({"n":1})"})
                .at("decision"),
            "deduped")
      << "the identity key is the same";
  EXPECT_EQ(lines_of(on(into(), {"audit", "key", "show"}).out).at(0), key);
  EXPECT_EQ(lines_of(on(into(), {"token", "list"}).out).size(), 2U) << "the token is there, under its header";
  EXPECT_EQ(on(into(), {"checkpoint"}).status, 0) << "it can sign from here on";
  EXPECT_EQ(failure(on(into(), {"verify", "--checkpoint", checkpoint, "--key", key})).substr(0, 1), "5")
      << "auditors see that events are gone";
  const ProgramResult shown = on(into(), {"replay", "--kind", "recovered"});
  EXPECT_THAT(shown.out, HasSubstr("recovered from a damaged one with its first " + std::to_string(last) + " events"));
  const json started = json_on(into(), {"start", kept, "--worker", "w"});
  EXPECT_GT(started.at("token").get<std::uint64_t>(), 1'000'000'000'000U);
  EXPECT_EQ(failure(on(into(), {"finish", kept, "--attempt", "1", "--token", token.dump(), "--outcome", "succeeded"})),
            "4 attempt.wrong_token")
      << "the lost attempt's token";
}

TEST_F(Recover, OfAnOlderCopyIsToldByWhatIsKeptElsewhere) {
  ledger.request(R"({"n":1})");
  const fs::path copy = ledger.directory() / "copy";
  fs::copy(ledger.data(), copy, fs::copy_options::recursive);
  ledger.request(R"({"n":2})");
  const std::string checkpoint = ledger.directory() / "newest.checkpoint";
  EXPECT_EQ(ledger.run({"checkpoint", "-o", checkpoint}).status, 0);
  const std::string key = verifier_key();
  const ProgramResult alone = on(into("none"), {"recover", copy});
  EXPECT_EQ(alone.status, 0) << "it is whole by itself";
  const ProgramResult told =
      on(into("none"), {"--format", "json", "recover", copy, "--checkpoint", checkpoint, "--key", key});
  EXPECT_EQ(told.status, 5);
  const json found = json::parse(told.out);
  EXPECT_EQ(codes_of(found.at("damage")), std::vector<std::string>{"checkpoint.ahead"});
  EXPECT_EQ(found.at("named"), 2);
  const ProgramResult made = on(into("none"), {"--format", "json", "recover", copy, "--checkpoint", checkpoint, "--key",
                                               key, "--accept-head", "--into", into()});
  EXPECT_EQ(made.status, 0) << made.err;
  EXPECT_EQ(json::parse(made.out).at("recovered").at("outside_mark"), 2);
}

TEST_F(Recover, WithoutManifestAndCurrentKeepsEveryEvent) {
  ledger.request(R"({"n":1})");
  ledger.request(R"({"n":2})");
  const std::string before = export_of(ledger.data());
  for (const auto& entry : fs::directory_iterator(ledger.data() / "store")) {
    const std::string name = entry.path().filename();
    if (name.starts_with("MANIFEST") || name == "CURRENT") fs::remove(entry.path());
  }
  EXPECT_EQ(failure(ledger.run({"stats"})), "5 storage.damaged");
  const json made = recover();
  EXPECT_EQ(made.at("last_good"), 2);
  EXPECT_EQ(made.at("recovered").at("scope_numbers_skipped"), 1'000'000'000'000);
  EXPECT_EQ(export_of(into(), {"--to", "2"}), before);
}

TEST_F(Recover, IsRefusedWithAClearCode) {
  ledger.request(R"({"n":1})");
  const auto refused = [&](Arguments more) {
    more.insert(more.begin(), {"recover", ledger.data().string()});
    return failure(ledger.run(more));
  };
  EXPECT_EQ(refused({"--accept-head"}), "2 usage");
  EXPECT_EQ(refused({"--into", into()}), "2 usage");
  EXPECT_EQ(refused({"--checkpoint", "x"}), "2 usage");
  EXPECT_EQ(refused({"--key", "x"}), "2 usage");
  EXPECT_EQ(refused({"--reached", "0"}), "2 reached.invalid");
  EXPECT_EQ(refused({"--ledger-id", "x"}), "2 ledger_id.invalid");
  EXPECT_EQ(refused({"--ledger-id", "5f0c2a52-7c52-4f0e-9d8b-2f6e0f4c8a11"}), "2 ledger_id.invalid");
  EXPECT_EQ(failure(ledger.run({"recover", into("nowhere")})), "2 ledger.not_found");
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  EXPECT_EQ(refused({}), "6 ledger.busy");
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);

  const std::string other = ledger.another("other");
  EXPECT_EQ(on(other, {"request", "--workspace", "acme", "--type", "demo.sync", "--input", "{}"}).status, 0);
  const std::string foreign = ledger.directory() / "foreign.checkpoint";
  EXPECT_EQ(on(other, {"checkpoint", "-o", foreign}).status, 0);
  const std::string key = lines_of(on(other, {"audit", "key", "show"}).out).at(0);
  ledger.request(R"({"n":2})");
  fs::remove(ledger.data() / "store" / "CURRENT");
  EXPECT_EQ(refused({"--accept-head", "--into", into(), "--checkpoint", foreign, "--key", key}),
            "5 checkpoint.other_history");
  EXPECT_EQ(refused({"--accept-head", "--into", into(), "--reached", "9007199254740991"}), "2 reached.invalid");
  EXPECT_EQ(refused({"--accept-head", "--into", other}), "2 ledger.exists");
  fs::rename(ledger.data() / "identity.key", ledger.directory() / "taken");
  EXPECT_THAT(codes_of(report(5).at("besides")), testing::ElementsAre("ledger.key_missing"));
  EXPECT_EQ(refused({"--accept-head", "--into", into()}), "1 ledger.key_missing");
  fs::rename(ledger.directory() / "taken", ledger.data() / "identity.key");
  for (const auto& entry : fs::directory_iterator(ledger.data() / "store")) {
    if (entry.path().extension() == ".sst" || entry.path().extension() == ".log") fs::remove(entry.path());
  }
  EXPECT_EQ(refused({"--accept-head", "--into", into()}), "5 recover.nothing");
}

TEST_F(Recover, WithoutKeysAndTokensSaysWhatToDo) {
  ledger.request(R"({"n":1})");
  EXPECT_EQ(ledger.run({"checkpoint"}).status, 0);
  fs::remove(ledger.data() / "audit.key");
  fs::remove(ledger.data() / "store" / "CURRENT");
  const json found = recover();
  EXPECT_THAT(codes_of(found.at("besides")), testing::ElementsAre("audit_key.missing"));
  const std::string notes = found.at("recovered").at("notes").dump();
  EXPECT_THAT(notes, AllOf(HasSubstr("there is no audit key"), HasSubstr("there are no access tokens")));
  EXPECT_EQ(failure(on(into(), {"audit", "key", "show"})), "2 audit_key.missing");
}

TEST(RecoverASealedLedger, KeepsWhatTenantsWroteUnderTheirKeys) {
  const CliLedger ledger({"--seal-tenants"});
  const std::string run = ledger.request(R"({"n":"planted"})");
  fs::remove(ledger.data() / "store" / "CURRENT");
  const auto recover = [&](const std::string& into) {
    return ledger.run({"--format", "json", "recover", ledger.data(), "--accept-head", "--into", into});
  };
  const auto show = [&](const std::string& data) {
    return run_program({program_path(), "--data", data, "--format", "json", "show", run}).out;
  };
  const std::string made = ledger.directory() / "new";
  EXPECT_EQ(recover(made).status, 0);
  EXPECT_THAT(show(made), HasSubstr("planted"));
  EXPECT_EQ(run_program({program_path(), "--data", made, "verify"}).status, 0);

  fs::rename(ledger.data() / "seal.keys", ledger.directory() / "taken");
  const std::string without = ledger.directory() / "without";
  const ProgramResult result = recover(without);
  EXPECT_EQ(result.status, 0) << result.err;
  EXPECT_THAT(result.out, AllOf(HasSubstr("seal.keys_missing"), HasSubstr("put seal.keys and the master key")));
  EXPECT_THAT(show(without), testing::Not(HasSubstr("planted")));
  fs::rename(ledger.directory() / "taken", fs::path(without) / "seal.keys");
  EXPECT_THAT(show(without), HasSubstr("planted")) << "the key is put back";
}

// Kills the recovery when it has made one file, two files, and so on. What it leaves is no ledger, and the next
// recovery into the same directory completes.
TEST_F(Recover, ThatIsKilledLeavesNoLedgerAndTheNextOneCompletes) {
  for (int i = 0; i < 5; ++i) ledger.request("{\"n\":" + std::to_string(i) + "}");
  const std::string exported = export_of(ledger.data());
  fs::remove(ledger.data() / "store" / "CURRENT");
  const std::string before = content();
  const int kills = short_or_long(50, 500);
  int completed = 0;
  for (int round = 0; round < kills; ++round) {
    const std::size_t files = 1 + static_cast<std::size_t>(round) % 60;
    const std::string data = into("new-" + std::to_string(round));
    const Arguments recover{"recover", ledger.data(), "--accept-head", "--into", data};
    Program recovering(ledger.command(recover));
    while (entries_below(data) < files && !has_ended(recovering)) {
      if (fs::exists(fs::path(data) / "store" / "CURRENT")) break;  // It is being moved into place.
    }
    recovering.signal(SIGKILL);
    const bool killed = recovering.wait().status == 128 + SIGKILL;
    if (killed && failure(on(data, {"stats"})) == "2 ledger.not_found") {
      EXPECT_EQ(ledger.run(recover).status, 0) << round;
    } else {
      ++completed;
    }
    EXPECT_EQ(export_of(data, {"--to", "5"}), exported) << round;
    EXPECT_EQ(lines_of(export_of(data)).size(), 6U) << round;
    EXPECT_FALSE(fs::exists(fs::path(data) / "restoring"));
    fs::remove_all(data);
  }
  EXPECT_LT(completed, kills / 2);
  EXPECT_EQ(content(), before);
}

}  // namespace
}  // namespace runledger
