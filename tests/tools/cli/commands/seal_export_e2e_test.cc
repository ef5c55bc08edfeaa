// An export that carries the keys of a sealed ledger's tenants, and the ledger that is made of it.
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
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
namespace fs = std::filesystem;

class ExportOfASealedLedger : public testing::Test {
 protected:
  ExportOfASealedLedger() {
    plant_texts(ledger);
    run = ledger.request(R"({"n":1})");
    EXPECT_EQ(on_other({"init", "--seal-tenants"}).status, 0);
  }

  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  [[nodiscard]] ProgramResult on_other(Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", path("other"), "--format", "json"});
    return run_program(arguments);
  }
  [[nodiscard]] std::string exported() const {
    ledger.json({"export", "--with-key", "-o", path("export")});
    return path("export");
  }
  [[nodiscard]] std::string root_of(const std::string& verified) const { return json::parse(verified).at("root"); }

  CliLedger ledger{{"--seal-tenants"}};
  std::string run;
};

TEST_F(ExportOfASealedLedger, MakesALedgerThatReadsAndRecognisesWhatTheOldOneDid) {
  const ProgramResult imported = on_other({"import", "--verbatim", exported()});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_THAT(imported.err, HasSubstr("warning: seal_keys.in_clear: the export has the keys of 1 tenants"));
  EXPECT_THAT(texts_in(on_other({"replay"}).out), SizeIs(planted_texts().size()));
  EXPECT_EQ(json::parse(on_other({"show", run}).out).at("run").at("context"), json({{"n", 1}}));
  const json repeated = json::parse(
      on_other({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", R"({"n":1})"})
          .out);
  EXPECT_EQ(repeated.at("decision"), "deduped");
  EXPECT_EQ(repeated.at("run_id"), run);
  const ProgramResult verified = on_other({"verify"});
  EXPECT_EQ(verified.status, 0) << verified.out;
}

TEST_F(ExportOfASealedLedger, IsTheSameToTheByteWhereItIsTakenIn) {
  const std::string file = exported();
  EXPECT_EQ(on_other({"import", "--verbatim", file}).status, 0);
  EXPECT_EQ(on_other({"export", "--with-key"}).out, read_file(file));
  EXPECT_EQ(root_of(on_other({"verify"}).out), root_of(ledger.run({"--format", "json", "verify"}).out));
  EXPECT_EQ(on_other({"import", "--verbatim", file}).status, 0) << "again";
  ledger.json({"request", "--workspace", "acme", "--tenant", "south", "--type", "demo.sync"});
  EXPECT_EQ(on_other({"import", "--verbatim", exported()}).status, 0) << "what has come since, with its key";
  EXPECT_EQ(root_of(on_other({"verify"}).out), root_of(ledger.run({"--format", "json", "verify"}).out));
  EXPECT_THAT(texts_below(path("other/store")), IsEmpty()) << "sealed there too";
  for (const std::string& line : lines_of(read_file(path("other/seal.keys"))))
    EXPECT_THAT(line, Not(HasSubstr("seal_key"))) << "wrapped under the master key of that ledger";
}

TEST_F(ExportOfASealedLedger, SaysLoudlyWhatItHoldsAndWhatIsLostWithoutIt) {
  const ProgramResult with_key = ledger.run({"export", "--with-key", "-o", path("with")});
  EXPECT_THAT(with_key.err, HasSubstr("warning: seal_keys.in_clear: the export has the keys of 1 tenants in clear"));
  EXPECT_EQ(fs::status(path("with")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  const ProgramResult without = ledger.run({"export", "-o", path("without")});
  EXPECT_THAT(without.err, HasSubstr("warning: seal_keys.left_out: "));
  EXPECT_EQ(ledger.run({"export", "--tenant", "north", "-o", path("part")}).err, "") << "no ledger is made of it";
  const ProgramResult imported = on_other({"import", "--verbatim", path("without")});
  EXPECT_EQ(imported.status, 0);
  EXPECT_THAT(imported.err, AllOf(HasSubstr("warning: seal_keys.left_out: "), HasSubstr("identity_key.left_out")));
}

TEST_F(ExportOfASealedLedger, CarriesNoKeyThatWasErasedAndBringsNoneBack) {
  const std::string before = ledger.file("before", read_file(exported()));
  ledger.json({"cancel", run});
  ledger.json({"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"});
  const std::string after = exported();
  EXPECT_THAT(read_file(after), Not(HasSubstr("\"kind\":\"seal-key\"")));
  EXPECT_EQ(on_other({"import", "--verbatim", after}).status, 0);
  const ProgramResult again = on_other({"import", "--verbatim", before});
  EXPECT_EQ(again.status, 0) << again.err;
  EXPECT_THAT(again.err, HasSubstr("has the keys of 0 tenants"));
  EXPECT_THAT(texts_in(on_other({"export"}).out), IsEmpty());
  EXPECT_EQ(on_other({"verify"}).status, 0);
}

TEST_F(ExportOfASealedLedger, WorksBesideADaemon) {
  const std::string before = read_file(exported());
  Program daemon(ledger.command({"serve"}));
  ASSERT_TRUE(daemon.wait_for_output("\n"));
  EXPECT_EQ(ledger.run({"export", "--with-key"}).out, before);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);
}

TEST_F(ExportOfASealedLedger, IsRefusedWithACode) {
  const std::string text = read_file(exported());
  const std::string line = lines_of(text).at(1);
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string other = text;
    other.replace(other.find(from), from.size(), to);
    return ledger.file("changed", other);
  };
  const std::string hex = line.substr(line.find("\"seal_key\":\"") + 12, 64);
  const ProgramResult malformed = on_other({"import", "--verbatim", changed(hex, hex.substr(2))});
  EXPECT_EQ(failure(malformed), "2 seal_key.malformed");
  EXPECT_THAT(malformed.err + malformed.out, Not(HasSubstr(hex.substr(2))));
  EXPECT_EQ(on_other({"import", "--verbatim", path("export")}).status, 0);
  const std::string other_hex = (hex[0] == '0' ? "1" : "0") + hex.substr(1);
  EXPECT_EQ(failure(on_other({"import", "--verbatim", changed(hex, other_hex)})), "4 seal_key.differs");
  const std::string clear = ledger.another("clear");
  EXPECT_EQ(failure(run_program({program_path(), "--data", clear, "import", "--verbatim", path("export")})),
            "4 seal.not_expected");
}

}  // namespace
}  // namespace runledger
