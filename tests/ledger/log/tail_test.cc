// Tests that a follower sees the log grow, and that it ends when it is stopped.
#include "ledger/log/tail.h"

#include <gtest/gtest.h>

#include <future>
#include <thread>
#include <vector>

#include "ledger/base/failure.h"
#include "tests/fixtures/data/event_maker.h"
#include "tests/fixtures/world/log_directory.h"

namespace runledger {
namespace {

class LogTail : public testing::Test {
 protected:
  LogDirectory here_{LogDirectory::Disk::kMemory};
  EventMaker maker_;
};

TEST_F(LogTail, IsCalledForWhatIsThereAlreadyAndForWhatComes) {
  here_.append(maker_.next(3));
  std::promise<void> first;
  std::vector<Sequence> seen;
  std::jthread follower([&](const std::stop_token&) {
    std::stop_source stop;
    follow_log(*here_.log, Sequence{1}, stop.get_token(), [&](Sequence last) {
      seen.push_back(last);
      if (seen.size() == 1) first.set_value();
      if (seen.size() == 2) stop.request_stop();
      return last;
    });
  });
  first.get_future().wait();
  here_.append(maker_.next(2));
  follower.join();
  EXPECT_EQ(seen, (std::vector<Sequence>{Sequence{3}, Sequence{5}}));
}

TEST_F(LogTail, IsCalledAgainAtOnceWhereItsWorkFellShort) {
  here_.append(maker_.next(5));
  std::stop_source stop;
  Sequence taken;
  follow_log(*here_.log, taken, stop.get_token(), [&](Sequence last) {
    EXPECT_EQ(last, Sequence{5});
    taken = Sequence{taken.value + 2};
    if (taken >= last) stop.request_stop();
    return taken;
  });
  EXPECT_EQ(taken, Sequence{6});
}

// Would never return if the stop did not end the wait.
TEST_F(LogTail, AStopEndsAWait) {
  here_.append(maker_.next(1));
  std::jthread follower([&](const std::stop_token& stop) {
    follow_log(*here_.log, Sequence{1}, stop, [](Sequence last) {
      ADD_FAILURE() << "no event was appended";
      return last;
    });
  });
  follower.request_stop();
  follower.join();
}

TEST_F(LogTail, DoesNothingAfterAStopThatCameBefore) {
  here_.append(maker_.next(1));
  std::stop_source stop;
  stop.request_stop();
  follow_log(*here_.log, Sequence{}, stop.get_token(), [](Sequence last) {
    ADD_FAILURE() << "it was stopped before";
    return last;
  });
}

TEST_F(LogTail, PassesOnWhatItsWorkThrows) {
  here_.append(maker_.next(1));
  const auto follow = [&] {
    follow_log(*here_.log, Sequence{}, {},
               [](Sequence) -> Sequence { throw Failure(Remedy::kCallOperator, "storage.failed", "of a test"); });
  };
  EXPECT_THROW(follow(), Failure);
}

}  // namespace
}  // namespace runledger
