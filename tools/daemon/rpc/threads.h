// Threads that read for the RPC event loop. The event loop itself waits for a disk only to read the token file, and the
// runs that are named in commands of a caller with a scope.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <thread>
#include <variant>
#include <vector>

#include "ledger/base/failure.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

// A pool of threads with one queue. The queue is bounded by the calls that connections have in flight, because a task
// leaves it when its promise is destroyed. run() is used by the event loop's thread only.
class RpcThreads {
 public:
  // `watch` is notified of failures, and may be null. It is not owned, and must outlive the threads.
  explicit RpcThreads(std::size_t count, DaemonWatch* watch = nullptr);
  // Waits for tasks that have started, and drops the others.
  ~RpcThreads();
  RpcThreads(const RpcThreads&) = delete;
  RpcThreads& operator=(const RpcThreads&) = delete;

  // Carries out `work` on one of the threads, and passes its value to the calling event loop. A Failure or a Rejection
  // fails the call. Destroying the promise drops work that has not started. Work that has started may outlive the
  // promise, so it must not refer to objects of the event loop.
  template <class T>
  [[nodiscard]] kj::Promise<std::shared_ptr<T>> run(std::function<Result<T>()> work) {
    // A pointer, because GCC 12 warns that a variant inside a promise is uninitialised.
    using Made = std::variant<std::monostate, Result<T>, Failure>;
    const auto made = std::make_shared<Made>();
    return run_task([made, work = std::move(work)] {
             try {
               made->template emplace<1>(work());
             } catch (const Failure& failure) {
               made->template emplace<2>(failure);
             } catch (const std::exception& bug) {
               made->template emplace<2>(Remedy::kCallOperator, "internal", bug.what());
             }
           })
        .then([made, watch = watch_] {
          if (const auto* failure = std::get_if<2>(made.get())) fail_call(watch, *failure);
          Result<T>& result = std::get<1>(*made);
          if (!result) fail_call(watch, result.rejection());
          return std::make_shared<T>(*std::move(result));
        });
  }

  // Destroys `object` on one of the threads, because destroying it may wait for a disk.
  void destroy(std::shared_ptr<const void> object);

  // Returns a function that says whether the threads are to end. For long tasks, on any thread.
  [[nodiscard]] std::function<bool()> stop_requested() const;

  // How many tasks wait for a thread.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Queue;

  // `work` does not throw.
  [[nodiscard]] kj::Promise<void> run_task(std::function<void()> work);

  DaemonWatch* watch_;
  std::shared_ptr<Queue> queue_;  // Shared with the promises, which may outlive the threads.
  std::vector<std::thread> threads_;
};

// As RpcThreads::run(), but waits for the turn of `connection` first. For reads, since their answers may be large.
template <class T>
[[nodiscard]] kj::Promise<std::shared_ptr<T>> run_in_turn(Connection& connection, std::function<Result<T>()> work) {
  return connection.turns->take().then(
      [&threads = connection.caller.threads, work = std::move(work)](RpcTurns::Turn turn) mutable {
        return threads.run<T>(std::move(work)).attach(kj::mv(turn));
      });
}

// As run_in_turn(), for a call that is answered by this one read: `call` lives until the result is there.
template <class T>
[[nodiscard]] kj::Promise<std::shared_ptr<T>> run_call(CallUnderWay call, Connection& connection,
                                                       std::function<Result<T>()> work) {
  return run_in_turn<T>(connection, std::move(work)).then([call = kj::mv(call)](std::shared_ptr<T>&& made) mutable {
    call.answered();
    return kj::mv(made);
  });
}

}  // namespace runledger
