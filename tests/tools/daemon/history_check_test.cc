// Tests that the checks of recorded histories find each mistake in hand-made histories, and nothing in good ones.
//
// The first part tests the search alone, with a memory cell as its model. The second part makes a Story by hand: calls
// about one identity and the log that they lead to. good() is a history without mistakes, and every other test changes
// it in one place and names the finding that must appear. That shows that each check can fail, and that it fails for
// its own reason.
#include "tests/fixtures/models/history_check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/linearizability.h"

namespace runledger {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// --- the search ------------------------------------------------------------------------------------------------------

// A memory cell whose initial value is 0.
struct Cell {
  using State = int;
  struct Call {
    bool writes;
    int value;  // The value that is written, or the value that was read.
  };
  static std::optional<int> step(int state, const Call& call) {
    if (call.writes) return call.value;
    return state == call.value ? std::optional(state) : std::nullopt;
  }
};
constexpr Cell::Call write(int value) {
  return {true, value};
}
constexpr Cell::Call read(int value) {
  return {false, value};
}

std::optional<std::size_t> search(std::vector<TimedCall<Cell::Call>> calls) {
  return LinearizabilitySearch<Cell>(std::move(calls)).first_unexplained();
}

TEST(LinearizabilitySearch, FindsNothingWhereCallsFollowEachOther) {
  EXPECT_EQ(search({}), std::nullopt);
  EXPECT_EQ(search({{0, 1, read(0)}, {2, 3, write(1)}, {4, 5, read(1)}}), std::nullopt);
}

TEST(LinearizabilitySearch, FindsAReadOfWhatWasNeverOrNotYetWritten) {
  EXPECT_EQ(search({{0, 1, write(1)}, {2, 3, read(2)}}), 1U);
  EXPECT_EQ(search({{0, 1, read(1)}, {2, 3, write(1)}}), 0U);
}

TEST(LinearizabilitySearch, FindsAStaleRead) {
  EXPECT_EQ(search({{0, 1, write(1)}, {2, 3, write(2)}, {4, 5, read(1)}}), 2U);
}

TEST(LinearizabilitySearch, LetsConcurrentCallsTakeEffectInAnyOrder) {
  EXPECT_EQ(search({{0, 9, write(1)}, {0, 9, write(2)}, {10, 11, read(1)}}), std::nullopt);
  EXPECT_EQ(search({{0, 9, write(1)}, {0, 9, write(2)}, {10, 11, read(2)}}), std::nullopt);
  EXPECT_EQ(search({{0, 9, write(1)}, {2, 3, read(0)}, {4, 5, read(1)}}), std::nullopt);
  EXPECT_EQ(search({{0, 5, write(1)}, {5, 6, read(0)}}), std::nullopt) << "touching times do not determine the order";
}

TEST(LinearizabilitySearch, FindsThatTwoReadersSawTwoWritesInDifferentOrders) {
  EXPECT_EQ(search({{0, 9, write(1)}, {2, 3, read(1)}, {4, 5, read(0)}}), 2U);
  EXPECT_NE(search({{0, 1, write(1)}, {2, 9, write(2)}, {3, 4, read(2)}, {5, 6, read(1)}}), std::nullopt);
}

TEST(LinearizabilitySearch, LeavesOpenWhetherACallThatNeverReturnedTookEffect) {
  EXPECT_EQ(search({{0, kNeverReturned, write(1)}, {2, 3, read(0)}, {4, 5, read(1)}}), std::nullopt);
  EXPECT_EQ(search({{0, kNeverReturned, write(1)}, {2, 3, read(0)}}), std::nullopt);
  EXPECT_EQ(search({{0, kNeverReturned, write(1)}, {2, 3, read(1)}, {4, 5, read(0)}}), 2U);
}

// --- histories of a ledger -------------------------------------------------------------------------------------------

// Calls about one identity, and the log that they lead to.
struct Story {
  std::vector<RecordedCall> calls;
  std::vector<Envelope> log;

  struct When {
    std::int64_t invoked;
    std::int64_t returned;
  };

  RecordedCall& add(When when, CallKind kind, int run, Verdict verdict, Event event) {
    RecordedCall& call = calls.emplace_back();
    call.invoked = when.invoked;
    call.returned = when.returned;
    call.kind = kind;
    call.run = examples::run_id(run);
    call.replied = true;
    call.reply.verdict = verdict;
    call.reply.run = examples::run_id(run);
    Envelope envelope;
    envelope.sequence = Sequence{log.size() + 1};
    envelope.scope_sequence = ScopeSequence{log.size() + 1};
    envelope.run = call.run;
    envelope.recorded_at = examples::at(when.invoked);
    envelope.event = std::move(event);
    log.push_back(std::move(envelope));
    call.reply.sequence = Sequence{log.size()};
    return call;
  }

