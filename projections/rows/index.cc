// Builds and parses the keys of local rows.
//
// The order of keys is the order of bytes, so a list is a range of keys, and the first byte separates the kinds:
//   R run                                      rows
//   m                                          metadata: revisions and checkpoint
//   b block                                    spans: the times of the requests in a block of events
//   e run version                              milestones: the position of an event of a long run
//   g workspace tenant type                    totals
//   n tenant age, w workspace age, y type age  fixed entries: they live as long as the row
//   s state age, t workspace tenant state age  state entries: they move with status and outcome
//   q type workspace tenant time sequence      due entries, of queued runs only
//
// Names end in a zero byte, which no name contains, so that no name is a prefix of another one. An absent tenant is an
// empty name. Numbers are big-endian, since their bytes then sort as the numbers do. An age is the first_sequence of
// the row subtracted from the greatest number, which puts the newest row first.
//
// RowBatch writes the entries that an event changes, RowMerge and DueQueues (through RowStore) read them, and RowCheck
// compares them with all_entries(). So a change of a key means raising kRevision.
//
// plan() chooses the ranges that cover a filter. Each row has one entry of every kind that it lists under, and ranges
// of one kind do not overlap, so a union of ranges holds it once. Several unions, such as one of a type and one of a
// state, are intersected (merge.h). matches() filters the rows by time.
#include "projections/rows/index.h"

#include <algorithm>
#include <limits>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"

