// Threads that read for the RPC event loop, which itself waits for a disk for no more than the token file and the runs
// that commands of a scoped caller name.
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

// Its queue holds no more than the calls that connections have in flight: what is no longer awaited leaves it.
class RpcThreads {
 public:
  // `watch` is told what fails, and may be null. Not owned; must outlive it.
  explicit RpcThreads(std::size_t count, DaemonWatch* watch = nullptr);
  // Waits for what is being done; what has not begun is dropped.
  ~RpcThreads();
  RpcThreads(const RpcThreads&) = delete;
  RpcThreads& operator=(const RpcThreads&) = delete;

  // What `work` gives, on the caller's event loop; a Failure and a Rejection fail the call. Not begun once the promise
  // is gone; but what has begun may outlive the promise, so it holds nothing of the event loop's.
  template <class T>
  [[nodiscard]] kj::Promise<std::shared_ptr<T>> run(std::function<Result<T>()> work) {
    // By pointer, because GCC 12 finds a variant inside of a promise uninitialised.
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
          return std::make_shared<T>(need(watch, std::move(std::get<1>(*made))));
        });
  }

  // Has one of them destroy `object`, for which it may take a disk.
  void destroy(std::shared_ptr<const void> object);

  // How many wait for a thread.
  [[nodiscard]] std::size_t waiting() const;

 private:
  struct Queue;

  // `work` does not throw.
  [[nodiscard]] kj::Promise<void> run_task(std::function<void()> work);

  DaemonWatch* watch_;
  std::shared_ptr<Queue> queue_;  // Shared with the promises, which may outlive this.
  std::vector<std::thread> threads_;
};

// The same in its turn among the reads of `connection`: it is answered with much.
template <class T>
[[nodiscard]] kj::Promise<std::shared_ptr<T>> run_in_turn(Connection& connection, std::function<Result<T>()> work) {
  return connection.turns->take().then(
      [&threads = connection.caller.threads, work = std::move(work)](RpcTurns::Turn turn) mutable {
        return threads.run<T>(std::move(work)).attach(kj::mv(turn));
      });
}

// The same for one call, which counts among those of its connection for as long as it is under way.
template <class T>
[[nodiscard]] kj::Promise<std::shared_ptr<T>> run_call(CallUnderWay call, Connection& connection,
                                                       std::function<Result<T>()> work) {
  return run_in_turn<T>(connection, std::move(work)).then([call = kj::mv(call)](std::shared_ptr<T>&& made) mutable {
    call.answered();
    return kj::mv(made);
  });
}

}  // namespace runledger
