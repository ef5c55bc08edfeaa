// A list of callers, and a thread that goes through it whenever the mirror advances or a time has come.
//
// A caller is in the list until its answer is known. Each function takes it out under the mutex before it calls its
// completion without the mutex, so that no caller is answered twice, and a completion may call this object again.
#include "tools/daemon/access/mirror_waits.h"

#include <algorithm>
#include <thread>
#include <utility>
#include <vector>

#include "ledger/base/mutex.h"
#include "ledger/base/thread_name.h"

namespace runledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

Rejection mirror_behind() {
  return reject("mirror.behind", "expected the mirror to have the event, found it behind");
}

Rejection mirror_stopped() {
  return reject("mirror.stopped",
                "expected a mirror that follows the log, found that it has stopped: see the daemon's log");
}

}  // namespace

// Shared with the Waiting objects, which may outlive the MirrorWaits.
struct MirrorWaits::Impl {
  struct Caller {
    std::uint64_t number = 0;
    Wait wait;
    SteadyClock::time_point deadline;
    Completion complete;
  };

  Mutex mutex;
  Condition changed;
  std::vector<Caller> callers RUNLEDGER_GUARDED_BY(mutex);
  std::uint64_t last_number RUNLEDGER_GUARDED_BY(mutex) = 0;
  std::optional<Sequence> checkpoint RUNLEDGER_GUARDED_BY(mutex);  // Absent until Postgres was reached.
  bool has_stopped RUNLEDGER_GUARDED_BY(mutex) = false;
  bool has_news RUNLEDGER_GUARDED_BY(mutex) = false;  // The thread has not looked at it yet.
  bool is_ending RUNLEDGER_GUARDED_BY(mutex) = false;
  SteadyClock::time_point next_denial = SteadyClock::now();  // Used by the thread only.
  std::thread thread;

  void run();
  void answer_known();
  void refuse_denied();
  [[nodiscard]] std::optional<Caller> take(std::uint64_t number);

  // What the caller is to be answered by now; nullopt while it waits.
  [[nodiscard]] std::optional<std::optional<Rejection>> answer_to(const Caller& caller) const
      RUNLEDGER_REQUIRES(mutex) {
    if (checkpoint && caller.wait.position <= *checkpoint) return std::optional<Rejection>();
    if (has_stopped) return mirror_stopped();
    if (is_ending || caller.deadline <= SteadyClock::now()) return mirror_behind();
    return std::nullopt;
  }

  [[nodiscard]] SteadyClock::time_point next_look() const RUNLEDGER_REQUIRES(mutex) {
    SteadyClock::time_point next = next_denial;
    for (const Caller& caller : callers) next = std::min(next, caller.deadline);
    return next;
  }
};

void MirrorWaits::Impl::run() {
  name_thread("mirror-waits");
  MutexLock lock(mutex);
  while (!is_ending) {
    if (!has_news && callers.empty()) changed.wait(lock);
    if (!has_news && !callers.empty()) (void)changed.wait_until(lock, next_look());
    has_news = false;
    lock.unlock();
    answer_known();
    refuse_denied();
    lock.lock();
  }
}

void MirrorWaits::Impl::answer_known() {
  std::vector<std::pair<Caller, std::optional<Rejection>>> answered;
  {
    const MutexLock lock(mutex);
    for (Caller& caller : std::exchange(callers, {})) {
      if (auto answer = answer_to(caller)) {
        answered.emplace_back(std::move(caller), *std::move(answer));
      } else {
        callers.push_back(std::move(caller));
      }
    }
  }
  for (const auto& [caller, answer] : answered) caller.complete(answer);
}

void MirrorWaits::Impl::refuse_denied() {
  if (SteadyClock::now() < next_denial) return;
  std::vector<std::pair<std::uint64_t, std::function<std::optional<Rejection>()>>> asked;
  {
    const MutexLock lock(mutex);
    for (const Caller& caller : callers) {
      if (caller.wait.deny) asked.emplace_back(caller.number, caller.wait.deny);
    }
  }
  for (const auto& [number, deny] : asked) {
    const std::optional<Rejection> denied = deny();
    if (!denied) continue;
    if (const std::optional<Caller> caller = take(number)) caller->complete(denied);
  }
  next_denial = SteadyClock::now() + kDeniedEvery;
}

std::optional<MirrorWaits::Impl::Caller> MirrorWaits::Impl::take(std::uint64_t number) {
  const MutexLock lock(mutex);
  const auto found = std::ranges::find(callers, number, &Caller::number);
  if (found == callers.end()) return std::nullopt;
  Caller taken = std::move(*found);
  callers.erase(found);
  return taken;
}

MirrorWaits::MirrorWaits() : impl_(std::make_shared<Impl>()) {
  impl_->thread = std::thread([impl = impl_.get()] { impl->run(); });
}

MirrorWaits::~MirrorWaits() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->is_ending = impl_->has_news = true;
  }
  impl_->changed.notify_one();
  impl_->thread.join();
  impl_->answer_known();
}

Waiting MirrorWaits::wait(Wait wait, Completion complete) {
  const SteadyClock::time_point deadline = SteadyClock::now() + wait.time;
  Impl::Caller caller{.number = 0, .wait = std::move(wait), .deadline = deadline, .complete = std::move(complete)};
  std::uint64_t number = 0;
  {
    MutexLock lock(impl_->mutex);
    if (const auto answer = impl_->answer_to(caller)) {
      lock.unlock();
      caller.complete(*answer);
      return {};
    }
    number = caller.number = ++impl_->last_number;
    impl_->callers.push_back(std::move(caller));
    impl_->has_news = true;
  }
  impl_->changed.notify_one();
  return Waiting([weak = std::weak_ptr(impl_), number] {
    const std::shared_ptr<Impl> impl = weak.lock();
    if (impl == nullptr) return;
    if (const std::optional<Impl::Caller> withdrawn = impl->take(number)) withdrawn->complete(mirror_behind());
  });
}

void MirrorWaits::advanced(Sequence checkpoint) {
  {
    const MutexLock lock(impl_->mutex);
    impl_->checkpoint = checkpoint;
    impl_->has_stopped = false;
    impl_->has_news = true;
  }
  impl_->changed.notify_one();
}

void MirrorWaits::stopped() {
  {
    const MutexLock lock(impl_->mutex);
    impl_->has_stopped = impl_->has_news = true;
  }
  impl_->changed.notify_one();
}

}  // namespace runledger
