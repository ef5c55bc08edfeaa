// The mirror of a ledger that nobody changes meanwhile.
#pragma once

#include <functional>
#include <optional>

#include "projections/postgres/mirror.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {

class QuiescentMirror {
 public:
  // Opens both, the mirror by `open`. Throws as QuiescentLedger and Mirror::open() do.
  using Open = std::function<void(Mirror& mirror)>;
  QuiescentMirror(const Context& context, const MirrorOptions& options, Served served,
                  const Open& open = open_patiently);
  static void open_patiently(Mirror& mirror);  // As commands do.

  [[nodiscard]] Mirror& mirror() { return *mirror_; }

 private:
  std::optional<QuiescentLedger> resting_;
  std::optional<Mirror> mirror_;
};

}  // namespace runledger
