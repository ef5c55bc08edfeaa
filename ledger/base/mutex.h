// A mutex that clang's thread safety analysis knows, and the marks that say what it guards.
//
// Source: https://clang.llvm.org/docs/ThreadSafetyAnalysis.html. GCC, which has no such analysis, ignores the marks.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>

#if defined(__clang__)
#define RUNLEDGER_THREAD_SAFETY(attribute) __attribute__((attribute))
#else
#define RUNLEDGER_THREAD_SAFETY(attribute)
#endif

// A member that is read and written only while the mutex is held.
#define RUNLEDGER_GUARDED_BY(mutex) RUNLEDGER_THREAD_SAFETY(guarded_by(mutex))
// A function whose caller holds the mutex.
#define RUNLEDGER_REQUIRES(mutex) RUNLEDGER_THREAD_SAFETY(requires_capability(mutex))

namespace runledger {

class Condition;

// As std::mutex; locked by a MutexLock.
class RUNLEDGER_THREAD_SAFETY(capability("mutex")) Mutex {
 private:
  friend class MutexLock;
  std::mutex mutex_;
};

// Holds the mutex from its construction to its destruction, but for the time between unlock() and lock().
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

// As std::condition_variable. It takes no predicates, because the analysis does not look through them: callers wait in
// a loop until what they wait for holds.
class Condition {
 public:
  void notify_one() noexcept { variable_.notify_one(); }
  void notify_all() noexcept { variable_.notify_all(); }

  void wait(MutexLock& lock) { variable_.wait(lock.lock_); }
  // Both return false once the time is up.
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
