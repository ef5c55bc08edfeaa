// The kinds of events that can happen to a run, and the envelope that stores each.
// Everything here is a value that any thread may read. Stored events never change their meaning.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ledger/base/enum_words.h"
#include "ledger/rules/dedupe.h"
#include "ledger/rules/ledger_event.h"
#include "ledger/secrets/sanitized_text.h"
#include "ledger/values/caller.h"
#include "ledger/values/digest.h"
#include "ledger/values/labels.h"
#include "ledger/values/names.h"
#include "ledger/values/policy.h"
#include "ledger/values/run_input.h"
#include "ledger/values/sequence.h"
#include "ledger/values/time.h"
#include "ledger/values/traceparent.h"
#include "ledger/values/uuid.h"

namespace runledger {

// How an attempt ended. Only the ledger itself records kLost, when the lease ran out.
enum class AttemptOutcome : std::uint8_t { kSucceeded, kPartiallySucceeded, kBlocked, kFailed, kCancelled, kLost };
template <>
inline constexpr auto kEnumWords<AttemptOutcome> = enum_words<AttemptOutcome>({
    {AttemptOutcome::kSucceeded, "succeeded"},
    {AttemptOutcome::kPartiallySucceeded, "partially_succeeded"},
    {AttemptOutcome::kBlocked, "blocked"},
    {AttemptOutcome::kFailed, "failed"},
    {AttemptOutcome::kCancelled, "cancelled"},
    {AttemptOutcome::kLost, "lost"},
});

// What an attempt's end means for its run.
enum class Disposition : std::uint8_t {
  kCompletes,  // The run has this outcome now.
  kRetries,    // The run is queued again, not before a given time.
  kExhausts,   // The run fails: no attempt is left, or a retry is pointless. A RunFailed follows in the same append.
  kLate,       // It means nothing: a later attempt, or the run's end, had overtaken this one.
};
template <>
inline constexpr auto kEnumWords<Disposition> = enum_words<Disposition>({
    {Disposition::kCompletes, "completes"},
    {Disposition::kRetries, "retries"},
    {Disposition::kExhausts, "exhausted"},
    {Disposition::kLate, "late"},
});

// Absolute numbers for their attempt, never deltas. Each is at most kCountMax, which a JSON number can hold exactly.
using Counts = std::map<CountKey, std::uint64_t>;
inline constexpr std::size_t kCountKeysMax = 32;
inline constexpr std::uint64_t kCountMax = (std::uint64_t{1} << 53U) - 1;

// One failure of an attempt or a run, as a worker or the ledger reports it.
struct FailureNote {
  ReasonCode reason_code;
  SanitizedText message;
  friend bool operator==(const FailureNote&, const FailureNote&) = default;
};
inline constexpr std::size_t kFailuresPerEventMax = 20;

// The digest of the key by which a foreign source names an attempt; the key itself is not stored.
using AttemptKey = ContentDigest;

// The digest of the text by which a process that starts attempts names itself (ContentKey::starter_digest()).
using StarterDigest = ContentDigest;

// A run that led to another one, directly and at the beginning of the chain. A run without a parent is its own root.
struct Ancestors {
  RunId parent;
  RunId root;
  friend bool operator==(const Ancestors&, const Ancestors&) = default;
};

// A run was requested. It holds its identity from now on, under the policy of this moment.
struct Requested {
  RunType type;
  Identity identity;
  std::uint32_t fingerprint_version = 0;
  RunInput input;
  std::optional<SanitizedText> initiator;
  Policy policy;
  ContentDigest digest;  // See ContentKey::request_digest() (ledger/rules/content_digests.h).
  bool forced = false;
  std::optional<RunId> rerun_of;
  std::optional<Ancestors> ancestors = {};
  Labels labels = {};
  std::optional<Traceparent> traceparent = {};
  friend bool operator==(const Requested&, const Requested&) = default;
};

// A request or a start was answered with this run instead of a new run or attempt. It changes no status.
struct Deduped {
  DedupeRule rule = DedupeRule::kActiveRun;
  DedupeStage stage = DedupeStage::kDispatch;
  std::optional<SanitizedText> asked_by;
  std::optional<Time> retry_at;        // When the same request would get another answer, if that is known.
  std::optional<RunId> requested_run;  // The id that the caller named for a new run, if it named one.
  // For a start: who asked, and until when the same start is answered with this event. Both are absent for a request.
  std::optional<StarterDigest> starter = {};
  std::optional<Time> stands_until = {};
  friend bool operator==(const Deduped&, const Deduped&) = default;
};

// An attempt was started. The attempt's token is the scope_sequence of this event.
struct AttemptStarted {
  AttemptNumber attempt;
  SanitizedText worker;
  Duration lease{};
  std::optional<AttemptKey> key;
  std::optional<StarterDigest> starter = {};  // Who asked; only for a start with a command id.
  friend bool operator==(const AttemptStarted&, const AttemptStarted&) = default;
};

// An attempt ended; `disposition` says what that means for the run.
struct AttemptFinished {
  AttemptNumber attempt;
  AttemptOutcome outcome = AttemptOutcome::kSucceeded;
  Counts summary_counts = {};
  std::vector<FailureNote> failures = {};
  bool retryable = true;  // The worker's own word; it matters only when the outcome is kFailed.
  Disposition disposition = Disposition::kCompletes;
  std::optional<Time> not_before = {};  // With kRetries only.
  ContentDigest digest = {};            // Of the worker's report; zero when the ledger itself ended the attempt.
  friend bool operator==(const AttemptFinished&, const AttemptFinished&) = default;
};

// The run ended without success: its attempts were exhausted, or a caller failed or cancelled it.
struct RunFailed {
  ReasonCode reason_code;
  std::vector<FailureNote> failures;
  RunOutcome outcome = RunOutcome::kFailed;     // kFailed or kCancelled.
  ContentDigest digest;                         // Of the rest of this event.
  std::optional<SanitizedText> initiator = {};  // The caller who ended the run; absent when the caller gave no name.
  friend bool operator==(const RunFailed&, const RunFailed&) = default;
};

// A run that a journal left open was taken over: it holds its identity from now on, is queued and due, and an attempt
// that the journal left open is superseded.
struct RunAdopted {
  friend bool operator==(const RunAdopted&, const RunAdopted&) = default;
};

using Event = std::variant<Requested, Deduped, AttemptStarted, AttemptFinished, RunFailed, RunAdopted, Restored, Erased,
                           Recovered>;

// Whether an event is of the ledger itself, so that no fold of runs takes it.
[[nodiscard]] constexpr bool is_of_ledger(const Event& event) {
  return std::holds_alternative<Restored>(event) || std::holds_alternative<Erased>(event) ||
         std::holds_alternative<Recovered>(event);
}

// The origin of an event: decided by the ledger's clock, or imported from a journal with times of its own.
enum class Origin : std::uint8_t { kLive, kImported };

// The stored form of an event's content in a ledger that seals those of tenants (docs/log-format.md).
struct SealedContent {
  std::string bytes;        // Empty: the content is not sealed, or the event has none.
  bool is_readable = true;  // Otherwise the key is not here, and the event is as if it had no content.
  friend bool operator==(const SealedContent&, const SealedContent&) = default;
};

// An event with its positions, scope and times, as the log stores it.
struct Envelope {
  Sequence sequence;
  RunId run;
  RunVersion run_version;
  Scope scope;
  ScopeSequence scope_sequence;
  ScopeSequence previous;           // The scope_sequence of the run's event before this one; zero for its first.
  Time recorded_at;                 // The ledger's clock; never earlier than that of the event before.
  std::optional<Time> occurred_at;  // When it happened, according to the client. Always present when imported.
  Origin origin = Origin::kLive;
  std::optional<CommandId> command;
  Caller caller = {};
  Event event;
  SealedContent sealed = {};
  friend bool operator==(const Envelope&, const Envelope&) = default;

  // The time to show to people.
  [[nodiscard]] Time happened_at() const { return occurred_at.value_or(recorded_at); }
  // The time by which the event was decided.
  [[nodiscard]] Time decided_at() const { return origin == Origin::kImported ? happened_at() : recorded_at; }
};

// Returns one of kEventKinds, which are in the order of Event's alternatives.
[[nodiscard]] std::string_view kind_name(const Event& event);
inline constexpr std::string_view kEventKinds[] = {"requested",        "deduped", "attempt-started",
                                                   "attempt-finished", "failed",  "adopted",
                                                   "restored",         "erased",  "recovered"};

}  // namespace runledger