  void request(When when, int run) {
    Requested requested;
    requested.type = examples::type();
    add(when, CallKind::kRequest, run, Verdict::kRequested, requested).force = true;
  }
  void dedupe(When when, int run) {
    RecordedCall& call = add(when, CallKind::kRequest, run, Verdict::kDeduped, Deduped{});
    call.reply.rule = DedupeRule::kActiveRun;
  }
  void start(When when, int run) {
    RecordedCall& call = add(when, CallKind::kStart, run, Verdict::kStarted, AttemptStarted{});
    call.reply.attempt = AttemptNumber{1};
    call.reply.token = ScopeSequence{call.reply.sequence.value};
    call.reply.status = RunStatus::kRunning;
  }
  void finish(When when, int run) {
    RecordedCall& call = add(when, CallKind::kFinish, run, Verdict::kFinished, AttemptFinished{});
    call.attempt.attempt = AttemptNumber{1};
    call.reply.attempt = AttemptNumber{1};
    call.reply.status = RunStatus::kCompleted;
    call.reply.outcome = RunOutcome::kSucceeded;
  }
  void refuse_to_fail(When when, int run) {
    RecordedCall& call = calls.emplace_back();
    call.invoked = when.invoked;
    call.returned = when.returned;
    call.kind = CallKind::kFail;
    call.run = examples::run_id(run);
    call.answered_by(reject("run.completed", "over"));
  }
};

// A run is requested twice and carried out, and the identity is requested again. In between, a caller tries too late to
// end the run.
Story good() {
  Story story;
  story.request({0, 10}, 1);
  story.dedupe({5, 15}, 1);
  story.start({20, 30}, 1);
  story.finish({40, 50}, 1);
  story.refuse_to_fail({45, 65}, 1);
  story.request({60, 70}, 2);
  return story;
}

TEST(HistoryCheck, FindsNothingInAGoodHistory) {
  const Story story = good();
  EXPECT_THAT(against_real_time(story.calls), IsEmpty());
  EXPECT_THAT(against_the_rules(story.calls, story.log), IsEmpty());
  EXPECT_THAT(against_a_register(story.calls), IsEmpty());
  EXPECT_THAT(against_one_active_run(story.log), IsEmpty());
}

TEST(HistoryCheck, FindsASecondActiveRun) {
  Story story = good();
  story.request({80, 90}, 3);
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre(HasSubstr("against the rules")));
  EXPECT_THAT(against_a_register(story.calls), ElementsAre(HasSubstr("no order explains")));
  EXPECT_THAT(against_one_active_run(story.log), ElementsAre(HasSubstr("second active run")));
}

TEST(HistoryCheck, FindsADuplicateThatIsAnsweredWithARunThatIsOver) {
  Story story = good();
  story.dedupe({80, 90}, 1);
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre(HasSubstr("against the rules")));
  EXPECT_THAT(against_a_register(story.calls), ElementsAre(HasSubstr("no order explains")));
}

TEST(HistoryCheck, FindsAnOrderThatRealTimeForbids) {
  Story story = good();
  story.calls[1].invoked = 16;  // The start, which comes after it in the log, had already returned.
  story.calls[1].returned = 100;
  story.calls[2].invoked = 11;
  story.calls[2].returned = 15;
  EXPECT_THAT(against_real_time(story.calls), ElementsAre(HasSubstr("over before it was made")));
}

TEST(HistoryCheck, FindsOnePositionThatIsGivenTwice) {
  Story story = good();
  story.calls[1].reply.sequence = Sequence{1};
  EXPECT_THAT(against_real_time(story.calls), ElementsAre(HasSubstr("one Sequence for two")));
}

TEST(HistoryCheck, FindsARefusalBeforeThereWasAReasonForIt) {
  Story story = good();
  story.calls[4].invoked = 31;
  story.calls[4].returned = 39;
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre(HasSubstr("nothing explains")));
  EXPECT_THAT(against_a_register(story.calls), ElementsAre(HasSubstr("no order explains")));
}

TEST(HistoryCheck, FindsRefusalsThatAppearedAndDisappeared) {
  Story story = good();
  // One caller learned that the attempt was alive after another caller had learned that its run had ended.
  story.calls.push_back(story.calls[4]);
  RecordedCall& alive = story.calls.back();
  alive.kind = CallKind::kHeartbeat;
  alive.attempt.attempt = AttemptNumber{1};
  alive.code = {};
  alive.replied = true;
  alive.reply.verdict = Verdict::kAlive;
  alive.reply.run = alive.run;
  story.calls[4].invoked = 41;
  story.calls[4].returned = 43;
  alive.invoked = 44;
  alive.returned = 49;
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre(HasSubstr("nothing explains")));
  EXPECT_THAT(against_a_register(story.calls), ElementsAre(HasSubstr("no order explains")));
  std::swap(story.calls[4].invoked, alive.invoked);
  std::swap(story.calls[4].returned, alive.returned);
  EXPECT_THAT(against_the_rules(story.calls, story.log), IsEmpty());
  EXPECT_THAT(against_a_register(story.calls), IsEmpty());
}

TEST(HistoryCheck, FindsAnEventOfNobodyAndAnAnswerWithoutAnEvent) {
  Story story = good();
  story.calls.erase(story.calls.begin() + 1);
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre("event 2 (deduped) came of no answered call"));
  story = good();
  story.log.pop_back();
  EXPECT_THAT(against_the_rules(story.calls, story.log), ElementsAre(HasSubstr("an answer without an event")));
}

TEST(HistoryCheck, FindsACallWithoutAnAnswer) {
  Story story = good();
  story.calls[4].code = {};
  EXPECT_THAT(against_the_rules(story.calls, story.log),
              ElementsAre(HasSubstr("not answered"), HasSubstr("nothing explains")));
}

}  // namespace
}  // namespace runledger
