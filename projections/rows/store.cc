// Keeps the local rows in RocksDB: opens them, follows the log, and reads them.
//
// A database of its own, beside that of the log, holds everything: rows, list entries, due entries, totals, and the
// metadata with the checkpoint (index.cc describes the keys). Memory holds only the checkpoint.
//
// Opening compares the metadata with this program and this ledger. Rows of another revision, or of another ledger, are
// removed with the whole database.
//
// catch_up() takes the events after the checkpoint in batches. A RowBatch loads the rows and totals that they touch,
// folds the events, and puts all changes and the new metadata into one WriteBatch. RocksDB applies that atomically; a
// reader with a snapshot therefore sees rows, entries and totals that belong to one checkpoint. The write goes
// into memory, and from there into tables later. That is safe because the events were synced, so a crash takes the rows
// back to an earlier checkpoint, never to a state that the log does not have. `checkpoint` moves after the write and
// before the watch is called.
//
// list() and totals() read under a snapshot; find() and first_queued() are single reads and need none. list_search.cc
// has the search of a list.
//
// verify() and rebuild() share check_rows(), which visits every difference between stored and folded rows. verify()
// reports each one, rebuild() passes it to RowRepair.
#include "projections/rows/store.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "projections/rows/batch.h"
#include "projections/rows/check.h"
#include "projections/rows/codec.h"
#include "projections/rows/erased_rows.h"
#include "projections/rows/list_cursor.h"
#include "projections/rows/list_search.h"
#include "projections/rows/merge.h"
#include "projections/rows/past_list.h"
#include "projections/rows/past_row.h"
#include "projections/rows/repair.h"
#include "projections/rows/table.h"

namespace runledger {

namespace {

bool is_empty(const RowTable& table) {
  bool empty = true;
  table.visit("", "", nullptr, [&empty](std::string_view, std::string_view) {
    empty = false;
    return Scan::kStop;
  });
  return empty;
}

// Whether the stored rows can be followed on. Rows of another revision or ledger can not.
bool is_ours(const RowTable& table, const std::optional<row_index::Metadata>& metadata) {
  if (!metadata) return is_empty(table);
  return metadata->row_revision == OperationRun::kRevision && metadata->index_revision == row_index::kRevision &&
         metadata->ledger == table.log.store().ledger_id();
}

struct Opened {
  RowTable table;
  Sequence checkpoint;
};

Sequence snapshot_checkpoint(const RowTable& table, const RowSnapshot& snapshot) {
  const std::optional<row_index::Metadata> metadata = table.metadata(snapshot.get());
  return metadata ? metadata->checkpoint : Sequence{};
}

Opened open_rows(EventLog& log) {
  {
    const RowTable table(log);
    const std::optional<row_index::Metadata> metadata = table.metadata();
    if (is_ours(table, metadata)) return {table, metadata ? metadata->checkpoint : Sequence{}};
  }
  log.store().discard_derived();
  return {RowTable(log), Sequence{}};
}

}  // namespace

struct RowStore::Impl {
  RowTable table;
  std::atomic<std::uint64_t> checkpoint;

