// Work for the threads of the event loop. Work whose caller has gone is not done, and takes no room in the queue.
#include "tools/daemon/rpc/threads.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace runledger {
namespace {

TEST(RpcThreads, ForgetWhatNobodyAwaitsAnyMore) {
  auto io = kj::setupAsyncIo();
  std::promise<void> begun;
  std::promise<void> release;
  std::atomic<int> done = 0;
  RpcThreads threads(1);
  const auto busy = threads.run<int>([&]() -> Result<int> {
    begun.set_value();
    release.get_future().wait();
    return ++done;
  });
  begun.get_future().wait();
  {
    std::vector<kj::Promise<std::shared_ptr<int>>> unwanted;
    for (int i = 0; i < 10; ++i) unwanted.push_back(threads.run<int>([&]() -> Result<int> { return ++done; }));
    EXPECT_EQ(threads.waiting(), 10U);
  }
  EXPECT_EQ(threads.waiting(), 0U);
  auto wanted = threads.run<int>([&]() -> Result<int> { return ++done; });
  release.set_value();
  EXPECT_EQ(*wanted.wait(io.waitScope), 2) << "only the first piece of work and this one were done";
}

TEST(RpcThreads, TellLongWorkThatTheyAreToEnd) {
  auto io = kj::setupAsyncIo();
  std::promise<void> begun;
  bool stopped = false;
  kj::Maybe<kj::Promise<std::shared_ptr<int>>> left;
  {
    RpcThreads threads(1);
    const auto stop_requested = threads.stop_requested();
    EXPECT_FALSE(stop_requested());
    left = threads.run<int>([&, stop_requested]() -> Result<int> {
      begun.set_value();
      while (!stop_requested()) std::this_thread::yield();
      stopped = true;
      return 1;
    });
    begun.get_future().wait();
  }
  EXPECT_TRUE(stopped);
  left = nullptr;
}

TEST(RpcThreads, MayBeGoneBeforeWhatTheyWereAskedFor) {
  auto io = kj::setupAsyncIo();
  kj::Maybe<kj::Promise<std::shared_ptr<int>>> left;
  {
    RpcThreads threads(1);
    left = threads.run<int>([]() -> Result<int> { return 1; });
  }
  left = nullptr;
}

}  // namespace
}  // namespace runledger
