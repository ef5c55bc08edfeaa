// Local rows follow random stories in random steps, are moved into tables now and then, and crashes take back what was
// not: the rows always equal the naive fold, and are the same bytes as after following once. rapidcheck prints its
// seed; RC_PARAMS="seed=N" repeats it.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <iostream>

#include "projections/rows/store.h"
#include "projections/verify/verify.h"
#include "tests/fixtures/models/history.h"
#include "tests/fixtures/models/random_story.h"
#include "tests/fixtures/world/stored_log.h"

namespace runledger {
namespace {

// Without the metadata, which name the ledger.
std::map<std::string, std::string> dump(StoredLog& stored) {
  std::map<std::string, std::string> entries = stored.dump_derived();
  entries.erase(std::string(row_index::kMetadataKey));
  return entries;
}

constexpr int kActsMax = 12;  // Each act costs more than a whole story.

// The act between two steps of the story.
enum class Act { kFollow, kFlush, kCrash, kRebuild, kList };

// Rows that follow a story, and that crashes set back to an earlier state.
class Follower {
 public:
  // Both must outlive the object; `stored` must be empty.
  Follower(const MemoryLedger& ledger, StoredLog& stored) : ledger_(ledger), stored_(stored) {}

  void act(Act act, std::size_t to) {
    if (to > stored_.log().last().value) stored_.append(ledger_, to);
    switch (act) {
      case Act::kFollow:
        RowStore(stored_.log()).catch_up();
        break;
      case Act::kFlush:
        flushed_ = RowStore(stored_.log()).checkpoint();
        stored_.log().store().derived().flush();
        break;
      case Act::kCrash:  // What was written after the last flush is lost: it is too little to be moved at the end.
        stored_.reopen();
        RC_ASSERT(RowStore(stored_.log()).checkpoint() == flushed_);
        break;
      case Act::kRebuild:
        RC_ASSERT(RowStore(stored_.log()).rebuild(false).drifted == 0U);
        break;
      case Act::kList:
        compare_list();
        break;
    }
  }

  // Checks that the list is the newest first and has exactly the runs up to the checkpoint.
  void compare_list() {
    const RowStore rows(stored_.log());
    const Result<RunPage> page = rows.list({}, RowStore::kPageMax, "");
    RC_ASSERT(static_cast<bool>(page));
    std::map<RunId, OperationRun::Row> naive;
    for (std::size_t i = 0; i < rows.checkpoint().value; ++i) {
      OperationRun::evolve(naive[ledger_.events[i].run], ledger_.events[i]);
    }
    RC_ASSERT(page->rows.size() == naive.size());
    for (std::size_t i = 0; i < page->rows.size(); ++i) {
      RC_ASSERT(page->rows[i] == naive.at(page->rows[i].id));
      // The condition is no part of the assertion, because RC_ASSERT takes a disjunction apart and evaluates both
      // sides.
      if (i > 0) RC_ASSERT(page->rows[i].first_sequence < page->rows[i - 1].first_sequence);
    }
  }

 private:
  const MemoryLedger& ledger_;
  StoredLog& stored_;
  Sequence flushed_;
};

TEST(LocalRowsModel, HoweverTheyFollowedTheyAreTheFoldOfTheLogToTheByte) {
  StoredLog stored;
  StoredLog once;
  const auto story = [&] {
    stored.clear();
    once.clear();
    MemoryLedger ledger;
    run_story(arbitrary_story(),
              [&](const Command& command, Time now) { return ledger.submit(command, now, story_starter(command)); });
    Follower follower(ledger, stored);
    const auto act = rc::gen::weightedElement<Act>(
        {{6, Act::kFollow}, {2, Act::kFlush}, {3, Act::kCrash}, {1, Act::kRebuild}, {2, Act::kList}});
    const auto acts = *rc::gen::resize(kActsMax, rc::gen::container<std::vector<std::pair<Act, unsigned>>>(
                                                     rc::gen::pair(act, rc::gen::inRange(1U, 40U))));
    std::size_t to = 0;
    for (const auto& [next, events] : acts) follower.act(next, to = std::min(ledger.events.size(), to + events));
    follower.act(Act::kFollow, ledger.events.size());
    follower.act(Act::kList, ledger.events.size());

    once.append(ledger);
    RowStore(once.log()).catch_up();
    RC_ASSERT(dump(stored) == dump(once));

    const VerifyReport report = verify_ledger(stored.log());
    if (!report.ok()) RC_FAIL(report.findings.front().code + ": " + report.findings.front().detail);
    RC_ASSERT(report.events == ledger.events.size());
    RC_ASSERT(report.runs == ledger.runs.size());
  };
  // Works like rc::check() with fewer cases, because each case writes to a store.
  rc::detail::TestParams params = rc::detail::configuration().testParams;
  params.maxSuccess /= 5;
  const auto result = rc::detail::checkTestable(story, rc::detail::TestMetadata(), params);
  rc::detail::printResultMessage(result, std::cerr);
  EXPECT_TRUE(result.is<rc::detail::SuccessResult>());
}

}  // namespace
}  // namespace runledger
