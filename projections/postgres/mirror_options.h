// The options that name a mirror and tune the writing to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace runledger {

struct MirrorOptions {
  std::string dsn;                // A libpq connection string. Never logged: it may hold a password.
  std::string schema = "public";  // Created when it is missing.
  // The events of one transaction, at least 1. A batch of 20,000 takes about half a second.
  std::size_t events_per_batch_max = 20'000;
  // The same while the mirror lags by more than that. With more events, more of them fall on the same run and cost only
  // one row.
  std::size_t events_per_long_batch_max = 300'000;
  std::chrono::milliseconds reconnect_delay_min{100};     // The first delay. It doubles after each failure in a row.
  std::chrono::milliseconds reconnect_delay_max{10'000};  // The longest delay.
};

// Checks the options as far as that is possible without connecting. Throws Failure "mirror.dsn_invalid".
void check_mirror_options(const MirrorOptions& options);

// Connects once, as a mirror would, and disconnects; changes nothing. Returns why the server cannot be reached at the
// moment, and nullopt when it was. Throws Failure as PostgresConnection does for what only other options can mend:
// "mirror.pooler", "mirror.dsn_invalid" and "mirror.schema_invalid".
[[nodiscard]] std::optional<std::string> find_mirror_unreachable(const MirrorOptions& options);

}  // namespace runledger
