// Builds the keys of list entries, and chooses those that cover a filter.
//
//   n tenant age                      by tenant, of whatever workspace
//   p parent age                      by parent
//   u identity age                    by identity
//   x aspect age                      by an aspect, in the whole ledger
//   w workspace aspect age            in a workspace
//   t workspace tenant aspect age     in a tenant of a workspace
//
// An aspect is a letter and a value: s state, y type, r reason code, i initiator, o worker, l label, a number of
// attempts, d deduped. Names end in a zero byte, which no name contains, so that no name is a prefix of another one.
// Free texts are represented by digests of a fixed length, because they can be long.
//
// The identity implies the scope, so its entries need no level; and few runs have one parent.
//
// RowBatch writes the entries that an event changes, RowMerge (through RowStore) reads them, and RowCheck compares them
// with all_entries(). So a change of a key means raising kRevision (projections/rows/index.h).
//
// plan() chooses the ranges that cover a filter. Each row has one entry of every aspect and level that it lists under,
// and ranges of one aspect do not overlap, so a union of ranges holds it once. Several unions, such as one of a type
// and one of a state, are intersected (merge.h). matches() filters the rows by the rest.
#include "projections/rows/list_index.h"

#include <algorithm>
#include <iterator>
#include <limits>

#include "ledger/base/assert.h"
#include "ledger/base/big_endian.h"
#include "ledger/values/sha256.h"
#include "projections/rows/index.h"

