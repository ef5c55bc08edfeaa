// Thousands of random stories: the answers of the rules, and the rows, equal those of a naive model of the same story.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "projections/folds/operation_run.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/random_story.h"
#include "tests/fixtures/world/memory_ledger.h"

namespace runledger {
namespace {

std::map<RunId, OperationRun::Row> fold(const std::vector<Envelope>& events) {
  std::map<RunId, OperationRun::Row> rows;
  for (const Envelope& envelope : events) OperationRun::evolve(rows[envelope.run], envelope);
  return rows;
}

void compare(const NaiveModel::Run& run, const OperationRun::Row& row) {
  RC_ASSERT(row.status == run.status());
  RC_ASSERT(row.outcome == run.ended.value_or(RunOutcome::kPending));
  RC_ASSERT(row.attempt.value == run.attempts.size());
  RC_ASSERT(row.deduped_count == run.deduped);
  RC_ASSERT(row.requested_at == run.requested_at);
  RC_ASSERT(row.completed_at == (run.ended ? std::optional(run.ended_at) : std::nullopt));
  Counts counts;
  if (run.items()) counts.emplace(examples::key("items"), *run.items());
  RC_ASSERT(row.summary_counts == counts);
}

RC_GTEST_PROP(RulesModel, AnswersAndRowsAreThoseOfTheNaiveModel, ()) {
  MemoryLedger ledger;
  const NaiveModel model =
      run_story(arbitrary_story(), [&](const Command& command, Time now) { return ledger.submit(command, now); });
  const auto rows = fold(ledger.events);
  RC_ASSERT(rows.size() == model.runs().size());
  for (const NaiveModel::Run& run : model.runs()) compare(run, rows.at(run.id));
}

RC_GTEST_PROP(RulesModel, AtMostOneRunOfAnIdentityIsActive, ()) {
  MemoryLedger ledger;
  const auto at_most_one = [&] {
    std::map<Identity, int> active;
    for (const auto& [id, run] : ledger.runs) active[run.identity] += run.active() ? 1 : 0;
    for (const auto& [identity, count] : active) RC_ASSERT(count <= 1);
  };
  run_story(
      arbitrary_story(), [&](const Command& command, Time now) { return ledger.submit(command, now); }, at_most_one);
}

RC_GTEST_PROP(RulesModel, ARecordedTimeDecidesTheSameAgain, ()) {
  std::vector<std::pair<Command, Time>> commands;
  MemoryLedger first;
  run_story(arbitrary_story(), [&](const Command& command, Time now) {
    commands.emplace_back(command, now);
    return first.submit(command, now);
  });
  MemoryLedger second;
  for (const auto& [command, now] : commands) second.submit(command, now);
  RC_ASSERT(first.events == second.events);
}

RC_GTEST_PROP(RulesModel, DuplicatedDeliveryOfEveryCommandChangesNoOutcomeAndNoCounts, ()) {
  MemoryLedger once;
  MemoryLedger twice;
  run_story(arbitrary_story(), [&](const Command& command, Time now) {
    // A start is the only command whose second delivery has another effect: it is answered with the first one's
    // attempt.
    twice.submit(command, now);
    if (!std::holds_alternative<FinishAttempt>(command)) return once.submit(command, now);
    twice.submit(command, now);
    return once.submit(command, now);
  });
  RC_ASSERT(once.events == twice.events);
}

}  // namespace
}  // namespace runledger
