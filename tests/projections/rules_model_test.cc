// Thousands of random stories: the answers of the rules, and the rows, equal those of a naive model of the same story.
#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <map>

#include "ledger/log/codec.h"
#include "projections/folds/operation_run.h"
#include "projections/folds/run_history.h"
#include "tests/fixtures/data/edited_event.h"
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
  RC_ASSERT(row.imported_open == run.imported_open());
  RC_ASSERT(row.skipped_count == run.skipped);
  RC_ASSERT(row.requested_at == run.requested_at);
  RC_ASSERT(row.completed_at == (run.ended ? std::optional(run.ended_at) : std::nullopt));
  Counts counts;
  if (run.items()) counts.emplace(examples::key("items"), *run.items());
  RC_ASSERT(row.summary_counts == counts);
}

RC_GTEST_PROP(RulesModel, AnswersAndRowsAreThoseOfTheNaiveModel, ()) {
  MemoryLedger ledger;
  const NaiveModel model = run_story_with_imports(
      arbitrary_story(),
      [&](const Command& command, Time now) { return ledger.submit(command, now, story_starter(command)); },
      [&](const Command& command, Time at) { return ledger.import(command, at); });
  const auto rows = fold(ledger.events);
  RC_ASSERT(rows.size() == model.runs().size());
  for (const NaiveModel::Run& run : model.runs()) compare(run, rows.at(run.id));
}

RC_GTEST_PROP(RulesModel, AtMostOneRunOfAnIdentityIsActive, ()) {
  MemoryLedger ledger;
  const auto at_most_one = [&] {
    std::map<Identity, int> active;
    for (const auto& [id, run] : ledger.runs) active[run.identity] += run.active() && !run.imported_open() ? 1 : 0;
    for (const auto& [identity, count] : active) RC_ASSERT(count <= 1);
  };
  run_story_with_imports(
      arbitrary_story(),
      [&](const Command& command, Time now) { return ledger.submit(command, now, story_starter(command)); },
      [&](const Command& command, Time at) { return ledger.import(command, at); }, at_most_one);
}

RC_GTEST_PROP(RulesModel, ARecordedTimeDecidesTheSameAgain, ()) {
  std::vector<std::pair<Command, Time>> commands;
  MemoryLedger first;
  run_story(arbitrary_story(), [&](const Command& command, Time now) {
    commands.emplace_back(command, now);
    return first.submit(command, now, story_starter(command));
  });
  MemoryLedger second;
  for (const auto& [command, now] : commands) second.submit(command, now, story_starter(command));
  RC_ASSERT(first.events == second.events);
}

RC_GTEST_PROP(RulesModel, DuplicatedDeliveryOfEveryCommandChangesNoOutcomeAndNoCounts, ()) {
  MemoryLedger once;
  MemoryLedger twice;
  run_story(arbitrary_story(), [&](const Command& command, Time now) {
    // A start is the only command whose second delivery has another effect: it is answered with the first one's
    // attempt.
    twice.submit(command, now, story_starter(command));
    if (!std::holds_alternative<FinishAttempt>(command)) return once.submit(command, now, story_starter(command));
    twice.submit(command, now, story_starter(command));
    return once.submit(command, now, story_starter(command));
  });
  RC_ASSERT(once.events == twice.events);
}

// Returns the event as it is read from its stored bytes after its content was taken out of them.
Envelope without_content(const Envelope& envelope) {
  const auto take_out = [](wire::Envelope::Builder event) { event.getContent().disownClear(); };
  return decode(envelope.sequence, edited(envelope, take_out));
}

void clear_messages(std::vector<FailureNote>& failures) {
  for (FailureNote& failure : failures) failure.message = {};
}

RC_GTEST_PROP(RulesModel, FactsAloneFoldToTheSameStatesAttemptsAndRows, ()) {
  MemoryLedger ledger;
  run_story_with_imports(
      arbitrary_story(),
      [&](const Command& command, Time now) { return ledger.submit(command, now, story_starter(command)); },
      [&](const Command& command, Time at) { return ledger.import(command, at); });
  std::map<RunId, RunState> states;
  std::map<Identity, IdentityState> identities;
  std::map<RunId, std::vector<AttemptRow>> attempts;
  std::map<RunId, std::vector<AttemptRow>> facts_of_attempts;
  std::vector<Envelope> facts;
  for (const Envelope& envelope : ledger.events) {
    const Envelope& fact = facts.emplace_back(without_content(envelope));
    RunState& state = states[fact.run];
    evolve(state, fact);
    evolve(identities[state.identity], state, fact);
    evolve(facts_of_attempts[fact.run], fact);
    evolve(attempts[envelope.run], envelope);
  }
  RC_ASSERT(states == ledger.runs);
  RC_ASSERT(identities == ledger.identities);
  for (auto& [run, rows] : attempts) {
    for (AttemptRow& attempt : rows) {
      attempt.worker = {};
      clear_messages(attempt.failures);
    }
  }
  RC_ASSERT(facts_of_attempts == attempts);
  std::map<RunId, OperationRun::Row> rows = fold(ledger.events);
  for (auto& [run, row] : rows) {
    row.initiator = {};
    row.context = {};
    clear_messages(row.failures);
  }
  RC_ASSERT(fold(facts) == rows);
}

// Returns the command as another tenant would send it, about a run of its own.
Command of_neighbour(Command command) {
  const auto other = [](RunId run) {
    run.value.bytes[0] ^= 0xffU;
    return run;
  };
  if (auto* request = std::get_if<RequestRun>(&command)) {
    request->scope.tenant = examples::tenant("neighbour");
    request->identity.digest.bytes[0] ^= 0xffU;
    request->run = other(request->run);
  } else if (auto* start = std::get_if<StartAttempt>(&command)) {
    start->run = other(start->run);
  }
  return command;
}

RC_GTEST_PROP(RulesModel, EventsIdsAndTokensAreTheSameWhateverANeighbourDoes, ()) {
  MemoryLedger alone;
  MemoryLedger shared;
  run_story(arbitrary_story(), [&](const Command& command, Time now) {
    const bool same = std::holds_alternative<RequestRun>(command) || std::holds_alternative<StartAttempt>(command);
    if (same && *rc::gen::arbitrary<bool>()) (void)shared.submit(of_neighbour(command), now, story_starter(command));
    Answer answer = alone.submit(command, now, story_starter(command));
    Answer among_others = shared.submit(command, now, story_starter(command));
    if (auto* reply = std::get_if<Reply>(&answer)) {
      RC_ASSERT(reply->token == std::get<Reply>(among_others).token);
    }
    return answer;
  });
  std::vector<std::string> stored;
  for (const Envelope& envelope : shared.events) {
    if (envelope.scope.tenant != examples::tenant("neighbour")) stored.push_back(encode(envelope));
  }
  RC_ASSERT(stored.size() == alone.events.size());
  for (std::size_t i = 0; i < stored.size(); ++i) RC_ASSERT(stored[i] == encode(alone.events[i]));
}

}  // namespace
}  // namespace runledger
