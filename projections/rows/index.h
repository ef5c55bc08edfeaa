// The keys of local rows: rows, metadata, totals, due entries, milestones and spans. The entries by which lists find
// runs have a file of their own (list_index.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "projections/rows/run_list.h"

namespace runledger::row_index {

// Raised when an entry below changes or totals keep other things. Rows of another revision are dropped and follow from
// zero.
inline constexpr std::uint32_t kRevision = 11;

// The first byte of a key tells its kind.

// The row of a run -> OperationRun.
inline constexpr std::string_view kRowPrefix = "R";
[[nodiscard]] std::string row_key(RunId run);
// Absent when `key` is not that of a row.
[[nodiscard]] std::optional<RunId> run_of_row(std::string_view key);
// The value of an entry that leads to a run: the run's 16 bytes.
[[nodiscard]] std::string encode_run(RunId run);
// Absent when `bytes` have another form.
[[nodiscard]] std::optional<RunId> parse_run(std::string_view bytes);

// The entry that tells how far the rows have followed the log, and in which form they are.
struct Metadata {
  std::uint32_t row_revision = 0;
  std::uint32_t index_revision = 0;
  LedgerId ledger;  // The one that the rows are of.
  Sequence checkpoint;
  Time recorded_at = {};  // When the event at the checkpoint was recorded.
  friend bool operator==(const Metadata&, const Metadata&) = default;
};
inline constexpr std::string_view kMetadataKey = "m";
[[nodiscard]] std::string encode(const Metadata& metadata);
[[nodiscard]] std::optional<Metadata> parse_metadata(std::string_view stored);

// The totals of one scope and type.
inline constexpr std::string_view kTotalsPrefix = "g";
[[nodiscard]] std::string totals_key(const Scope& scope, const RunType& type);
// The common prefix of all totals keys that match `filter`. Keys that do not match may have it too: totals_match()
// decides.
[[nodiscard]] std::string totals_prefix(const RunFilter& filter);
[[nodiscard]] bool totals_match(std::string_view totals_key, const RunFilter& filter);
// The names in a key of totals, to which they refer.
struct TotalsNames {
  std::string_view workspace;
  std::string_view tenant;  // Empty for runs of no tenant.
  std::string_view type;
};
[[nodiscard]] TotalsNames totals_names(std::string_view totals_key);

// The entry of a queued run, by type, scope and the time from which it is due. Absent for other runs.
[[nodiscard]] std::optional<std::string> due_entry(const OperationRun::Row& row);
inline constexpr std::string_view kDuePrefix = "q";
// The common prefix of the entries of the queued runs of a type and scope.
[[nodiscard]] std::string due_prefix(const RunType& type, const Scope& scope);
// The key at which the entries begin that are due at or after `from`.
[[nodiscard]] std::string due_seek_key(std::string_view due_prefix, Time from);
struct DueKey {
  RunType type;
  Scope scope;
  Time due;
};
// Absent when `entry` is not the key of a due entry.
[[nodiscard]] std::optional<DueKey> parse_due(std::string_view entry);

// Milestones: of a run with many events, those after its event kMilestonesAfter that are more than a deduped request or
// a skipped start, and besides them every event whose version is a multiple of kMilestonesAfter. They are few, so a
// read finds them without passing over the others. The entry leads to the position of the event, and tells how many
// starts had been skipped.
struct Milestone {
  RunVersion version;
  Sequence position;      // Zero for a deduped request or a skipped start.
  std::uint32_t skipped;  // Including this event.
  friend bool operator==(const Milestone&, const Milestone&) = default;
};
inline constexpr RunVersion kMilestonesAfter{200};
inline constexpr std::string_view kMilestonePrefix = "e";
[[nodiscard]] bool is_milestone(const Envelope& envelope);
[[nodiscard]] std::string milestone_key(RunId run, RunVersion version);
// `row` is the row of the run after the event.
[[nodiscard]] std::string encode_milestone(const Envelope& envelope, const OperationRun::Row& row);
// Absent when the entry or the stored bytes have another form.
[[nodiscard]] std::optional<Milestone> parse_milestone(std::string_view entry, std::string_view stored);
// Absent when `entry` is not the key of a milestone.
[[nodiscard]] std::optional<RunId> run_of_milestone(std::string_view entry);

// Spans: of the runs whose request is in a block of kSpanEvents events, the earliest and the latest requested_at, the
// latest completed_at, and how many are not completed. A list by time passes over the blocks whose span does not fit.
// Journals tell of any time, so a time says nothing about the place in the log.
struct Span {
  Time earliest{Time::kLastUs};
  Time latest;
  Time completed;  // Zero while no run is completed.
  std::uint32_t open = 0;
  // Counts a new run, which is not completed.
  void include(Time requested_at);
  // One of the runs was completed.
  void complete(Time completed_at);
  friend bool operator==(const Span&, const Span&) = default;
};
inline constexpr std::uint64_t kSpanEvents = 1024;
inline constexpr std::string_view kSpanPrefix = "b";
// The key of the block that holds `sequence`. Newer blocks come first.
[[nodiscard]] std::string span_key(Sequence sequence);
// The last sequence of the block. Absent when `entry` is not the key of a span.
[[nodiscard]] std::optional<Sequence> end_of_span(std::string_view entry);
[[nodiscard]] std::string encode_span(const Span& span);
// Absent when the stored bytes have another form.
[[nodiscard]] std::optional<Span> parse_span(std::string_view stored);

}  // namespace runledger::row_index
