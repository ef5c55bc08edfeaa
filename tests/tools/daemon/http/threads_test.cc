// The order in which the server serves callers over HTTP.
#include "tools/daemon/http/threads.h"

#include <gtest/gtest.h>

#include <future>
#include <string>

namespace runledger {
namespace {

TEST(HttpThreads, ServeCallersInTurnAndEachInItsOrder) {
  HttpThreads threads(1);
  std::promise<void> begin;
  std::string order;
  threads.post(0, [&] { begin.get_future().wait(); });
  for (const char name : {'a', 'b', 'c'}) threads.post(1, [&order, name] { order += name; });
  for (const char name : {'x', 'y'}) threads.post(2, [&order, name] { order += name; });
  begin.set_value();
  threads.join();
  EXPECT_EQ(order, "axbyc");
}

TEST(HttpThreads, CarryOutWhatIsLeftBeforeTheyEnd) {
  HttpThreads threads(2);
  std::promise<void> begin;
  const std::shared_future<void> begun = begin.get_future().share();
  std::atomic<int> count = 0;
  for (std::size_t caller = 0; caller < 10; ++caller) {
    threads.post(caller, [&count, begun] {
      begun.wait();
      ++count;
    });
  }
  begin.set_value();
  threads.join();
  EXPECT_EQ(count, 10);
}

}  // namespace
}  // namespace runledger
