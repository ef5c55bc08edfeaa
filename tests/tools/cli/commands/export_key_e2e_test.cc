// An export that carries the identity key, and the ledger that is made of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
namespace fs = std::filesystem;

class ExportWithKey : public testing::Test {
 protected:
  ExportWithKey() : run(ledger.request(R"({"n":1})")), other(ledger.another("other")) {}

  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  [[nodiscard]] ProgramResult on_other(Arguments arguments) const {
    arguments.insert(arguments.begin(), {program_path(), "--data", other, "--format", "json"});
    return run_program(arguments);
  }
  // The hexadecimal digits of the key.
  [[nodiscard]] std::string key() const {
    std::string hex;
    for (const char byte : read_file(ledger.data() / "identity.key"))
      hex += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4U],
          hex += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15U];
    return hex;
  }
  [[nodiscard]] nlohmann::json repeated() const {
    return nlohmann::json::parse(on_other({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync",
                                           "--input", R"({"n":1})"})
                                     .out);
  }

  CliLedger ledger;
  std::string run;
  std::string other;
};

TEST_F(ExportWithKey, MakesALedgerThatRecognisesTheSameRequest) {
  ledger.json({"export", "--with-key", "-o", path("export")});
  const ProgramResult imported = on_other({"import", "--verbatim", path("export")});
  EXPECT_EQ(imported.status, 0) << imported.err;
  EXPECT_EQ(imported.err, "");
  EXPECT_THAT(imported.out, Not(HasSubstr(key())));
  EXPECT_EQ(repeated().at("decision"), "deduped");
  EXPECT_EQ(repeated().at("run_id"), run);
  EXPECT_EQ(on_other({"verify"}).status, 0);
}

TEST_F(ExportWithKey, MayBeTakenInAgainAndContinued) {
  ledger.json({"export", "--with-key", "-o", path("export")});
  EXPECT_EQ(on_other({"import", "--verbatim", path("export")}).status, 0);
  ledger.request(R"({"n":2})");
  ledger.json({"export", "--with-key", "-o", path("longer")});
  EXPECT_EQ(on_other({"import", "--verbatim", path("longer")}).status, 0);
  EXPECT_EQ(repeated().at("decision"), "deduped");
}

TEST_F(ExportWithKey, IsNotWhatAnExportIsByDefaultAndTheImportSaysWhatIsLost) {
  ledger.json({"export", "-o", path("export")});
  EXPECT_THAT(read_file(path("export")), Not(HasSubstr(key())));
  EXPECT_THAT(read_file(path("export")), StartsWith("{\"sequence\":1,"));
  const ProgramResult imported = on_other({"import", "--verbatim", path("export")});
  EXPECT_EQ(imported.status, 0);
  EXPECT_THAT(imported.err, HasSubstr("warning: identity_key.left_out: "));
  EXPECT_EQ(repeated().at("decision"), "requested");
}

TEST_F(ExportWithKey, IsReadableByItsOwnerOnly) {
  ledger.json({"export", "--with-key", "-o", path("export")});
  EXPECT_EQ(fs::status(path("export")).permissions(), fs::perms::owner_read | fs::perms::owner_write);
  EXPECT_THAT(lines_of(read_file(path("export"))).at(0), HasSubstr(key()));
  std::ofstream(path("open")) << "x";
  fs::permissions(path("open"), fs::perms::owner_all | fs::perms::others_read);
  EXPECT_EQ(failure(ledger.run({"export", "--with-key", "-o", path("open")})), "2 output.insecure");
  EXPECT_EQ(read_file(path("open")), "x");
}

TEST_F(ExportWithKey, WorksBesideADaemonAndNotThroughOne) {
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  EXPECT_THAT(lines_of(ledger.run({"export", "--with-key"}).out).at(0), HasSubstr(key()));
  EXPECT_EQ(failure(run_program({program_path(), "--connect", "unix:" + path("data/socket"), "export", "--with-key"})),
            "2 usage");
  daemon.signal(SIGTERM);
  const ProgramResult ended = daemon.wait();
  EXPECT_THAT(ended.err, Not(HasSubstr(key())));
}

TEST_F(ExportWithKey, IsRefusedWithACode) {
  EXPECT_EQ(failure(ledger.run({"export", "--with-key", "--from", "1"})), "2 usage");
  ledger.json({"export", "--with-key", "-o", path("export")});
  std::string text = read_file(path("export"));
  const std::string digits = key();
  text.replace(text.find(digits), digits.size(), digits.substr(2));
  const std::string damaged = ledger.file("damaged", text);
  const ProgramResult refused = on_other({"import", "--verbatim", damaged});
  EXPECT_EQ(failure(refused), "2 identity_key.malformed");
  EXPECT_THAT(refused.err + refused.out, Not(HasSubstr(digits.substr(2))));
  EXPECT_EQ(
      on_other({"request", "--workspace", "acme", "--tenant", "north", "--type", "demo.sync", "--input", "{}"}).status,
      0);
  EXPECT_EQ(failure(on_other({"import", "--verbatim", path("export")})), "4 identity_key.differs");
}

}  // namespace
}  // namespace runledger
