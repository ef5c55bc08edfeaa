// The options by which a command names a Postgres database, and its schema there.
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
  // Absent when no mirror is named. Codes "usage" (a schema without its database), "postgres.invalid",
  // "schema.invalid".
  [[nodiscard]] std::optional<MirrorOptions> options() const;
  // The same, and "usage" when none is named.
  [[nodiscard]] MirrorOptions require_options() const;

 private:
  Typed dsn_;
  Typed schema_;
};

}  // namespace runledger
