// A batch keeps the records that it changes in memory. The trees are changed once, at its end, when every record is as
// it will be stored.
#include "ledger/log/scope_batch.h"

#include <rocksdb/db.h>

#include <algorithm>
#include <utility>

#include "ledger/base/assert.h"

namespace runledger {
namespace {

constexpr const char* kReading = "reading the heads of scopes";

void put(rocksdb::WriteBatch& batch, const std::string& key, const std::string& value) {
  check_derived(batch.Put(key, value), "writing the heads of scopes");
}

SparseBranch read_branch(const DerivedStore& scopes, const std::string& key) {
  const std::optional<std::string> value = read_entry(scopes, key);
  if (!value) throw_rows_damaged("expected a node of the tree of scopes, found none");
  return decode_branch(*value);
}

Digest<32> hash_of_entries(std::vector<SparseEntry> entries) {
  if (entries.empty()) throw_rows_damaged("expected a place of the tree of scopes, found none");
  std::sort(entries.begin(), entries.end(), [](const SparseEntry& a, const SparseEntry& b) { return a.key < b.key; });
  return hash_of_place(entries);
}

Digest<32> hash_of_records(const std::vector<ScopeRecord>& records, const ScopeSecrets& secrets) {
  std::vector<SparseEntry> entries;
  for (const ScopeRecord& record : records) entries.push_back(entry_of(record, secrets));
  return hash_of_entries(std::move(entries));
}

Digest<32> hash_of_records(const std::vector<RunRecord>& records) {
  std::vector<SparseEntry> entries;
  for (const RunRecord& record : records) entries.push_back(entry_of(record));
  return hash_of_entries(std::move(entries));
}

}  // namespace

std::optional<std::string> read_entry(const DerivedStore& scopes, const std::string& key) {
  std::string value;
  const rocksdb::Status status = scopes.db().Get({}, key, &value);
  if (status.IsNotFound()) return std::nullopt;
  check_derived(status, kReading);
  return value;
}

std::vector<ScopeRecord> read_scopes_at(const DerivedStore& scopes, Place place) {
  const std::optional<std::string> value = read_entry(scopes, scope_place_key(place));
  return value ? decode_scopes(*value) : std::vector<ScopeRecord>();
}

std::vector<RunRecord> read_runs_at(const DerivedStore& scopes, const Digest<32>& scope_key, Place place) {
  const std::optional<std::string> value = read_entry(scopes, run_place_key(scope_key, place));
  return value ? decode_runs(*value) : std::vector<RunRecord>();
}

ScopeHead head_of(const ScopeRecord& record) {
  RUNLEDGER_ASSERT(record.runs);
  return {hash_of_head(head_of(record.events)), record.runs->hash};
}

SparseEntry entry_of(const ScopeRecord& record, const ScopeSecrets& secrets) {
  const Digest<32> key = scope_key(secrets.salt(), record.scope);
  return scope_entry(key, head_of(record), secrets.nonce(key, record.events.size()));
}

SparseEntry entry_of(const RunRecord& record) {
  return run_entry(record.run, head_of(record.events));
}

SparseTree tree_of_scopes(const DerivedStore& scopes, const ScopeSecrets& secrets) {
  return {
      SparseShape::kFixed,
      [&secrets](unsigned depth, Place prefix) { return secrets.fill(depth, prefix); },
      {.branch = [&scopes](unsigned depth,
                           Place prefix) { return read_branch(scopes, scope_branch_key(depth, prefix)); },
       .place = [&scopes, &secrets](Place place) { return hash_of_records(read_scopes_at(scopes, place), secrets); }}};
}

SparseTree tree_of_runs(const DerivedStore& scopes, const Digest<32>& scope_key) {
  return {
      SparseShape::kCompact,
      empty_runs,
      {.branch = [&scopes, scope_key](
                     unsigned depth,
                     Place prefix) { return read_branch(scopes, run_branch_key(scope_key, depth, prefix)); },
       .place = [&scopes, scope_key](Place place) { return hash_of_records(read_runs_at(scopes, scope_key, place)); }}};
}

ScopeBatch::OpenScope& ScopeBatch::open(const Scope& scope) {
  const auto [found, is_new] = scopes_.try_emplace(scope);
  OpenScope& opened = found->second;
  if (!is_new) return opened;
  opened.key = scope_key(secrets_.salt(), scope);
  opened.record.scope = scope;
  for (ScopeRecord& record : read_scopes_at(stored_, place_of(opened.key))) {
    if (record.scope == scope) opened.record = std::move(record);
  }
  return opened;
}

void ScopeBatch::add(const Scope& scope, RunId run, const Digest<32>& leaf) {
  OpenScope& opened = open(scope);
  opened.record.events.append_hash(leaf);
  const Place place = place_of(run_key(run));
  const auto [at, is_new] = opened.runs.try_emplace(place);
  if (is_new) at->second = read_runs_at(stored_, opened.key, place);
  auto record =
      std::find_if(at->second.begin(), at->second.end(), [&run](const RunRecord& each) { return each.run == run; });
  if (record == at->second.end()) record = at->second.insert(record, RunRecord{.run = run, .events = {}});
  record->events.append_hash(leaf);
}

void ScopeBatch::finish_runs(OpenScope& scope, rocksdb::WriteBatch& batch) const {
  std::vector<TakenPlace> changes;
  for (const auto& [place, records] : scope.runs) {
    changes.push_back({place, hash_of_records(records)});
    put(batch, run_place_key(scope.key, place), encode_runs(records));
  }
  scope.record.runs =
      tree_of_runs(stored_, scope.key)
          .changed(scope.record.runs, changes, [&](unsigned depth, Place prefix, const SparseBranch& branch) {
            put(batch, run_branch_key(scope.key, depth, prefix), encode_branch(branch));
          });
}

std::optional<SparseRoot> ScopeBatch::finish(const std::optional<SparseRoot>& before, rocksdb::WriteBatch& batch) {
  std::map<Place, std::vector<ScopeRecord>> places;
  for (auto& [scope, opened] : scopes_) {
    finish_runs(opened, batch);
    const auto [at, is_new] = places.try_emplace(place_of(opened.key));
    if (is_new) at->second = read_scopes_at(stored_, at->first);
    // In an order that does not depend on where batches end.
    const auto record = std::lower_bound(at->second.begin(), at->second.end(), scope,
                                         [](const ScopeRecord& each, const Scope& name) { return each.scope < name; });
    if (record != at->second.end() && record->scope == scope) {
      *record = std::move(opened.record);
    } else {
      at->second.insert(record, std::move(opened.record));
    }
  }
  if (places.empty()) return before;
  std::vector<TakenPlace> changes;
  for (const auto& [place, records] : places) {
    changes.push_back({place, hash_of_records(records, secrets_)});
    put(batch, scope_place_key(place), encode_scopes(records));
  }
  return tree_of_scopes(stored_, secrets_)
      .changed(before, changes, [&](unsigned depth, Place prefix, const SparseBranch& branch) {
        put(batch, scope_branch_key(depth, prefix), encode_branch(branch));
      });
}

}  // namespace runledger
