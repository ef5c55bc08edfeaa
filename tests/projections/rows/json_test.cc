// The JSON of rows, attempts and totals: every member by name, in order, with its form.
#include "projections/rows/json.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "ledger/exchange/report_json.h"
#include "projections/postgres/mirror_rows.h"
#include "tests/fixtures/models/history.h"

namespace runledger {
namespace {

std::vector<std::string> members_of(const std::string& text) {
  const auto json = nlohmann::ordered_json::parse(text);
  std::vector<std::string> members;
  for (const auto& [name, value] : json.items()) members.push_back(name);
  return members;
}

TEST(RowJson, ARowHasAMemberPerColumnOfTheMirrorInTheirOrder) {
  History history;
  const RunId run = history.request();
  std::vector<std::string> expected{"run_id"};  // The same as "id".
  for (const std::string_view column : runs_table().columns) expected.emplace_back(column);
  expected.emplace_back("traceparent");  // No column.
  EXPECT_EQ(members_of(row_to_json(row_of(history, run))), expected);
}

TEST(RowJson, WhatIsAbsentIsNull) {
  History history;
  const RunId run = history.request({.scope = examples::workspace_scope()});
  const auto json = nlohmann::ordered_json::parse(row_to_json(row_of(history, run)));
  for (const char* column : {"tenant_id", "reason_code", "started_at", "completed_at"}) {
    EXPECT_TRUE(json.at(column).is_null()) << column;
  }
  EXPECT_EQ(json.at("summary_counts").dump(), "{}");
  EXPECT_EQ(json.at("failure_summary").dump(), "[]");
}

TEST(RowJson, ACompletedRunShowsItsFinalAttempt) {
  History history;
  const auto json = nlohmann::ordered_json::parse(row_to_json(row_of(history, history.failed())));
  EXPECT_EQ(json.at("status"), "completed");
  EXPECT_EQ(json.at("outcome"), "failed");
  EXPECT_EQ(json.at("summary_counts").dump(), R"({"processed":3})");
  EXPECT_EQ(json.at("failure_summary").dump(),
            R"([{"reason_code":"graph.throttled","message":"429 from the service"}])");
  EXPECT_EQ(json.at("requested_at"), "2026-01-05T08:00:01.000Z");
}

TEST(RowJson, AttemptsHaveTheMembersOfTheInterface) {
  History history;
  const RunId run = history.request();
  history.start(run, "host-7");
  EXPECT_EQ(attempt_to_json(fold_attempts(history.ledger().events_of(run)).front()),
            R"({"attempt":1,"token":2,"worker":"host-7","started_at":"2026-01-05T08:00:02.000Z","finished_at":null,)"
            R"("outcome":null,"summary_counts":{},"failures":[],"late":false})");
}

TEST(RowJson, TotalsHaveTheMembersOfTheInterface) {
  History history;
  history.request_again(history.succeeded());
  const RunId run = history.ledger().runs.begin()->first;
  Statistics totals;
  EventTally tally;
  for (const Envelope& envelope : history.events()) tally.count(envelope);
  add_run(totals, row_of(history, run), tally);
  EXPECT_EQ(
      totals_to_json({.statistics = totals, .head = Sequence{4}}),
      R"({"runs":1,"by_status":{"completed":1},"by_outcome":{"succeeded":1},"by_type":{"assignments.fetch":1},)"
      R"("by_tenant":{"contoso":1},"by_scope":{},"by_attempts":{"1":1},"attempts":1,"events":{"total":4,"by_kind":)"
      R"({"attempt-finished":1,"attempt-started":1,"deduped":1,"requested":1}},"deduped":{"cooldown":1},)"
      R"("summary_counts":{"processed":10,"succeeded":10},"summary_counts_at_least":[],)"
      R"("left_out":{"by_type":0,"by_tenant":0,"by_scope":0,"summary_counts":0},"head":4})");
}

TEST(RowJson, TotalsNameTheSumsThatAreTooLarge) {
  Statistics totals;
  totals.summary_counts = {{"a", Statistics::kSumMax}, {"b", Statistics::kSumMax - 1}, {"c", 0}};
  const auto json = nlohmann::json::parse(totals_to_json({.statistics = totals, .head = Sequence{1}}));
  EXPECT_EQ(json.at("summary_counts_at_least"), nlohmann::json({"a"}));
  EXPECT_EQ(json.at("summary_counts").at("c"), 0);
}

TEST(RowJson, CountsAndFailuresForColumnsAreJsonText) {
  EXPECT_EQ(counts_to_json(examples::counts({{"b", kCountMax}, {"a", 0}})), R"({"a":0,"b":9007199254740991})");
  EXPECT_EQ(failures_to_json({}), "[]");
}

}  // namespace
}  // namespace runledger
