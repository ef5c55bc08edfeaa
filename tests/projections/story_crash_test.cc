// Sends random stories to a real ledger that is closed, reopened and rebuilt in the middle: the rows equal the naive
// model.
#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <map>

#include "projections/folds/fold.h"
#include "projections/rows/store.h"
#include "projections/verify/verify.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/random_story.h"
#include "tests/fixtures/world/temporary_ledger.h"

namespace runledger {
namespace {

// The interruption of the ledger between two steps of its story.
enum class Interruption { kNone, kReopen, kCatchUp, kRebuild };

class Story {
 public:
  Answer submit(const Command& command, Time now) {
    world_.clock().advance(now - world_.clock().now());
    return world_.ledger().sequencer().submit(Submission{.command = command, .starter = story_starter(command)}).get();
  }

  void interrupt(Interruption interruption) {
    switch (interruption) {
      case Interruption::kNone:
        break;
      case Interruption::kReopen:
        world_.reopen();
        break;
      case Interruption::kCatchUp:
        RowStore(world_.ledger().log()).catch_up();
        break;
      case Interruption::kRebuild: {
        RowStore rows(world_.ledger().log());
        rows.catch_up();
        RC_ASSERT(rows.rebuild(false).drifted == 0U);
        break;
      }
    }
  }

  void compare(const NaiveModel& model) {
    EventLog& log = world_.ledger().log();
    RowStore rows(log);
    rows.catch_up();
    std::map<RunId, OperationRun::Row> found;
    const Result<RunPage> page = rows.list({}, RowStore::kPageMax, "");
    RC_ASSERT(static_cast<bool>(page));
    for (const OperationRun::Row& row : page->rows) found.emplace(row.id, row);
    RC_ASSERT(found.size() == model.runs().size());
    for (const NaiveModel::Run& run : model.runs()) {
      const auto place = found.find(run.id);
      RC_ASSERT(place != found.end());
      const OperationRun::Row* const row = &place->second;
      RC_ASSERT(row->status == run.status());
      RC_ASSERT(row->outcome == run.ended.value_or(RunOutcome::kPending));
      RC_ASSERT(row->deduped_count == run.deduped);
      RC_ASSERT(row->skipped_count == run.skipped);
      RC_ASSERT(row->summary_counts.empty() == !run.items().has_value());
      RC_ASSERT(fold_run(log, run.id, log.last()) == *row);
    }
    const VerifyReport report = verify_ledger(log);
    if (!report.ok()) RC_FAIL(report.findings.front().code + ": " + report.findings.front().detail);
    RC_ASSERT(report.runs == model.runs().size());
  }

 private:
  TemporaryLedger world_;
};

TEST(StoryOnDisk, RowsEqualTheNaiveModelWhateverInterruptsThem) {
  const bool held = rc::check("rows equal the naive model", [] {
    const auto story = arbitrary_story();
    const auto interruptions = *rc::gen::container<std::vector<Interruption>>(
        story.size(), rc::gen::weightedElement<Interruption>({{20, Interruption::kNone},
                                                              {2, Interruption::kReopen},
                                                              {1, Interruption::kCatchUp},
                                                              {1, Interruption::kRebuild}}));
    Story compared;
    std::size_t step = 0;
    const NaiveModel model = run_story(
        story, [&](const Command& command, Time now) { return compared.submit(command, now); },
        [&] { compared.interrupt(interruptions[step++]); });
    compared.compare(model);
  });
  EXPECT_TRUE(held);
}

}  // namespace
}  // namespace runledger