  explicit Impl(const Opened& opened) : table(opened.table), checkpoint(opened.checkpoint.value) {}
};

RowStore::RowStore(EventLog& log) : impl_(std::make_unique<Impl>(open_rows(log))) {
  // Rows are never written before the events that they fold are on disk, so a crash cannot have left them ahead.
  if (checkpoint() > log.last()) {
    throw_damaged(fmt::format("expected the rows at or before the log's last event, {}, found them at {}",
                              log.last().value, checkpoint().value));
  }
}

RowStore::~RowStore() = default;

Sequence RowStore::checkpoint() const {
  return Sequence{impl_->checkpoint.load(std::memory_order_acquire)};
}

void RowStore::catch_up(const Progress& progress, const RowWatch& watch) {
  const RowTable& table = impl_->table;
  const Sequence from = checkpoint();
  const Sequence target = table.log.last();
  for (Sequence at = from; at < target;) {
    RowBatch rows(table);
    Sequence to = at;
    const Sequence to_max{std::min(target.value, at.value + kEventsPerBatchMax)};
    std::optional<Scope> erased;
    table.log.scan(at, to_max, [&](const Envelope& envelope, std::string_view stored) {
      if (const auto* event = std::get_if<Erased>(&envelope.event)) {
        if (to != at) return Scan::kStop;  // It changes rows that the events before it have to write first.
        erased = event->scope;
      }
      rows.fold(envelope, stored.size());
      to = envelope.sequence;
      return !erased && rows.bytes() < kBytesPerBatchMax ? Scan::kContinue : Scan::kStop;
    });
    if (erased) erase_content(table, *erased);
    rocksdb::WriteBatch batch;
    rows.write_to(batch, to);
    table.write(batch);
    impl_->checkpoint.store(to.value, std::memory_order_release);
    if (watch) watch(rows.changes());
    at = to;
    if (progress) progress(at.value - from.value, target.value - from.value);
  }
}

void RowStore::flush() const {
  impl_->table.store.flush();
}

void RowStore::rewrite_tables() const {
  impl_->table.store.rewrite_tables();
}

std::optional<OperationRun::Row> RowStore::find(RunId run) const {
  const RowTable& table = impl_->table;
  const std::optional<std::string> stored = table.read(row_index::row_key(run));
  if (!stored) return std::nullopt;
  return decode_row(run, *stored);
}

std::vector<row_index::Milestone> RowStore::milestones(RunId run, RunVersion after, RunVersion to) const {
  return read_milestones(impl_->table, run, after, to, nullptr);
}

Result<RunPage> RowStore::list(const RunFilter& filter, std::size_t limit, const std::string& cursor) const {
  if (!filter.as_of) return list(filter, std::nullopt, limit, cursor);
  const auto* time = std::get_if<Time>(&*filter.as_of);
  return list(filter, time != nullptr ? impl_->table.log.as_of(*time) : std::get<Sequence>(*filter.as_of), limit,
              cursor);
}

Result<RunPage> RowStore::list(const RunFilter& filter, const std::optional<Sequence>& as_of, std::size_t limit,
                               const std::string& cursor) const {
  RUNLEDGER_ASSERT(limit >= 1 && limit <= kPageMax);
  if (filter.type.values().size() > kFilterValuesMax) return too_many_values(filter.type.values().size());
  const RowTable& table = impl_->table;
  const IdentityKey& key = table.log.store().identity_key();
  Sequence before = RowMerge::newest();
  if (!cursor.empty()) {
    const std::optional<Sequence> opened = open_cursor(key, filter, cursor);
    if (!opened) return reject("cursor.invalid", "expected a cursor that this list gave out, with the same filters");
    before = *opened;
  }

  const RowSnapshot snapshot(table.db);
  const bool is_past = as_of && *as_of < snapshot_checkpoint(table, snapshot);
  FoundRows found = is_past ? search_past_rows(table, filter, *as_of, before, limit, snapshot.get())
                            : search_rows(table, filter, before, limit, snapshot.get());
  RunPage page{.rows = std::move(found.rows), .scanned = found.scanned, .reached = found.reached};
  if (found.next_before) page.next_cursor = seal_cursor(key, filter, *found.next_before);
  return page;
}

void RowStore::visit_events(const row_index::RowUnion& entries, Sequence before,
                            const std::function<Scan(Sequence, RunId)>& visit) const {
  if (before.value == 0) return;
  const RowTable& table = impl_->table;
  const RowSnapshot snapshot(table.db);
  for (RowMerge merge(table, entries, before, snapshot.get()); merge.valid(); merge.next()) {
    if (visit(merge.age(), merge.run()) == Scan::kStop) return;
  }
}

LedgerTotals RowStore::totals(const RunFilter& filter) const {
  RUNLEDGER_ASSERT(selects_totals(filter));
  const RowTable& table = impl_->table;
  const std::string prefix = row_index::totals_prefix(filter);
  const RowSnapshot snapshot(table.db);
  LedgerTotals totals{.head = snapshot_checkpoint(table, snapshot)};
  table.visit(prefix, prefix_end(prefix), snapshot.get(), [&](std::string_view key, std::string_view stored) {
    if (!row_index::totals_match(key, filter)) return Scan::kContinue;
    Statistics group = decode_totals(stored);
    const row_index::TotalsNames names = row_index::totals_names(key);
    group.by_scope = {{scope_name(names.workspace, names.tenant), group.runs}};
    add(totals.statistics, group);
    return Scan::kContinue;
  });
  return totals;
}

void RowStore::visit_totals(const RunFilter& filter, const std::function<Scan(const TotalsGroup&)>& visit) const {
  RUNLEDGER_ASSERT(selects_totals(filter));
  const std::string prefix = row_index::totals_prefix(filter);
  impl_->table.visit(prefix, prefix_end(prefix), nullptr, [&](std::string_view key, std::string_view stored) {
    if (!row_index::totals_match(key, filter)) return Scan::kContinue;
    const row_index::TotalsNames names = row_index::totals_names(key);
    return visit({names.workspace, names.tenant, names.type, decode_totals(stored)});
  });
}

void RowStore::visit_rollup_groups(const std::string& prefix,
                                   const std::function<Scan(const row_index::RollupKey&)>& visit) const {
  runledger::visit_rollup_groups(impl_->table, prefix, nullptr, visit);
}

void RowStore::visit_rollups(const std::string& group, row_index::Grain grain, Time from, Time until,
                             const std::function<void(Time, const Rollup&)>& visit) const {
  if (from >= until) return;
  impl_->table.visit(row_index::rollup_key(group, grain, from), row_index::rollup_key(group, grain, until), nullptr,
                     [&](std::string_view key, std::string_view stored) {
                       const std::optional<row_index::RollupKey> parsed = row_index::parse_rollup_key(key);
                       if (!parsed) throw_rows_damaged("the key of a roll-up has an unknown form");
                       visit(parsed->start, decode_rollup(stored));
                       return Scan::kContinue;
                     });
}

std::optional<RowStore::Queued> RowStore::first_queued(const RunType& type, const Scope& scope, Time from,
                                                       const std::function<bool(RunId)>& taken) const {
  const RowTable& table = impl_->table;
  const std::string prefix = row_index::due_prefix(type, scope);
  std::optional<Queued> first;
  table.visit(row_index::due_seek_key(prefix, from), prefix_end(prefix), nullptr,
              [&](std::string_view key, std::string_view value) {
                const std::optional<row_index::DueKey> due = row_index::parse_due(key);
                const std::optional<RunId> run = row_index::parse_run(value);
                if (!due || !run) throw_rows_damaged("an entry of a queued run has an unknown form");
                if (taken(*run)) return Scan::kContinue;
                first = Queued{*run, due->due};
                return Scan::kStop;
              });
  return first;
}

std::size_t RowStore::count_queued_before(const RunType& type, const Scope& scope, Time due, std::size_t most) const {
  const std::string prefix = row_index::due_prefix(type, scope);
  std::size_t count = 0;
  impl_->table.visit(prefix, row_index::due_seek_key(prefix, due), nullptr, [&](std::string_view, std::string_view) {
    return ++count == most ? Scan::kStop : Scan::kContinue;
  });
  return count;
}

void RowStore::visit_queues(const std::function<void(const RunType&, const Scope&, Time)>& visit) const {
  const RowTable& table = impl_->table;
  const std::string end = prefix_end(row_index::kDuePrefix);
  for (std::string from(row_index::kDuePrefix); !from.empty();) {
    std::string next;
    table.visit(from, end, nullptr, [&](std::string_view key, std::string_view) {
      const std::optional<row_index::DueKey> due = row_index::parse_due(key);
      if (!due) throw_rows_damaged("an entry of a queued run has an unknown form");
      visit(due->type, due->scope, due->due);
      next = prefix_end(row_index::due_prefix(due->type, due->scope));  // After all entries of this queue.
      return Scan::kStop;
    });
    from = std::move(next);
  }
}

void RowStore::verify(const std::function<void(std::string, std::optional<RunId>, std::string)>& finding,
                      const Progress& progress) const {
  const RowTable& table = impl_->table;
  const RowSnapshot snapshot(table.db);
  const Sequence to = snapshot_checkpoint(table, snapshot);
  const EventSource events = with_progress(readable_events(table.log, to), to, progress);
  check_rows(table, snapshot.get(), events, [&](const RowDifference& difference) {
    finding(fmt::format("{}.{}", to_string(difference.part), to_string(difference.kind)), difference.run,
            difference.detail);
  });
}

RebuildReport RowStore::rebuild(bool dry_run, const Progress& progress) {
  try {
    catch_up();
  } catch (const Failure& failure) {
    // Rows that stop following are among the damage that is repaired here.
    if (failure.code() != "rows.damaged") throw;
  }
  const RowTable& table = impl_->table;
  const RowSnapshot snapshot(table.db);
  const Sequence to = checkpoint();
  RowRepair repair(table, dry_run ? RowRepair::Mode::kCountOnly : RowRepair::Mode::kApply);
  const std::uint64_t scanned =
      check_rows(table, snapshot.get(), with_progress(sound_events(table.log, to), to, progress),
                 [&](const RowDifference& difference) { repair.take(difference); });
  const RebuildReport report = repair.finish(scanned);
  if (!dry_run) catch_up();
  return report;
}

RebuildReport rebuild_rows(EventLog& log, bool dry_run, const Progress& progress) {
  try {
    return RowStore(log).rebuild(dry_run, progress);
  } catch (const Failure& failure) {
    if (dry_run || failure.code() != "rows.damaged") throw;
  }
  // The engine cannot read them, so there is nothing to compare.
  log.store().discard_derived();
  RebuildReport report = RowStore(log).rebuild(false, progress);
  report.inserted = report.drifted = report.scanned;
  return report;
}

}  // namespace runledger
