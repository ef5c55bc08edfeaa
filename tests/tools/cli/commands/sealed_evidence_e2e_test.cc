// One tenant's evidence in a ledger that seals what tenants write: before and after it is erased.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"
#include "tests/fixtures/world/planted_texts.h"

namespace runledger {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class SealedEvidence : public testing::Test {
 protected:
  [[nodiscard]] std::string path(const std::string& name) const { return ledger.directory() / name; }
  [[nodiscard]] std::string evidence(const std::string& name) const {
    EXPECT_EQ(ledger.json({"export", "--evidence", "--tenant", "north", "-o", path(name)}).at("file"), path(name));
    return path(name);
  }
  [[nodiscard]] std::string run_evidence(const std::string& run, const std::string& name) const {
    EXPECT_EQ(ledger.json({"prove", "--run", run, "--complete", "-o", path(name)}).at("file"), path(name));
    return path(name);
  }
  // Returns what the program prints for a file that holds. It has no keys but the verifier key.
  [[nodiscard]] std::string verified(const std::string& file, const Arguments& more = {}) const {
    Arguments arguments{program_path(), "--data", path("nowhere"), "verify", "--proof", file, "--key", key};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const ProgramResult result = run_program(arguments);
    EXPECT_EQ(result.status, 0) << result.err;
    return result.out;
  }
  void erase() const {
    ledger.json({"erase", "--workspace", "acme", "--tenant", "north", "--reason", "contract ended"});
  }

  CliLedger ledger{{"--seal-tenants"}};
  std::string key = lines_of(ledger.run({"audit", "key", "show"}).out).at(0);
};

TEST_F(SealedEvidence, HoldsWithoutTheKeysAndShowsNoText) {
  const std::vector<std::string> runs = plant_texts(ledger);
  const std::string whole = evidence("north");
  const std::string of_run = run_evidence(runs.front(), "run");
  EXPECT_THAT(verified(whole, {"-o", path("events")}),
              HasSubstr("these 36 events of 9 runs are all that tenant north"));
  EXPECT_THAT(verified(of_run), HasSubstr("these 4 events are all that run " + runs.front()));
  const std::string events = read_file(path("events"));
  EXPECT_THAT(texts_in(events), IsEmpty());
  EXPECT_THAT(texts_in(verified(of_run, {"--format", "json"})), IsEmpty());
  const json first = json::parse(lines_of(events).at(0));
  EXPECT_EQ(first.at("readable"), false);
  EXPECT_EQ(first.at("sealed"), ledger.json_lines({"export", "--tenant", "north"}).at(0).at("sealed"));
  const ProgramResult by_go = run_program({check_evidence_path(), key, whole, of_run});
  EXPECT_THAT(lines_of(by_go.out), ElementsAre("all 36 events of 9 runs", "all 4 events of a run")) << by_go.err;
}

TEST_F(SealedEvidence, IsTheSameAfterItsTenantIsErasedAndIsExtendedByWhatFollows) {
  const std::vector<std::string> runs = plant_texts(ledger);
  const std::string before = evidence("before");
  const std::string of_run = run_evidence(runs.front(), "run");
  EXPECT_EQ(ledger.run({"checkpoint", "-o", path("checkpoint")}).status, 0);
  erase();
  EXPECT_THAT(verified(before), HasSubstr("these 36 events"));
  EXPECT_THAT(verified(of_run), HasSubstr("these 4 events"));
  EXPECT_THAT(verified(evidence("after"), {"--earlier", before}),
              HasSubstr("its first 36 events are those of the earlier file, and 0 follow them"));
  EXPECT_THAT(verified(run_evidence(runs.front(), "run after")), HasSubstr("these 4 events"));
  ledger.request(R"({"n":1})");
  EXPECT_THAT(verified(evidence("later"), {"--earlier", before}),
              HasSubstr("its first 36 events are those of the earlier file, and 1 follow them"));
  const ProgramResult sound = ledger.run({"verify", "--checkpoint", path("checkpoint"), "--key", key});
  EXPECT_EQ(sound.status, 0) << sound.out << sound.err;
}

}  // namespace
}  // namespace runledger
