// Requests of callers to rebuild the mirror that this daemon keeps.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ledger/base/mutex.h"
#include "ledger/values/rejection.h"
#include "projections/postgres/mirror.h"

namespace runledger {

struct RebuiltMirror {
  std::string schema;
  MirrorRebuildReport report;
};

// Hands requests from callers to the thread that keeps the mirror, which answers them one at a time. Any thread may
// call any function.
class MirrorRebuilds {
 public:
  // Gets the report, or what the rebuild failed with, by its code. Must neither wait nor throw.
  using Completion = std::function<void(const Result<RebuiltMirror>&)>;
  struct Request {
    bool dry_run = false;
    Completion complete;
  };

  // Calls `complete` exactly once: later, on the mirror's thread; or immediately, with "mirror.busy" when another
  // rebuild waits or is under way, and "mirror.stopped" when the daemon is ending.
  void request(Request request);

  // For the mirror's thread. `wake` is called whenever a request comes, on the thread of the caller, from now until it
  // is replaced; it may be empty. If a request waits already, it is called at once.
  void wake_by(std::function<void()> wake);
  // The request that waits; the next one is taken in only after finish().
  [[nodiscard]] std::optional<Request> take();
  void finish();
  // No request is answered any more, except with "mirror.stopped"; one that is under way is given up.
  void close();
  [[nodiscard]] bool closed() const;

 private:
  mutable Mutex mutex_;
  std::function<void()> wake_ RUNLEDGER_GUARDED_BY(mutex_);
  std::optional<Request> waiting_ RUNLEDGER_GUARDED_BY(mutex_);
  bool under_way_ RUNLEDGER_GUARDED_BY(mutex_) = false;
  bool closed_ RUNLEDGER_GUARDED_BY(mutex_) = false;
};

}  // namespace runledger
