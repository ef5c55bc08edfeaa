// One queue of tasks in the order of their arrival, and the threads that take from it.
#include "tools/daemon/rpc/threads.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

#include <cstdint>
#include <map>

namespace runledger {

struct RpcThreads::Queue {
  Mutex mutex;
  std::map<std::uint64_t, std::function<void()>> tasks RUNLEDGER_GUARDED_BY(mutex);  // By number, in their order.
  std::uint64_t last RUNLEDGER_GUARDED_BY(mutex) = 0;
  bool stopping RUNLEDGER_GUARDED_BY(mutex) = false;
  Condition woken;

  void serve();
  void drop(std::uint64_t task) {
    std::function<void()> dropped;  // Declared before the lock, so that it is destroyed after the unlock.
    const MutexLock lock(mutex);
    const auto found = tasks.find(task);
    if (found == tasks.end()) return;
    dropped = std::move(found->second);
    tasks.erase(found);
  }
};

RpcThreads::RpcThreads(std::size_t count, DaemonWatch* watch) : watch_(watch), queue_(std::make_shared<Queue>()) {
  for (std::size_t i = 0; i < count; ++i)
    threads_.emplace_back([queue = queue_.get()] {
      name_thread("rpc-reads");
      queue->serve();
    });
}

RpcThreads::~RpcThreads() {
  {
    const MutexLock lock(queue_->mutex);
    queue_->stopping = true;
    queue_->tasks.clear();
  }
  queue_->woken.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void RpcThreads::destroy(std::shared_ptr<const void> object) {
  {
    const MutexLock lock(queue_->mutex);
    queue_->tasks.emplace(++queue_->last, [object = std::move(object)] {});  // Destroyed with the task.
  }
  queue_->woken.notify_one();
}

std::function<bool()> RpcThreads::stop_requested() const {
  return [queue = queue_] {
    const MutexLock lock(queue->mutex);
    return queue->stopping;
  };
}

std::size_t RpcThreads::waiting() const {
  const MutexLock lock(queue_->mutex);
  return queue_->tasks.size();
}

kj::Promise<void> RpcThreads::run_task(std::function<void()> work) {
  auto pair = kj::newPromiseAndCrossThreadFulfiller<void>();
  // Shared, because a std::function must be copyable and a fulfiller is not.
  const auto done = std::make_shared<kj::Own<kj::CrossThreadPromiseFulfiller<void>>>(kj::mv(pair.fulfiller));
  std::uint64_t task = 0;
  {
    const MutexLock lock(queue_->mutex);
    task = ++queue_->last;
    queue_->tasks.emplace(task, [work = std::move(work), done] {
      work();
      (*done)->fulfill();
    });
  }
  queue_->woken.notify_one();
  return pair.promise.attach(kj::defer([queue = queue_, task] { queue->drop(task); }));
}

void RpcThreads::Queue::serve() {
  for (;;) {
    std::function<void()> task;
    {
      MutexLock lock(mutex);
      while (!stopping && tasks.empty()) woken.wait(lock);
      if (stopping) return;
      task = std::move(tasks.begin()->second);
      tasks.erase(tasks.begin());
    }
    task();
  }
}

}  // namespace runledger
