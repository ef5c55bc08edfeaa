// A spooled run as lines of JSON: what `exec` knows of a run that it carries out without the ledger.
//
// The first line says what the run is, and each later line what happened next: an attempt started, it ended, the run
// was cancelled. docs/jobs.md has an example.
#pragma once

#include <string>
#include <string_view>

#include "ledger/rules/ask.h"

namespace runledger {

inline constexpr std::size_t kSpooledBytesMax = 16 * 1024 * 1024;  // All lines of a run.

struct SpooledRecord {
  std::string ledger;  // The ledger that the run is meant for, as exec would have reached it.
  Duration lease{};    // How long an attempt lives without a sign of life.
  SpooledRun run;      // The last attempt has no end yet if `is_open`.
  bool is_open = false;
  bool has_ended = false;  // The last line ended the run.
};

[[nodiscard]] std::string opening_line(const SpooledRecord& record);
[[nodiscard]] std::string start_line(Time at);
// `is_last`: no other attempt follows.
[[nodiscard]] std::string end_line(const SpooledAttempt& attempt, bool is_last);
[[nodiscard]] std::string cancel_line(Time at);

// Reads all lines of a run. An unfinished last line is left out: what it was to tell had not been made durable. Code
// "spool.damaged" for everything else that a run cannot have written.
[[nodiscard]] Result<SpooledRecord> read_spooled(std::string_view text);

}  // namespace runledger
