// Threads that carry out the calls of HTTP callers. Only http/connection.* and http/server.cc use them.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <vector>

namespace runledger {

// A pool of threads on which callers take turns: a caller with many tasks delays its own, but not those of the others.
// Any thread may use it.
class HttpThreads {
 public:
  using Task = std::function<void()>;  // Must not throw.

  explicit HttpThreads(std::size_t count);
  ~HttpThreads();  // Calls join().
  HttpThreads(const HttpThreads&) = delete;
  HttpThreads& operator=(const HttpThreads&) = delete;

  // Queues a task. Tasks with the same `caller` are started in their order.
  void post(std::size_t caller, Task task);
  // Waits until all queued tasks are done, and ends the threads. May be called twice; after it, no task may be posted.
  void join();

 private:
  struct Queue;

  std::unique_ptr<Queue> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace runledger
