// Duplicates: each deduped event once, newest first, and in groups that count them.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "projections/answers/question.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

using nlohmann::json;

class DuplicateQuestions : public testing::Test {
 protected:
  Reply submit(Command command) {
    world.clock().advance(std::chrono::seconds(1));
    const Answer answer = world.ledger().sequencer().submit({.command = std::move(command)}).get();
    EXPECT_TRUE(std::holds_alternative<Reply>(answer));
    return std::get<Reply>(answer);
  }
  // Requests the run with this number, and then again so many times.
  void request(int number, int again, std::string_view initiator, std::string_view type = "assignments.fetch") {
    examples::RequestOf of{.run = examples::run_id(number),
                           .type = examples::type(type),
                           .input = examples::input(fmt::format(R"({{"n":{}}})", number)),
                           .initiator = initiator};
    submit(examples::request(of));
    for (int i = 0; i < again; ++i) {
      of.run = examples::run_id(1000 + ++asked_again);
      EXPECT_EQ(submit(examples::request(of)).verdict, Verdict::kDeduped);
    }
  }
  json ask(const Parameters::Pairs& pairs) {
    const Result<std::string> answer = reader()->answer({"duplicates", Parameters(pairs)});
    if (!answer) return answer.rejection().code;
    return json::parse(*answer);
  }
  LedgerReader* reader() {
    if (!reader_) reader_ = embedded_reader(world.ledger());
    return reader_.get();
  }

  TemporaryLedger world;
  std::unique_ptr<LedgerReader> reader_;
  int asked_again = 0;
};

TEST_F(DuplicateQuestions, AreAnsweredNewestFirstAndPageByPage) {
  request(1, 3, "ann");
  request(2, 2, "bob");
  const json all = ask({});
  ASSERT_EQ(all["duplicates"].size(), 5U);
  EXPECT_EQ(all["next_cursor"], nullptr);
  EXPECT_EQ(all["reached"], nullptr);
  EXPECT_EQ(all["duplicates"][0]["run_id"], format_uuid(examples::run_id(2).value));
  EXPECT_EQ(all["duplicates"][0]["asked_by"], "bob");
  EXPECT_EQ(all["duplicates"][0]["rule"], "active_run");
  EXPECT_EQ(all["duplicates"][4]["run_id"], format_uuid(examples::run_id(1).value));
  EXPECT_EQ(all["duplicates"][4]["sequence"], 2);
  json paged = json::array();
  std::string cursor;
  for (int pages = 0; pages < 10; ++pages) {
    const json page = ask({{"limit", "2"}, {"cursor", cursor}});
    for (const json& each : page["duplicates"]) paged.push_back(each);
    EXPECT_EQ(page["reached"].is_null(), page["next_cursor"].is_null());
    if (page["next_cursor"].is_null()) break;
    cursor = page["next_cursor"];
  }
  EXPECT_EQ(paged, all["duplicates"]);
}

TEST_F(DuplicateQuestions, AreFilteredByEachParameter) {
  request(1, 3, "ann");
  request(2, 2, "bob", "assignments.restore");
  submit(StartAttempt{examples::run_id(1), sanitize("w-1")});
  submit(StartAttempt{examples::run_id(1), sanitize("w-2")});  // Skipped.
  const auto count = [&](const Parameters::Pairs& pairs) { return ask(pairs)["duplicates"].size(); };
  EXPECT_EQ(count({}), 6U);
  EXPECT_EQ(count({{"initiator", "bob"}}), 2U);
  EXPECT_EQ(count({{"type", "assignments.restore"}}), 2U);
  EXPECT_EQ(count({{"type", "assignments.restore"}, {"type", "assignments.fetch"}}), 6U);
  EXPECT_EQ(count({{"rule", "attempt_active"}}), 1U);
  EXPECT_EQ(count({{"rule", "attempt_active"}, {"rule", "active_run"}}), 6U);
  EXPECT_EQ(count({{"stage", "execute"}}), 1U);
  EXPECT_EQ(count({{"workspace", "acme"}, {"tenant", "contoso"}}), 6U);
  EXPECT_EQ(count({{"workspace", "acme"}, {"tenant", "other"}}), 0U);
  EXPECT_EQ(count({{"workspace", "globex"}}), 0U);
  EXPECT_EQ(count({{"tenant", "contoso"}}), 6U);
  const std::string third = ask({})["duplicates"][3]["recorded_at"];
  EXPECT_EQ(count({{"since", third}}), 4U);
  EXPECT_EQ(count({{"until", third}}), 2U);
  EXPECT_EQ(count({{"identity", ask({{"initiator", "bob"}})["duplicates"][0]["run_identity_hash"]}}), 2U);
}

TEST_F(DuplicateQuestions, AreCountedByIdentityAndRule) {
  request(1, 3, "ann");
  request(2, 2, "bob");
  submit(StartAttempt{examples::run_id(1), sanitize("w-1")});
  submit(StartAttempt{examples::run_id(1), sanitize("w-2")});
  const json counted = ask({{"group", "identity"}});
  ASSERT_EQ(counted["groups"].size(), 3U);
  EXPECT_EQ(counted["counted"], 6);
  EXPECT_EQ(counted["reached"], nullptr);
  EXPECT_EQ(counted["groups"][0]["count"], 3);
  EXPECT_EQ(counted["groups"][0]["initiators"], json::array({"ann"}));
  EXPECT_EQ(counted["groups"][0]["run_id"], format_uuid(examples::run_id(1).value));
  EXPECT_LT(counted["groups"][0]["first_at"], counted["groups"][0]["last_at"]);
  EXPECT_EQ(ask({{"group", "identity"}, {"limit", "1"}})["groups"].size(), 1U);
}

TEST_F(DuplicateQuestions, AreRefusedForWhatTheyCannotMean) {
  request(1, 2, "ann");
  for (const auto& [pair, code] : std::vector<std::pair<Parameters::Pairs, std::string>>{
           {{{"rule", "luck"}}, "rule.invalid"},
           {{{"stage", "late"}}, "stage.invalid"},
           {{{"group", "rule"}}, "group.invalid"},
           {{{"group", "identity"}, {"cursor", "ab"}}, "query.invalid"},
           {{{"colour", "red"}}, "query.invalid"},
           {{{"stage", "execute"}, {"stage", "dispatch"}}, "query.invalid"},
           {{{"limit", "0"}}, "limit.invalid"},
           {{{"since", "2026-01-02T00:00:00Z"}, {"until", "2026-01-01T00:00:00Z"}}, "range.invalid"},
           {{{"cursor", "beef"}}, "cursor.invalid"},
           {{{"cursor", ask({{"limit", "1"}})["next_cursor"]}, {"rule", "cooldown"}}, "cursor.invalid"}})
    EXPECT_EQ(ask(pair), code);
  EXPECT_EQ(reader()->answer({"luck", {}}).rejection().code, "question.unknown");
}

}  // namespace
}  // namespace runledger