namespace runledger::row_index {
namespace {

constexpr char kByTenant = 'n';
constexpr char kByParent = 'p';
constexpr char kByIdentity = 'u';
constexpr char kInLedger = 'x';
constexpr char kInWorkspace = 'w';
constexpr char kInTenant = 't';

constexpr char kState = 's';
constexpr char kType = 'y';
constexpr char kReasonCode = 'r';
constexpr char kInitiator = 'i';
constexpr char kWorker = 'o';
constexpr char kLabel = 'l';
constexpr char kAttempts = 'a';
constexpr char kDeduped = 'd';

constexpr std::size_t kAgeBytes = sizeof(std::uint64_t);
// A run with one attempt or none has no entry by attempts, and those with many share one.
constexpr std::uint32_t kAttemptsFrom = 2;
constexpr std::uint32_t kAttemptsShared = 8;

std::string named(std::string_view name) {
  std::string text(name);
  text.push_back('\0');
  return text;
}

std::string level_of_workspace(const Workspace& workspace) {
  return kInWorkspace + named(workspace.str());
}

std::string level_of_tenant(const Workspace& workspace, const Tenant& tenant) {
  return kInTenant + named(workspace.str()) + named(tenant.str());
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

std::string value_of(const State& state) {
  return {static_cast<char>('0' + static_cast<int>(state.status)),
          static_cast<char>('0' + static_cast<int>(state.outcome))};
}

// The zero byte at the end keeps prefix_end() from overflowing.
std::string value_of(const SanitizedText& text) {
  return named(bytes_of(content_digest({text.str()})));
}

std::string value_of(const LabelKey& key, const SanitizedText& value) {
  return named(key.str()) + value_of(value);
}

std::string value_of_attempts(std::uint32_t attempts) {
  return {static_cast<char>('0' + static_cast<int>(std::min(attempts, kAttemptsShared)))};
}

std::string prefix_of_tenant(const Tenant& tenant) {
  return kByTenant + named(tenant.str());
}

std::string prefix_of_parent(RunId parent) {
  return kByParent + named(parent.value.view());
}

std::string prefix_of_identity(const Identity& identity) {
  return kByIdentity + named(bytes_of(identity.digest));
}

// The newest comes first: the larger the sequence, the smaller its bytes.
std::string with_age(std::string prefix, Sequence first) {
  append_big_endian(prefix, std::numeric_limits<std::uint64_t>::max() - first.value);
  return prefix;
}

// Collects entries of a row: all of them, or only those of the level and aspect of one that is looked for.
class Entries {
 public:
  explicit Entries(const OperationRun::Row& row, std::string_view sought = {})
      : row_(row), sought_(sought), levels_(levels_of(row.scope)) {
    if (!sought.empty()) std::erase_if(levels_, [&](const std::string& level) { return !sought.starts_with(level); });
  }

  void add(std::string prefix) { found_.push_back(with_age(std::move(prefix), row_.first_sequence)); }
  void add(char aspect, std::string_view value) {
    for (const std::string& level : levels_) {
      if (!sought_.empty() && (sought_.size() <= level.size() || sought_[level.size()] != aspect)) continue;
      std::string prefix = level;
      prefix.push_back(aspect);
      prefix.append(value);
      add(std::move(prefix));
    }
  }
  void add_due() {
    if (std::optional<std::string> due = due_entry(row_)) found_.push_back(*std::move(due));
  }
  [[nodiscard]] bool seeks(char kind) const { return sought_.empty() || sought_.front() == kind; }
  [[nodiscard]] bool seeks_a_level() const {
    return sought_.empty() || seeks(kInLedger) || seeks(kInWorkspace) || seeks(kInTenant);
  }
  [[nodiscard]] const OperationRun::Row& row() const { return row_; }
  [[nodiscard]] std::vector<std::string> take() { return std::move(found_); }

 private:
  const OperationRun::Row& row_;
  std::string_view sought_;
  std::vector<std::string> levels_;
  std::vector<std::string> found_;
};

void add_fixed(Entries& entries) {
  const OperationRun::Row& row = entries.row();
  if (row.scope.tenant && entries.seeks(kByTenant)) entries.add(prefix_of_tenant(*row.scope.tenant));
  if (row.parent && entries.seeks(kByParent)) entries.add(prefix_of_parent(*row.parent));
  if (entries.seeks(kByIdentity)) entries.add(prefix_of_identity(row.identity));
  if (!entries.seeks_a_level()) return;
  entries.add(kType, named(row.type.str()));
  if (row.initiator) entries.add(kInitiator, value_of(*row.initiator));
  for (const auto& [key, value] : row.labels) entries.add(kLabel, value_of(key, value));
}

void add_moving(Entries& entries) {
  const OperationRun::Row& row = entries.row();
  if (entries.seeks(kDuePrefix.front())) entries.add_due();
  if (!entries.seeks_a_level()) return;
  entries.add(kState, value_of(State{row.status, row.outcome}));
  if (row.reason_code) entries.add(kReasonCode, named(row.reason_code->str()));
  if (row.attempt.value >= kAttemptsFrom) entries.add(kAttempts, value_of_attempts(row.attempt.value));
  if (row.deduped_count > 0) entries.add(kDeduped, {});
}

void add_workers(Entries& entries, const std::vector<SanitizedText>& workers) {
  for (const SanitizedText& worker : workers) entries.add(kWorker, value_of(worker));
}

std::vector<State> states_matching(const RunFilter& filter) {
  std::vector<State> states;
  for (const State& state : kStates) {
    if (filter.status.admits(state.status) && filter.outcome.admits(state.outcome)) states.push_back(state);
  }
  return states;
}

// The unions of a filter's values in one level.
class Plan {
 public:
  explicit Plan(const RunFilter& filter) : level_(level_of(filter.workspace, filter.tenant)) {}

  void require(std::string prefix) { unions_.push_back({std::move(prefix)}); }
  void require(char aspect, const std::vector<std::string>& values) {
    RowUnion& any = unions_.emplace_back();
    for (const std::string& value : values) any.push_back(level_ + aspect + value);
  }
  [[nodiscard]] bool empty() const { return unions_.empty(); }
  [[nodiscard]] std::vector<RowUnion> take() { return std::move(unions_); }

 private:
  std::string level_;
  std::vector<RowUnion> unions_;
};

void require_values(Plan& plan, const RunFilter& filter) {
  if (filter.identity) plan.require(prefix_of_identity(*filter.identity));
  if (filter.parent) plan.require(prefix_of_parent(*filter.parent));
  if (filter.tenant && !filter.workspace) plan.require(prefix_of_tenant(*filter.tenant));
  if (filter.reason_code) plan.require(kReasonCode, {named(filter.reason_code->str())});
  if (filter.initiator) plan.require(kInitiator, {value_of(*filter.initiator)});
  if (filter.worker) plan.require(kWorker, {value_of(*filter.worker)});
  for (const auto& [key, value] : filter.labels) plan.require(kLabel, {value_of(key, value)});
  if (filter.deduped) plan.require(kDeduped, {{}});
  if (filter.attempts_min >= kAttemptsFrom) {
    std::vector<std::string> values;
    for (std::uint32_t each = std::min(filter.attempts_min, kAttemptsShared); each <= kAttemptsShared; ++each)
      values.push_back(value_of_attempts(each));
    plan.require(kAttempts, values);
  }
  if (filter.type) {
    std::vector<std::string> values;
    for (const RunType& type : filter.type.values()) values.push_back(named(type.str()));
    plan.require(kType, values);
  }
}

bool has_times(const OperationRun::Row& row, const RunFilter& filter) {
  if (filter.since && row.requested_at < *filter.since) return false;
  if (filter.until && row.requested_at >= *filter.until) return false;
  if (filter.completed_since && (!row.completed_at || *row.completed_at < *filter.completed_since)) return false;
  if (!filter.active_between) return true;
  return row.requested_at < filter.active_between->until &&
         (!row.completed_at || *row.completed_at >= filter.active_between->from);
}

bool has_labels(const OperationRun::Row& row, const Labels& labels) {
  return std::all_of(labels.begin(), labels.end(), [&](const auto& label) {
    const auto found = row.labels.find(label.first);
    return found != row.labels.end() && found->second == label.second;
  });
}

}  // namespace

std::vector<std::string> levels_of(const Scope& scope) {
  std::vector<std::string> levels{std::string(1, kInLedger), level_of_workspace(scope.workspace)};
  if (scope.tenant) levels.push_back(level_of_tenant(scope.workspace, *scope.tenant));
  return levels;
}

std::string level_of(const std::optional<Workspace>& workspace, const std::optional<Tenant>& tenant) {
  if (!workspace) return std::string(1, kInLedger);
  return tenant ? level_of_tenant(*workspace, *tenant) : level_of_workspace(*workspace);
}

std::vector<std::string> fixed_entries(const OperationRun::Row& row) {
  Entries entries(row);
  add_fixed(entries);
  return entries.take();
}

std::vector<std::string> moving_entries(const OperationRun::Row& row) {
  Entries entries(row);
  add_moving(entries);
  return entries.take();
}

std::vector<std::string> worker_entries(const OperationRun::Row& row, const SanitizedText& worker) {
  Entries entries(row);
  add_workers(entries, {worker});
  return entries.take();
}

std::vector<std::string> all_entries(const OperationRun::Row& row, const std::vector<SanitizedText>& workers) {
  Entries entries(row);
  add_fixed(entries);
  add_moving(entries);
  add_workers(entries, workers);
  return entries.take();
}

bool has_entry(const OperationRun::Row& row, const std::vector<SanitizedText>& workers, std::string_view entry) {
  if (entry.empty()) return false;
  Entries entries(row, entry);
  add_fixed(entries);
  add_moving(entries);
  if (entries.seeks_a_level()) add_workers(entries, workers);
  const std::vector<std::string> found = entries.take();
  return std::find(found.begin(), found.end(), entry) != found.end();
}

std::string prefix_of_runs(const Scope& scope) {
  return level_of(scope.workspace, scope.tenant) + kState;
}

std::vector<std::string> prefixes_of_content(const Scope& scope) {
  const std::string level = level_of(scope.workspace, scope.tenant);
  return {level + kInitiator, level + kWorker, level + kLabel};
}

// A start without content names no worker, and has the entry of the empty text.
std::optional<std::string> without_content(const Scope& scope, std::string_view entry) {
  const std::string workers = level_of(scope.workspace, scope.tenant) + kWorker;
  if (!entry.starts_with(workers)) return std::nullopt;
  return with_age(workers + value_of(SanitizedText()), age_of(entry));
}

std::vector<std::string> in_all_levels(const Scope& scope, std::string_view entry) {
  const std::string_view rest = entry.substr(level_of(scope.workspace, scope.tenant).size());
  std::vector<std::string> entries = levels_of(scope);
  for (std::string& level : entries) level += rest;
  return entries;
}

Sequence age_of(std::string_view entry) {
  RUNLEDGER_ASSERT(entry.size() >= kAgeBytes);
  return Sequence{std::numeric_limits<std::uint64_t>::max() -
                  load_big_endian_64(entry.data() + entry.size() - kAgeBytes)};
}

std::string seek_key(std::string_view prefix, Sequence before) {
  RUNLEDGER_ASSERT(before.value > 0);
  return with_age(std::string(prefix), Sequence{before.value - 1});
}

std::vector<RowUnion> plan(const RunFilter& filter) {
  const std::vector<State> states = states_matching(filter);
  if (states.empty()) return {};
  Plan plan(filter);
  require_values(plan, filter);
  if (plan.empty() || states.size() < std::size(kStates)) {
    std::vector<std::string> values;
    for (const State& state : states) values.push_back(value_of(state));
    plan.require(kState, values);
  }
  return plan.take();
}

bool is_in_scope(const OperationRun::Row& row, const RunFilter& filter) {
  return (!filter.workspace || row.scope.workspace == *filter.workspace) &&
         (!filter.tenant || row.scope.tenant == filter.tenant);
}

bool matches(const OperationRun::Row& row, const RunFilter& filter) {
  return is_in_scope(row, filter) && filter.type.admits(row.type) && filter.status.admits(row.status) &&
         filter.outcome.admits(row.outcome) && has_times(row, filter) && has_labels(row, filter.labels) &&
         (!filter.reason_code || row.reason_code == filter.reason_code) &&
         (!filter.initiator || row.initiator == filter.initiator) &&
         (!filter.identity || row.identity == *filter.identity) && (!filter.parent || row.parent == filter.parent) &&
         row.attempt.value >= filter.attempts_min && (!filter.deduped || row.deduped_count > 0) &&
         (!filter.id_prefix || filter.id_prefix->matches(row.id));
}

}  // namespace runledger::row_index
