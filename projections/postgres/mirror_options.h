// The options that name a mirror and tune the writing to it.
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>

namespace runledger {

struct MirrorOptions {
  std::string dsn;  // A libpq connection string. Never logged: it may hold a password.
  // Created when it is missing. Absent: the one that find_mirror_schema() finds (projections/postgres/mirror_schema.h).
  std::optional<std::string> schema = std::nullopt;
  // The events of one transaction, at least 1. A batch of 20,000 takes about half a second.
  std::size_t events_per_batch_max = 20'000;
  // The same while the mirror lags by more than that. With more events, more of them fall on the same run and cost only
  // one row.
  std::size_t events_per_long_batch_max = 300'000;
  std::chrono::milliseconds reconnect_delay_min{100};     // The first delay. It doubles after each failure in a row.
  std::chrono::milliseconds reconnect_delay_max{10'000};  // The longest delay.
  // How often a mirror that waits for events looks whether its tables are still there.
  std::chrono::milliseconds look_every{5'000};
};

// Checks the options as far as that is possible without connecting. Throws Failure "mirror.dsn_invalid".
void check_mirror_options(const MirrorOptions& options);

}  // namespace runledger
