// Keeps one queue for each caller that has tasks, and a queue of callers in the order of their turns.
#include "tools/daemon/http/threads.h"
#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

#include <deque>
#include <unordered_map>
#include <utility>

namespace runledger {

struct HttpThreads::Queue {
  Mutex mutex;
  std::unordered_map<std::size_t, std::deque<Task>> tasks RUNLEDGER_GUARDED_BY(mutex);  // By caller; no deque is empty.
  std::deque<std::size_t> next RUNLEDGER_GUARDED_BY(mutex);                             // Each caller with tasks, once.
  bool ending RUNLEDGER_GUARDED_BY(mutex) = false;
  Condition woken;

  // Removes the next task, and puts its caller at the end of the turns. Requires that there is a task.
  [[nodiscard]] Task take() RUNLEDGER_REQUIRES(mutex) {
    const std::size_t caller = next.front();
    next.pop_front();
    const auto of_caller = tasks.find(caller);
    Task first = std::move(of_caller->second.front());
    of_caller->second.pop_front();
    if (of_caller->second.empty()) {
      tasks.erase(of_caller);
    } else {
      next.push_back(caller);
    }
    return first;
  }

  void serve() {
    for (;;) {
      Task task;
      {
        MutexLock lock(mutex);
        while (!ending && next.empty()) woken.wait(lock);
        if (next.empty()) return;
        task = take();
      }
      task();
    }
  }
};

HttpThreads::HttpThreads(std::size_t count) : queue_(std::make_unique<Queue>()) {
  for (std::size_t i = 0; i < count; ++i)
    threads_.emplace_back([queue = queue_.get()] {
      name_thread("http-calls");
      queue->serve();
    });
}

HttpThreads::~HttpThreads() {
  join();
}

void HttpThreads::post(std::size_t caller, Task task) {
  {
    const MutexLock lock(queue_->mutex);
    std::deque<Task>& of_caller = queue_->tasks[caller];
    if (of_caller.empty()) queue_->next.push_back(caller);
    of_caller.push_back(std::move(task));
  }
  queue_->woken.notify_one();
}

void HttpThreads::join() {
  {
    const MutexLock lock(queue_->mutex);
    queue_->ending = true;
  }
  queue_->woken.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace runledger
