// One queue for each caller that has something in it, and the order in which they are next.
#include "tools/daemon/http/threads.h"

#include <condition_variable>
#include <mutex>
#include <utility>

namespace runledger {

struct HttpThreads::Queue {
  std::mutex mutex;                                         // Guards the rest.
  std::unordered_map<std::size_t, std::deque<Task>> tasks;  // None of them empty.
  std::deque<std::size_t> next;                             // Each caller with tasks, once.
  bool ending = false;
  std::condition_variable woken;

  // Requires that there is one.
  [[nodiscard]] Task take() {
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
        std::unique_lock lock(mutex);
        woken.wait(lock, [this] { return ending || !next.empty(); });
        if (next.empty()) return;
        task = take();
      }
      task();
    }
  }
};

HttpThreads::HttpThreads(std::size_t count) : queue_(std::make_unique<Queue>()) {
  for (std::size_t i = 0; i < count; ++i) threads_.emplace_back([queue = queue_.get()] { queue->serve(); });
}

HttpThreads::~HttpThreads() {
  join();
}

void HttpThreads::post(std::size_t caller, Task task) {
  {
    const std::lock_guard lock(queue_->mutex);
    std::deque<Task>& of_caller = queue_->tasks[caller];
    if (of_caller.empty()) queue_->next.push_back(caller);
    of_caller.push_back(std::move(task));
  }
  queue_->woken.notify_one();
}

void HttpThreads::join() {
  {
    const std::lock_guard lock(queue_->mutex);
    queue_->ending = true;
  }
  queue_->woken.notify_all();
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace runledger
