// A queue and the threads that take from it.
#include "tools/daemon/rpc_threads.h"

namespace runledger {

RpcThreads::RpcThreads(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([this] { serve(); });
}

RpcThreads::~RpcThreads() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    tasks_.clear();
  }
  woken_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

kj::Promise<void> RpcThreads::run_task(std::function<void()> work) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  // A std::function can be copied, which a fulfiller cannot.
  const auto done = std::make_shared<kj::Own<kj::CrossThreadPromiseFulfiller<void>>>(kj::mv(pair.fulfiller));
  {
    const std::lock_guard lock(mutex_);
    tasks_.emplace_back([work = std::move(work), done] {
      try {
        work();
        (*done)->fulfill();
      } catch (const std::exception& error) {
        (*done)->reject(kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__, kj::heapString(error.what())));
      }
    });
  }
  woken_.notify_one();
  return kj::mv(pair.promise);
}

void RpcThreads::serve() {
  for (;;) {
    std::function<void()> task;
    {
      std::unique_lock lock(mutex_);
      woken_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
      if (stopping_) return;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
  }
}

}  // namespace runledger
