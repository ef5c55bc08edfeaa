// Which mirror is meant, and how it is written to.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

namespace runledger {

struct MirrorOptions {
  std::string dsn;                // A libpq connection string. Never logged: it may hold a password.
  std::string schema = "public";  // Made when missing.
  // One transaction each. The more, the more events of one run fall into one, and cost one row; a batch of 20,000 takes
  // about half a second. At least 1.
  std::size_t events_per_batch_max = 20'000;
  std::chrono::milliseconds reconnect_delay_min{100};     // Doubles at every failure in a row,
  std::chrono::milliseconds reconnect_delay_max{10'000};  // up to this.
};

// What can be said of them without connecting. Throws Failure "mirror.dsn_invalid".
void check_mirror_options(const MirrorOptions& options);

}  // namespace runledger
