// The options by which project, rebuild and verify name a Postgres mirror.
#pragma once

#include <chrono>

#include "projections/postgres/mirror.h"
#include "tools/cli/subcommand.h"

namespace runledger {

// How long a command tries to reach Postgres before it gives up.
inline constexpr std::chrono::milliseconds kMirrorPatience{10'000};

class TypedMirror {
 public:
  void declare(Options& options);
  [[nodiscard]] bool given() const { return dsn_.has_value(); }
  // Codes "usage" (not given), "postgres.invalid", "schema.invalid".
  [[nodiscard]] MirrorOptions require_options() const;

 private:
  Typed dsn_;
  Typed schema_;
};

}  // namespace runledger
