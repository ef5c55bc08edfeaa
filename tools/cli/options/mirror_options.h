// The options with which a user names a Postgres database and the schema of the mirror in it.
#pragma once

#include <chrono>

#include "projections/postgres/mirror.h"
#include "tools/cli/subcommand.h"

namespace runledger {

// How long a command tries to reach Postgres before it gives up. The daemon instead tries for as long as it runs.
inline constexpr std::chrono::milliseconds kMirrorTimeout{10'000};

// The values are checked without connecting to the database.
class TypedMirror {
 public:
  void declare(Options& options);
  // Returns nullopt when --postgres was not given. Throws Refused with codes "usage" (a schema without a database),
  // "postgres.invalid" and "schema.invalid".
  [[nodiscard]] std::optional<MirrorOptions> options() const;
  // The same, but it refuses with "usage" when --postgres was not given.
  [[nodiscard]] MirrorOptions require_options() const;

 private:
  Typed dsn_;
  Typed schema_;
};

}  // namespace runledger
