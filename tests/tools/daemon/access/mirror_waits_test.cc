// Callers that wait for the mirror, and what each of them is answered.
#include "tools/daemon/access/mirror_waits.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

namespace runledger {
namespace {

using namespace std::chrono_literals;

// A wait, and its answer: "reached", or a code.
class MirrorCaller {
 public:
  MirrorCaller(MirrorWaits& waits, std::uint64_t position, std::chrono::milliseconds time = 60s,
               std::function<std::optional<Rejection>()> deny = {})
      : answer_(promise_->get_future()),
        waiting_(waits.wait({.position = Sequence{position}, .time = time, .deny = std::move(deny)},
                            [promise = promise_](const std::optional<Rejection>& refused) {
                              promise->set_value(refused ? refused->code : "reached");
                            })) {}
  [[nodiscard]] bool is_waiting() const { return answer_.wait_for(0s) == std::future_status::timeout; }
  [[nodiscard]] std::string answer() { return answer_.get(); }
  void withdraw() { const Waiting withdrawn = std::move(waiting_); }

 private:
  std::shared_ptr<std::promise<std::string>> promise_ = std::make_shared<std::promise<std::string>>();
  std::future<std::string> answer_;
  Waiting waiting_;
};

TEST(MirrorWaits, AreAnsweredOnceTheMirrorHasTheEvent) {
  MirrorWaits waits;
  MirrorCaller third(waits, 3);
  MirrorCaller fifth(waits, 5);
  waits.advanced(Sequence{2});
  waits.advanced(Sequence{4});
  EXPECT_EQ(third.answer(), "reached");
  EXPECT_TRUE(fifth.is_waiting());
  EXPECT_EQ(MirrorCaller(waits, 4).answer(), "reached");
  waits.advanced(Sequence{5});
  EXPECT_EQ(fifth.answer(), "reached");
  EXPECT_EQ(MirrorCaller(waits, 0).answer(), "reached");
}

TEST(MirrorWaits, EndWhenTheirTimeHasPassed) {
  MirrorWaits waits;
  EXPECT_EQ(MirrorCaller(waits, 0, 0s).answer(), "mirror.behind") << "Postgres was not reached yet";
  waits.advanced(Sequence{1});
  EXPECT_EQ(MirrorCaller(waits, 1, 0s).answer(), "reached");
  EXPECT_EQ(MirrorCaller(waits, 2, 0s).answer(), "mirror.behind");
  EXPECT_EQ(MirrorCaller(waits, 2, 1ms).answer(), "mirror.behind");
}

TEST(MirrorWaits, FollowAMirrorThatGoesOnFromAnEarlierCheckpoint) {
  MirrorWaits waits;
  waits.advanced(Sequence{9});
  waits.advanced(Sequence{7});
  EXPECT_EQ(MirrorCaller(waits, 8, 0s).answer(), "mirror.behind");
}

TEST(MirrorWaits, EndWhenTheMirrorStops) {
  MirrorWaits waits;
  waits.advanced(Sequence{1});
  MirrorCaller early(waits, 2);
  waits.stopped();
  EXPECT_EQ(early.answer(), "mirror.stopped");
  EXPECT_EQ(MirrorCaller(waits, 2).answer(), "mirror.stopped");
  EXPECT_EQ(MirrorCaller(waits, 1).answer(), "reached");
}

TEST(MirrorWaits, EndForACallerThatMayNoLongerBeAnswered) {
  MirrorWaits waits;
  std::atomic<bool> is_denied = false;
  MirrorCaller denied(waits, 1, 60s, [&]() -> std::optional<Rejection> {
    return is_denied ? std::optional(reject("access.unauthenticated", "ended")) : std::nullopt;
  });
  EXPECT_TRUE(denied.is_waiting());
  is_denied = true;
  EXPECT_EQ(denied.answer(), "access.unauthenticated");
}

TEST(MirrorWaits, AreWithdrawnOneByOneAndByTheEndOfAll) {
  std::optional<MirrorWaits> waits(std::in_place);
  MirrorCaller withdrawn(*waits, 1);
  MirrorCaller left(*waits, 1);
  withdrawn.withdraw();
  EXPECT_EQ(withdrawn.answer(), "mirror.behind");
  EXPECT_TRUE(left.is_waiting());
  waits.reset();
  EXPECT_EQ(left.answer(), "mirror.behind");
  left.withdraw();
}

}  // namespace
}  // namespace runledger
