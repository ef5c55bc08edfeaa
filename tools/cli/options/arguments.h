// From what a user typed to values of the ledger. All of these refuse bad input with kInvalid (see exit_status.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger.h"
#include "ledger/rules/command.h"
#include "ledger/values/number.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/options/options.h"

namespace runledger {

// As parse_number(); absent when nothing was typed.
[[nodiscard]] std::optional<std::uint64_t> require_number(const Typed& typed, std::string_view field,
                                                          NumberRange range);

[[nodiscard]] RunId require_run_id(std::string_view text);

// Where a range of the log begins and ends; both count.
struct SequenceRange {
  Sequence from{1};
  Sequence to;
};

// A missing `from` is the first event, a missing `to` or one past `last` is `last`. Codes "from.invalid", "to.invalid",
// and "range.invalid" when both are given and `from` is after `to`.
[[nodiscard]] SequenceRange require_range(const Typed& from, const Typed& to, Sequence last);

// Codes "as_of.invalid", "time.invalid", "time.out_of_range".
[[nodiscard]] AsOf require_as_of(const std::string& typed);

// A run's input: JSON, or "@FILE", or "@-" for standard input. Absent: {}. Codes of RunInput::parse,
// "input.unreadable".
[[nodiscard]] RunInput require_input(const Typed& typed);

// At most bytes_max bytes of a file ("-": standard input); "<field>.too_large" past that, "<field>.unreadable" when it
// cannot be read.
[[nodiscard]] std::string require_file(const std::string& path, std::string_view field, std::size_t bytes_max);

// The most that a file of types may have.
inline constexpr std::size_t kCatalogBytesMax = 1024 * 1024;

// "key=n", each key once. Codes "counts.invalid", "counts.duplicate_key", "counts.too_many" and those of the key.
[[nodiscard]] Counts require_counts(const std::vector<std::string>& typed);

// "code" or "code:message". Codes "failures.too_many" and those of the reason code.
[[nodiscard]] std::vector<FailureNote> require_failures(const std::vector<std::string>& typed);

// The options by which request and explain describe a run.
struct TypedRequest {
  std::string workspace;
  std::string type;
  Typed tenant;
  Typed input;
  Typed run;

  void declare(Options& options);
  [[nodiscard]] RunRequest require_order() const;
};

// The options by which list and stats choose runs.
struct TypedGroup {
  Typed workspace;
  Typed tenant;
  Typed type;

  void declare(Options& options);
  [[nodiscard]] RunFilter require_filter() const;
};

// The options by which heartbeat and finish name an attempt.
struct TypedAttempt {
  std::string run;
  std::string attempt;
  std::string token;

  void declare(Options& options);
  [[nodiscard]] AttemptRef require_ref() const;  // Codes "attempt.invalid", "token.invalid".
};

}  // namespace runledger
