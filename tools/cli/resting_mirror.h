// The mirror of a ledger that nobody changes meanwhile.
#pragma once

#include <functional>
#include <optional>

#include "projections/postgres/mirror.h"
#include "tools/cli/reached_ledger.h"

namespace runledger {

class RestingMirror {
 public:
  // Opens both, the mirror by `open`. Throws as RestingLedger and Mirror::open() do.
  using Open = std::function<void(Mirror& mirror)>;
  RestingMirror(const Context& context, const MirrorOptions& options, Served served, const Open& open = open_patiently);
  static void open_patiently(Mirror& mirror);  // As commands do.

  [[nodiscard]] Mirror& mirror() { return *mirror_; }

 private:
  std::optional<RestingLedger> resting_;
  std::optional<Mirror> mirror_;
};

}  // namespace runledger
