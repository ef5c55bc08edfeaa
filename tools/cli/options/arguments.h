// Turns the text that a user typed into values of the ledger. All functions here throw Refused on bad input, which ends
// the command with kInvalid (see exit_status.h).
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

// Parses as parse_number() does. Returns nullopt when the option was not given. Code "<field>.invalid".
[[nodiscard]] std::optional<std::uint64_t> require_number(const Typed& typed, std::string_view field,
                                                          NumberRange range);

// The help of an argument that names a run (tools/cli/run_name.h).
inline constexpr std::string_view kRunHelp = "The run's id, or its first digits, 4 or more, that no other run has";
// What the help of an option says then.
inline constexpr std::string_view kDigitsHelp = "the first digits of its id will do";

// Takes a whole id only. Code "run.invalid".
[[nodiscard]] RunId require_run_id(std::string_view text);

// A range of the log. Both ends are included.
struct SequenceRange {
  Sequence from{1};
  Sequence to;
};

// Throws RefusedWith "position.ahead" when `from` is after the event that will follow `last`.
void require_reached(Sequence from, Sequence last);

// A missing `from` means the first event; a missing `to`, or one after `last`, means `last`. The range is empty (`from`
// after `to`) when `from` is the event that will follow `last`. Codes "from.invalid", "to.invalid", "range.invalid"
// when both are given and `from` is after `to`, and that of require_reached().
[[nodiscard]] SequenceRange require_range(const Typed& from, const Typed& to, Sequence last);

// A sequence if the text has only digits, else a time as in typed_time.h. Codes "as_of.invalid", "time.invalid",
// "time.out_of_range".
[[nodiscard]] AsOf require_as_of(const std::string& typed);

// The input of a run: JSON, or "@FILE", or "@-" for standard input. The empty object when the option was not given.
// Codes of RunInput::parse, "input.unreadable" and "input.too_large".
[[nodiscard]] RunInput require_input(const Typed& typed);

// Returns the content of a file ("-" is standard input). Codes "<field>.too_large" when it has more than bytes_max
// bytes, and "<field>.unreadable" when it cannot be read.
[[nodiscard]] std::string require_file(const std::string& path, std::string_view field, std::size_t bytes_max);

// The largest file of types that --catalog takes, in bytes.
inline constexpr std::size_t kCatalogBytesMax = 1024 * 1024;

// Each text is "key=n". What cannot be kept becomes a warning of the report (ledger/rules/report.h).
void take_counts(const std::vector<std::string>& typed, FinishAttempt& report);

// The same for the progress of a heartbeat; no text leaves it absent.
void take_progress(const std::vector<std::string>& typed, Heartbeat& heartbeat);

// Whole seconds, at least `min`; nullopt when the option was not given. Code "policy.invalid".
[[nodiscard]] std::optional<Duration> find_seconds(const Typed& typed, std::uint64_t min);

// The same as take_counts(); each text is "code" or "code:message".
void take_failures(const std::vector<std::string>& typed, FinishAttempt& report);

// The options with which `request`, `explain` and `exec` describe a run.
struct TypedRequest {
  std::string workspace;
  std::string type;
  Typed tenant;
  Typed input;
  Typed run;

  void declare(Options& options);
  [[nodiscard]] RunRequest require_request() const;
};

// The options with which `list` selects runs by their scope and type.
struct TypedGroup {
  Typed workspace;
  Typed tenant;
  std::vector<std::string> types;

  void declare(Options& options);
  [[nodiscard]] RunFilter require_filter() const;
};

// The options with which `heartbeat` and `finish` name an attempt.
struct TypedAttempt {
  std::string run;
  std::string attempt;
  std::string token;

  void declare(Options& options);
  [[nodiscard]] AttemptRef require_ref() const;  // Codes "attempt.invalid", "token.invalid".
};

}  // namespace runledger
