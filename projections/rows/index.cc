// Builds and parses the keys of local rows.
//
// The order of keys is the order of bytes, so a list is a range of keys, and the first byte separates the kinds:
//   R run                                      rows
//   m                                          metadata: revisions and checkpoint
//   b block                                    spans: the times of the requests in a block of events
//   e run version                              milestones: the position of an event of a long run
//   g workspace tenant type                    totals
//   q type workspace tenant time sequence      due entries, of queued runs only
//
// Names end in a zero byte, which no name contains, so that no name is a prefix of another one. An absent tenant is an
// empty name. Numbers are big-endian, since their bytes then sort as the numbers do. The number of a block is
// subtracted from the greatest number, which puts the newest block first.
//
// RowBatch writes the entries that an event changes, DueQueues (through RowStore) reads them, and RowCheck compares
// them with the fold of the log. So a change of a key means raising kRevision.
#include "projections/rows/index.h"

#include <algorithm>
#include <limits>

#include "ledger/base/big_endian.h"

namespace runledger::row_index {
namespace {

void append_name(std::string& key, std::string_view name) {
  key.append(name);
  key.push_back('\0');
}

// Removes the first name of `text` and returns it.
std::string_view take_name(std::string_view& text) {
  const std::string_view name = text.substr(0, text.find('\0'));
  text.remove_prefix(std::min(text.size(), name.size() + 1));
  return name;
}

void append_scope(std::string& key, const Scope& scope) {
  append_name(key, scope.workspace.str());
  append_name(key, scope.tenant ? std::string_view(scope.tenant->str()) : std::string_view());
}

void append_inverted(std::string& key, std::uint64_t number) {
  append_big_endian(key, std::numeric_limits<std::uint64_t>::max() - number);
}

}  // namespace

std::string row_key(RunId run) {
  std::string key(kRowPrefix);
  return key += run.value.view();
}

std::optional<RunId> run_of_row(std::string_view key) {
  return key.starts_with(kRowPrefix) ? parse_run(key.substr(kRowPrefix.size())) : std::nullopt;
}

std::string encode_run(RunId run) {
  return std::string(run.value.view());
}

std::optional<RunId> parse_run(std::string_view bytes) {
  RunId run;
  if (bytes.size() != sizeof(run.value.bytes)) return std::nullopt;
  std::copy(bytes.begin(), bytes.end(), run.value.bytes.begin());
  return run;
}

std::string encode(const Metadata& metadata) {
  std::string stored;
  append_big_endian(stored, metadata.row_revision);
  append_big_endian(stored, metadata.index_revision);
  stored += metadata.ledger.value.view();
  append_big_endian(stored, metadata.checkpoint.value);
  append_big_endian(stored, static_cast<std::uint64_t>(metadata.recorded_at.unix_us));
  return stored;
}

std::optional<Metadata> parse_metadata(std::string_view stored) {
  Metadata metadata;
  auto& ledger = metadata.ledger.value.bytes;
  constexpr std::size_t kFixedBytes = 4 + 4 + 8 + 8;
  if (stored.size() != kFixedBytes + ledger.size()) return std::nullopt;
  metadata.row_revision = load_big_endian_32(stored.data());
  metadata.index_revision = load_big_endian_32(stored.data() + 4);
  std::copy_n(stored.begin() + 8, ledger.size(), ledger.begin());
  metadata.checkpoint = Sequence{load_big_endian_64(stored.data() + 8 + ledger.size())};
  metadata.recorded_at = Time{static_cast<std::int64_t>(load_big_endian_64(stored.data() + 16 + ledger.size()))};
  return metadata;
}

bool is_milestone(const Envelope& envelope) {
  if (envelope.run_version <= kMilestonesAfter) return false;
  return !std::holds_alternative<Deduped>(envelope.event) || envelope.run_version.value % kMilestonesAfter.value == 0;
}

std::string milestone_key(RunId run, RunVersion version) {
  std::string key(kMilestonePrefix);
  key += run.value.view();
  append_big_endian(key, version.value);
  return key;
}

std::string encode_milestone(const Envelope& envelope, const OperationRun::Row& row) {
  const bool is_deduped = std::holds_alternative<Deduped>(envelope.event);
  std::string stored;
  append_big_endian(stored, is_deduped ? std::uint64_t{0} : envelope.sequence.value);
  append_big_endian(stored, row.skipped_count);
  return stored;
}

std::optional<Milestone> parse_milestone(std::string_view entry, std::string_view stored) {
  if (!run_of_milestone(entry) || stored.size() != sizeof(std::uint64_t) + sizeof(std::uint32_t)) return std::nullopt;
  return Milestone{.version = RunVersion{load_big_endian_32(entry.data() + entry.size() - sizeof(std::uint32_t))},
                   .position = Sequence{load_big_endian_64(stored.data())},
                   .skipped = load_big_endian_32(stored.data() + sizeof(std::uint64_t))};
}

std::optional<RunId> run_of_milestone(std::string_view entry) {
  if (!entry.starts_with(kMilestonePrefix)) return std::nullopt;
  entry.remove_prefix(kMilestonePrefix.size());
  if (entry.size() < sizeof(std::uint32_t)) return std::nullopt;
  return parse_run(entry.substr(0, entry.size() - sizeof(std::uint32_t)));
}

std::string totals_key(const Scope& scope, const RunType& type) {
  std::string key(kTotalsPrefix);
  append_scope(key, scope);
  append_name(key, type.str());
  return key;
}

std::string totals_prefix(const RunFilter& filter) {
  std::string prefix(kTotalsPrefix);
  if (!filter.workspace) return prefix;
  append_name(prefix, filter.workspace->str());
  if (filter.tenant) append_name(prefix, filter.tenant->str());
  return prefix;
}

bool totals_match(std::string_view totals_key, const RunFilter& filter) {
  const TotalsNames names = totals_names(totals_key);
  return (!filter.workspace || filter.workspace->str() == names.workspace) &&
         (!filter.tenant || filter.tenant->str() == names.tenant) &&
         (!filter.type || std::any_of(filter.type.values().begin(), filter.type.values().end(),
                                      [&names](const RunType& each) { return each.str() == names.type; }));
}

TotalsNames totals_names(std::string_view totals_key) {
  totals_key.remove_prefix(kTotalsPrefix.size());
  TotalsNames names;
  names.workspace = take_name(totals_key);
  names.tenant = take_name(totals_key);
  names.type = take_name(totals_key);
  return names;
}

std::string due_prefix(const RunType& type, const Scope& scope) {
  std::string key(kDuePrefix);
  append_name(key, type.str());
  append_scope(key, scope);
  return key;
}

std::string due_seek_key(std::string_view due_prefix, Time from) {
  std::string key(due_prefix);
  append_big_endian(key, static_cast<std::uint64_t>(std::max(from.unix_us, std::int64_t{0})));
  return key;
}

// Among runs that are due at the same time the older one comes first.
std::optional<std::string> due_entry(const OperationRun::Row& row) {
  if (!row.due_at) return std::nullopt;
  std::string key = due_seek_key(due_prefix(row.type, row.scope), *row.due_at);
  append_big_endian(key, row.first_sequence.value);
  return key;
}

std::optional<DueKey> parse_due(std::string_view entry) {
  if (!entry.starts_with(kDuePrefix)) return std::nullopt;
  entry.remove_prefix(kDuePrefix.size());
  const std::string_view type = take_name(entry);
  const std::string_view workspace = take_name(entry);
  const std::string_view tenant = take_name(entry);
  const Result<RunType> known_type = parse_run_type(type);
  const Result<Workspace> known_workspace = parse_workspace(workspace);
  if (!known_type || !known_workspace || entry.size() != 2 * sizeof(std::uint64_t)) return std::nullopt;
  DueKey key{*known_type, {*known_workspace, std::nullopt}, {}};
  if (!tenant.empty()) {
    const Result<Tenant> known_tenant = parse_tenant(tenant);
    if (!known_tenant) return std::nullopt;
    key.scope.tenant = *known_tenant;
  }
  key.due.unix_us = static_cast<std::int64_t>(load_big_endian_64(entry.data()));
  return key;
}

void Span::include(Time requested_at) {
  earliest = std::min(earliest, requested_at);
  latest = std::max(latest, requested_at);
  ++open;
}

void Span::complete(Time completed_at) {
  completed = std::max(completed, completed_at);
  if (open > 0) --open;
}

std::string span_key(Sequence sequence) {
  std::string key(kSpanPrefix);
  append_inverted(key, sequence.value / kSpanEvents);
  return key;
}

std::optional<Sequence> end_of_span(std::string_view entry) {
  if (!entry.starts_with(kSpanPrefix) || entry.size() != kSpanPrefix.size() + sizeof(std::uint64_t))
    return std::nullopt;
  const std::uint64_t block =
      std::numeric_limits<std::uint64_t>::max() - load_big_endian_64(entry.data() + kSpanPrefix.size());
  return Sequence{block * kSpanEvents + (kSpanEvents - 1)};
}

std::string encode_span(const Span& span) {
  std::string stored;
  for (const Time& time : {span.earliest, span.latest, span.completed})
    append_big_endian(stored, static_cast<std::uint64_t>(time.unix_us));
  append_big_endian(stored, span.open);
  return stored;
}

std::optional<Span> parse_span(std::string_view stored) {
  constexpr std::size_t kTimeBytes = sizeof(std::uint64_t);
  if (stored.size() != 3 * kTimeBytes + sizeof(std::uint32_t)) return std::nullopt;
  const auto time = [&](std::size_t i) {
    return Time{static_cast<std::int64_t>(load_big_endian_64(stored.data() + i * kTimeBytes))};
  };
  return Span{.earliest = time(0),
              .latest = time(1),
              .completed = time(2),
              .open = load_big_endian_32(stored.data() + 3 * kTimeBytes)};
}

}  // namespace runledger::row_index
