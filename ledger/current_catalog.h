// The catalog in force, which can be replaced while the ledger is open.
#pragma once

#include <memory>
#include <utility>

#include "ledger/base/mutex.h"
#include "ledger/rules/catalog.h"

namespace runledger {

// Any thread may use it. A reader keeps the catalog that it got, whatever replaces it, so a caller that needs
// one catalog for several steps reads it once.
class CurrentCatalog {
 public:
  explicit CurrentCatalog(Catalog catalog) : catalog_(std::make_shared<const Catalog>(std::move(catalog))) {}

  // Never null.
  [[nodiscard]] std::shared_ptr<const Catalog> read() const {
    const MutexLock lock(mutex_);
    return catalog_;
  }

  void replace(Catalog catalog) {
    auto next = std::make_shared<const Catalog>(std::move(catalog));
    const MutexLock lock(mutex_);
    catalog_.swap(next);  // `next` then holds the old one, and outlives the lock.
  }

 private:
  mutable Mutex mutex_;
  std::shared_ptr<const Catalog> catalog_ RUNLEDGER_GUARDED_BY(mutex_);
};

}  // namespace runledger
