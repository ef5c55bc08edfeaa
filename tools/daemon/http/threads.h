// Threads that carry out what callers over HTTP ask for. For http_connection.* and http_server.cc alone.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <thread>
#include <unordered_map>
#include <vector>

namespace runledger {

// Callers take turns: whoever asks for much waits behind itself, and not the others behind it. Any thread may use it.
class HttpThreads {
 public:
  using Task = std::function<void()>;  // Does not throw.

  explicit HttpThreads(std::size_t count);
  ~HttpThreads();  // join()
  HttpThreads(const HttpThreads&) = delete;
  HttpThreads& operator=(const HttpThreads&) = delete;

  // Tasks of one caller are begun in their order. Whoever has the same number counts as one.
  void post(std::size_t caller, Task task);
  // Carries out all that was posted, and ends. May be called twice; nothing may be posted after it.
  void join();

 private:
  struct Queue;

  std::unique_ptr<Queue> queue_;
  std::vector<std::thread> threads_;
};

}  // namespace runledger
