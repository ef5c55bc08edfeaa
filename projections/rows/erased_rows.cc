// Walks the entries of the tenant's level, which lead to its rows and to what was written into them.
//
// The same entry is in the levels of the workspace and of the whole ledger, where entries of others lie between those
// of the tenant; so their keys are derived from the tenant's own.
#include "projections/rows/erased_rows.h"

#include <fmt/format.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "projections/rows/codec.h"
#include "projections/rows/list_index.h"
#include "projections/rows/writes.h"

namespace runledger {
namespace {

constexpr std::size_t kEntriesPerWrite = 2000;

using Entry = std::pair<std::string, std::string>;

// The entries that begin with `prefix`, from `from` on: at most kEntriesPerWrite.
std::vector<Entry> read_entries(const RowTable& table, const std::string& prefix, const std::string& from) {
  std::vector<Entry> entries;
  table.visit(from, prefix_end(prefix), nullptr, [&entries](std::string_view key, std::string_view value) {
    entries.emplace_back(key, value);
    return entries.size() < kEntriesPerWrite ? Scan::kContinue : Scan::kStop;
  });
  return entries;
}

// Calls `change` with each entry that begins with `prefix`, and writes what it changes.
template <class Change>
void change_entries(const RowTable& table, const std::string& prefix, const Change& change) {
  std::string from = prefix;
  for (;;) {
    const std::vector<Entry> entries = read_entries(table, prefix, from);
    if (entries.empty()) return;
    RowWrites writes;
    for (const Entry& entry : entries) change(entry, writes);
    rocksdb::WriteBatch batch;
    writes.add_to(batch);
    table.write(batch);
    from = entries.back().first + '\0';
  }
}

void erase_row(const RowTable& table, const Entry& entry, RowWrites& writes) {
  const std::optional<RunId> run = row_index::parse_run(entry.second);
  if (!run) throw_rows_damaged("an index entry does not lead to a run");
  const std::string key = row_index::row_key(*run);
  const std::optional<std::string> stored = table.read(key);
  if (!stored) throw_rows_damaged(fmt::format("the row of run {} is missing", format_uuid(run->value)));
  OperationRun::Row row = decode_row(*run, *stored);
  OperationRun::erase_content(row);
  const std::string without = RowCodec::encode(row);
  if (without != *stored) writes.put(key, without);
}

}  // namespace

void erase_content(const RowTable& table, const Scope& scope) {
  change_entries(table, row_index::prefix_of_runs(scope),
                 [&](const Entry& entry, RowWrites& writes) { erase_row(table, entry, writes); });
  for (const std::string& prefix : row_index::prefixes_of_content(scope)) {
    change_entries(table, prefix, [&](const Entry& entry, RowWrites& writes) {
      const std::optional<std::string> without = row_index::without_content(scope, entry.first);
      if (without == entry.first) return;
      for (const std::string& key : row_index::in_all_levels(scope, entry.first)) writes.erase(key);
      if (!without) return;
      for (const std::string& key : row_index::in_all_levels(scope, *without)) writes.put(key, entry.second);
    });
  }
}

}  // namespace runledger
