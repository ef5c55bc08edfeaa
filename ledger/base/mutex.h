// A mutex that clang's thread safety analysis understands, and the annotations that declare which members it guards.
//
// Source: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. The annotations expand to nothing under GCC, which has
// no such analysis.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define RUNLEDGER_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define RUNLEDGER_THREAD_SAFETY(attribute)
#endif

// Marks a member that is read and written only while the mutex is held.
#define RUNLEDGER_GUARDED_BY(mutex) RUNLEDGER_THREAD_SAFETY(guarded_by(mutex))
// Marks a function whose caller must hold the mutex.
#define RUNLEDGER_REQUIRES(mutex) RUNLEDGER_THREAD_SAFETY(requires_capability(mutex))

namespace runledger {

class Condition;

// Behaves as std::mutex; a MutexLock locks it.
class RUNLEDGER_THREAD_SAFETY(capability("mutex")) Mutex {
 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds the mutex from construction to destruction, except between unlock() and lock().
class RUNLEDGER_THREAD_SAFETY(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) RUNLEDGER_THREAD_SAFETY(acquire_capability(mutex)) : lock_(mutex.mutex_) {}
  ~MutexLock() RUNLEDGER_THREAD_SAFETY(release_capability()) = default;
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

  void lock() RUNLEDGER_THREAD_SAFETY(acquire_capability()) { lock_.lock(); }
  void unlock() RUNLEDGER_THREAD_SAFETY(release_capability()) { lock_.unlock(); }

 private:
  friend class Condition;
  std::unique_lock<std::mutex> lock_;
};

// Behaves as std::condition_variable. It takes no predicates, because the analysis does not see into them; callers
// wait in a loop until their condition holds.
class Condition {
 public:
  void notify_one() noexcept { variable_.notify_one(); }
  void notify_all() noexcept { variable_.notify_all(); }

  // May wake up spuriously, as wait_until() and wait_for() may.
  void wait(MutexLock& lock) { variable_.wait(lock.lock_); }
  // wait_until() and wait_for() return false once the time has passed.
  template <class Clock, class Duration>
  [[nodiscard]] bool wait_until(MutexLock& lock, const std::chrono::time_point<Clock, Duration>& time) {
    return variable_.wait_until(lock.lock_, time) == std::cv_status::no_timeout;
  }
  template <class Rep, class Period>
  [[nodiscard]] bool wait_for(MutexLock& lock, const std::chrono::duration<Rep, Period>& time) {
    return wait_until(lock, std::chrono::steady_clock::now() + time);
  }

 private:
  std::condition_variable variable_;
};

}  // namespace runledger