namespace runledger::row_index {
namespace {

constexpr char kByTenant = 'n';
constexpr char kByState = 's';
constexpr char kByScopeAndState = 't';
constexpr char kByWorkspace = 'w';
constexpr char kByType = 'y';
constexpr std::size_t kAgeBytes = sizeof(std::uint64_t);

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

std::string prefix_of(char kind, std::string_view name) {
  std::string key(1, kind);
  append_name(key, name);
  return key;
}

// A status and its outcome as one value. An active run has no outcome, so there are few combinations.
struct State {
  RunStatus status;
  RunOutcome outcome;
};
constexpr State kStates[] = {
    {RunStatus::kQueued, RunOutcome::kPending},      {RunStatus::kRunning, RunOutcome::kPending},
    {RunStatus::kCompleted, RunOutcome::kSucceeded}, {RunStatus::kCompleted, RunOutcome::kPartiallySucceeded},
    {RunStatus::kCompleted, RunOutcome::kBlocked},   {RunStatus::kCompleted, RunOutcome::kFailed},
    {RunStatus::kCompleted, RunOutcome::kCancelled}};

void append_state(std::string& key, const State& state) {
  key.push_back(static_cast<char>('0' + static_cast<int>(state.status)));
  key.push_back(static_cast<char>('0' + static_cast<int>(state.outcome)));
}

std::string state_prefix(const State& state) {
  std::string key(1, kByState);
  append_state(key, state);
  return key;
}

// Runs of the workspace itself are listed under the empty tenant, which is not a valid name.
std::string scope_and_state_prefix(const Scope& scope, const State& state) {
  std::string key(1, kByScopeAndState);
  append_scope(key, scope);
  append_state(key, state);
  return key;
}

// The newest comes first: the larger the sequence, the smaller its bytes.
void append_age(std::string& key, Sequence first) {
  append_big_endian(key, std::numeric_limits<std::uint64_t>::max() - first.value);
}

std::string entry(std::string prefix, const OperationRun::Row& row) {
  append_age(prefix, row.first_sequence);
  return prefix;
}

std::vector<State> states_matching(const RunFilter& filter) {
  std::vector<State> states;
  for (const State& state : kStates) {
    if (filter.status && *filter.status != state.status) continue;
    if (filter.outcome && *filter.outcome != state.outcome) continue;
    states.push_back(state);
  }
  return states;
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
  return stored;
}

std::optional<Metadata> parse_metadata(std::string_view stored) {
  Metadata metadata;
  auto& ledger = metadata.ledger.value.bytes;
  if (stored.size() != 16 + ledger.size()) return std::nullopt;
  metadata.row_revision = load_big_endian_32(stored.data());
  metadata.index_revision = load_big_endian_32(stored.data() + 4);
  std::copy_n(stored.begin() + 8, ledger.size(), ledger.begin());
  metadata.checkpoint = Sequence{load_big_endian_64(stored.data() + 8 + ledger.size())};
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
  totals_key.remove_prefix(kTotalsPrefix.size());
  const std::string_view workspace = take_name(totals_key);
  const std::string_view tenant = take_name(totals_key);
  const std::string_view type = take_name(totals_key);
  return (!filter.workspace || filter.workspace->str() == workspace) &&
         (!filter.tenant || filter.tenant->str() == tenant) && (!filter.type || filter.type->str() == type);
}

std::string totals_scope(std::string_view totals_key) {
  totals_key.remove_prefix(kTotalsPrefix.size());
  const std::string_view workspace = take_name(totals_key);
  return scope_name(workspace, take_name(totals_key));
}

std::vector<std::string> fixed_entries(const OperationRun::Row& row) {
  std::vector<std::string> entries{entry(prefix_of(kByWorkspace, row.scope.workspace.str()), row),
                                   entry(prefix_of(kByType, row.type.str()), row)};
  if (row.scope.tenant) entries.push_back(entry(prefix_of(kByTenant, row.scope.tenant->str()), row));
  return entries;
}

std::vector<std::string> state_entries(const OperationRun::Row& row, RunStatus status, RunOutcome outcome) {
  const State state{status, outcome};
  return {entry(state_prefix(state), row), entry(scope_and_state_prefix(row.scope, state), row)};
}

std::vector<std::string> all_entries(const OperationRun::Row& row) {
  std::vector<std::string> entries = fixed_entries(row);
  for (std::string& moving : state_entries(row, row.status, row.outcome)) entries.push_back(std::move(moving));
  if (std::optional<std::string> due = due_entry(row)) entries.push_back(*std::move(due));
  return entries;
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
}

std::string span_key(Sequence sequence) {
  std::string key(kSpanPrefix);
  append_age(key, Sequence{sequence.value / kSpanEvents});
  return key;
}

std::optional<Sequence> end_of_span(std::string_view entry) {
  if (!entry.starts_with(kSpanPrefix) || entry.size() != kSpanPrefix.size() + kAgeBytes) return std::nullopt;
  return Sequence{age_of(entry).value * kSpanEvents + (kSpanEvents - 1)};
}

std::string encode_span(const Span& span) {
  std::string stored;
  append_big_endian(stored, static_cast<std::uint64_t>(span.earliest.unix_us));
  append_big_endian(stored, static_cast<std::uint64_t>(span.latest.unix_us));
  return stored;
}

std::optional<Span> parse_span(std::string_view stored) {
  if (stored.size() != 2 * sizeof(std::uint64_t)) return std::nullopt;
  return Span{{static_cast<std::int64_t>(load_big_endian_64(stored.data()))},
              {static_cast<std::int64_t>(load_big_endian_64(stored.data() + sizeof(std::uint64_t)))}};
}

Sequence age_of(std::string_view entry) {
  RUNLEDGER_ASSERT(entry.size() >= kAgeBytes);
  return Sequence{std::numeric_limits<std::uint64_t>::max() -
                  load_big_endian_64(entry.data() + entry.size() - kAgeBytes)};
}

std::string seek_key(std::string_view prefix, Sequence before) {
  RUNLEDGER_ASSERT(before.value > 0);
  std::string key(prefix);
  append_age(key, Sequence{before.value - 1});
  return key;
}

std::vector<RowUnion> plan(const RunFilter& filter) {
  const std::vector<State> states = states_matching(filter);
  if (states.empty()) return {};
  std::vector<RowUnion> unions;
  const bool is_scoped = filter.workspace && filter.tenant;
  if (is_scoped) {
    RowUnion& of_scope = unions.emplace_back();
    for (const State& state : states)
      of_scope.push_back(scope_and_state_prefix({*filter.workspace, filter.tenant}, state));
  } else if (filter.tenant) {
    unions.push_back({prefix_of(kByTenant, filter.tenant->str())});
  } else if (filter.workspace) {
    unions.push_back({prefix_of(kByWorkspace, filter.workspace->str())});
  }
  if (filter.type) unions.push_back({prefix_of(kByType, filter.type->str())});
  const bool any_state = states.size() == std::size(kStates);
  if (unions.empty() || (!any_state && !is_scoped)) {
    RowUnion& of_states = unions.emplace_back();
    for (const State& state : states) of_states.push_back(state_prefix(state));
  }
  return unions;
}

bool matches(const OperationRun::Row& row, const RunFilter& filter) {
  return (!filter.workspace || row.scope.workspace == *filter.workspace) &&
         (!filter.tenant || row.scope.tenant == filter.tenant) && (!filter.type || row.type == *filter.type) &&
         (!filter.status || row.status == *filter.status) && (!filter.outcome || row.outcome == *filter.outcome) &&
         (!filter.since || row.requested_at >= *filter.since) && (!filter.until || row.requested_at < *filter.until);
}

}  // namespace runledger::row_index
