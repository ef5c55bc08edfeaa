// The mirror in Postgres, opened on a ledger that no other process changes meanwhile.
#pragma once

#include <functional>
#include <optional>

#include "projections/postgres/mirror.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {

// Owns the ledger, or the copy of it, and the mirror on top. Used by one thread.
class QuiescentMirror {
 public:
  // Opens the ledger, then the mirror by calling `open`. If the mirror is ahead of a copy, because the daemon mirrored
  // more events after it made the copy, it makes a new copy and tries again, with at most five copies. Throws as
  // QuiescentLedger and Mirror::open() do.
  using Open = std::function<void(Mirror& mirror)>;
  QuiescentMirror(const Context& context, const MirrorOptions& options, Served served,
                  const Open& open = open_with_retries);
  static void open_with_retries(Mirror& mirror);  // Tries to reach Postgres for kMirrorTimeout.

  [[nodiscard]] Mirror& mirror() { return *mirror_; }

 private:
  std::optional<QuiescentLedger> resting_;
  std::optional<Mirror> mirror_;
};

}  // namespace runledger
