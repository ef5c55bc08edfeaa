// The ledger's answers to commands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/rules/event.h"

namespace runledger {

// Tells a caller that something was left out of what it asked, although the ledger carried the rest out.
struct Warning {
  std::string code;  // One of the stable codes of docs/codes.md.
  std::string path;  // The member that it concerns, such as "labels".
  friend bool operator==(const Warning&, const Warning&) = default;
};
inline constexpr std::size_t kWarningsMax = 32;  // In one reply; further ones are not told.

// The result of a command.
enum class Verdict : std::uint8_t {
  kRequested,  // A new run, or one that was taken over from a journal.
  kDeduped,    // Answered with an existing run; see rule.
  kStarted,    // A new attempt.
  kSkipped,    // The worker must not do the work; see rule.
  kFinished,   // The attempt's end was applied to its run.
  kLate,       // The attempt's end was recorded without effect.
  kFailed,     // The run was failed, without the end of an attempt.
  kAlive,      // The lease has time left (retry_after): it was extended, or it has not run out.
  kExpired,    // The lease had run out, and the attempt was closed as lost.
  kCancelled,  // The run was cancelled.
};
template <>
inline constexpr auto kEnumWords<Verdict> = enum_words<Verdict>({
    {Verdict::kRequested, "requested"},
    {Verdict::kDeduped, "deduped"},
    {Verdict::kStarted, "started"},
    {Verdict::kSkipped, "skipped"},
    {Verdict::kFinished, "finished"},
    {Verdict::kLate, "late"},
    {Verdict::kFailed, "failed"},
    {Verdict::kAlive, "alive"},
    {Verdict::kExpired, "expired"},
    {Verdict::kCancelled, "cancelled"},
});

// The answer to a command that the ledger carried out. Fields that a verdict does not use are empty or zero.
struct Reply {
  Verdict verdict = Verdict::kRequested;
  std::optional<DedupeRule> rule = {};       // With kDeduped and kSkipped, and with kLate of a spooled run.
  RunId run;                                 // The canonical run.
  AttemptNumber attempt = {};                // Zero when the answer is not about an attempt.
  ScopeSequence token = {};                  // The token of the attempt, with kStarted.
  std::optional<Duration> retry_after = {};  // When it is worth asking again; with kAlive, when the lease runs out.
  Sequence sequence;                         // The last event that this answer rests on; zero for kAlive.
  // The run's row shows what this answer says from this version on. Zero only from a daemon of an earlier version.
  RunVersion run_version = {};
  // `sequence` as a position in the log that only the ledger can read, for a caller that is bound to a scope. Absent
  // for others, for whom `sequence` is that position.
  std::optional<std::string> position = {};
  RunStatus status = RunStatus::kQueued;      // The status of the run after the command.
  RunOutcome outcome = RunOutcome::kPending;  // The outcome of the run after the command.
  // True when nothing was appended, because the command had been carried out before, or because the start was skipped
  // for the same reason a short time ago.
  bool repeated = false;
  std::uint32_t events = 0;  // How many events the command appended.
  std::vector<Warning> warnings = {};
  std::optional<Duration> lease = {};  // How long the attempt lives without a heartbeat; of a start or heartbeat only.
  friend bool operator==(const Reply&, const Reply&) = default;
};

// The write path broke before the command was known to be durable: it may or may not survive. The caller asks again
// with the same command id.
struct UnknownOutcome {
  std::string what;
};

using Answer = std::variant<Reply, Rejection, UnknownOutcome>;

}  // namespace runledger
