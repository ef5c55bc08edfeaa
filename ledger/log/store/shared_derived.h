// A derived database that threads read while one of them writes it, and that any of them may have made again.
#pragma once

#include <functional>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/log/store/derived_store.h"

namespace runledger {

// Any thread may use it. It throws what the functions throw that are given to it.
class SharedDerived {
 public:
  // `open` returns the database, which it opens or makes on its first call, and `discard` removes it. Nothing else may
  // call `discard`.
  SharedDerived(std::function<const DerivedStore&()> open, std::function<void()> discard)
      : open_(std::move(open)), discard_(std::move(discard)) {}

  // Returns what `use` returns for the database, which is opened, or made, for the first call. `use` must not call a
  // function of this object.
  template <class Use>
  auto read(const Use& use) const {
    const std::shared_lock in_use(in_use_);
    return use(open_());
  }
  // The same for a `use` that writes. One call at a time; others may read meanwhile.
  template <class Use>
  auto write(const Use& use) const {
    const MutexLock alone(writing_);
    return read(use);
  }
  // Returns what `mend` returns, which may discard the database and make it again. One call at a time.
  template <class Mend>
  auto mend(const Mend& mend) const {
    const MutexLock alone(mending_);
    return mend();
  }
  // Removes the database, even a damaged one, once nobody uses it.
  void discard() const {
    const std::unique_lock alone(in_use_);
    discard_();
  }

 private:
  const std::function<const DerivedStore&()> open_;
  const std::function<void()> discard_;
  mutable Mutex mending_;
  mutable Mutex writing_;
  mutable std::shared_mutex in_use_;
};

}  // namespace runledger
