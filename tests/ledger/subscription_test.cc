// Following the log: everything once, in order, as it comes.
#include "ledger/subscription.h"

#include <gtest/gtest.h>

#include <thread>

#include "tests/fixtures/event_maker.h"
#include "tests/fixtures/log_directory.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;

class SubscriptionTest : public testing::Test {
 protected:
  LogDirectory here_{LogDirectory::Disk::kMemory};
  EventMaker maker_;
};

TEST_F(SubscriptionTest, FirstComesWhatIsThere) {
  here_.log->append(maker_.next(10));
  Subscription subscription(*here_.log, Sequence{4});
  const std::vector<Envelope> first = subscription.next(4, milliseconds(0));
  ASSERT_EQ(first.size(), 4U);
  EXPECT_EQ(first.front().sequence, Sequence{5});
  EXPECT_EQ(subscription.position(), Sequence{8});
  EXPECT_EQ(subscription.next(100, milliseconds(0)).size(), 2U);
  EXPECT_EQ(subscription.position(), Sequence{10});
}

TEST_F(SubscriptionTest, NothingNewIsNothing) {
  here_.log->append(maker_.next(3));
  Subscription subscription(*here_.log, Sequence{3});
  EXPECT_TRUE(subscription.next(10, milliseconds(1)).empty());
  EXPECT_EQ(subscription.position(), Sequence{3});
}

TEST_F(SubscriptionTest, AStartBeyondTheEndWaitsForIt) {
  here_.log->append(maker_.next(3));
  Subscription subscription(*here_.log, Sequence{5});
  EXPECT_TRUE(subscription.next(10, milliseconds(1)).empty());
  here_.log->append(maker_.next(3));
  const std::vector<Envelope> events = subscription.next(10, milliseconds(0));
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(events[0].sequence, Sequence{6});
}

TEST_F(SubscriptionTest, WhatComesIsGivenOnceAndInOrder) {
  constexpr std::uint64_t kEvents = 2000;
  std::thread appender([&] {
    while (maker_.last().value < kEvents) here_.log->append(maker_.next(1 + maker_.last().value % 7));
  });
  Subscription subscription(*here_.log, Sequence{0});
  Sequence expected{1};
  while (expected.value <= kEvents) {
    for (const Envelope& event : subscription.next(16, std::chrono::minutes(1))) {
      ASSERT_EQ(event.sequence, expected);
      expected = expected.next();
    }
  }
  appender.join();
}

}  // namespace
}  // namespace runledger
