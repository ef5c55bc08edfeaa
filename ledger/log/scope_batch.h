// Folds events of the log into the trees of their scopes, many at a time.
#pragma once

#include <rocksdb/write_batch.h>

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/log/scope_entries.h"
#include "ledger/log/scope_head.h"
#include "ledger/log/store/derived_store.h"

namespace runledger {

// Returns the value of a key of the database; nullopt when it has none. Throws as check_derived() does.
[[nodiscard]] std::optional<std::string> read_entry(const DerivedStore& scopes, const std::string& key);

// The records at a place; none when the place is not taken. Throw "rows.damaged" as well.
[[nodiscard]] std::vector<ScopeRecord> read_scopes_at(const DerivedStore& scopes, Place place);
[[nodiscard]] std::vector<RunRecord> read_runs_at(const DerivedStore& scopes, const Digest<32>& scope_key, Place place);

// What the trees have for these records. Requires a record with runs.
[[nodiscard]] ScopeHead head_of(const ScopeRecord& record);
[[nodiscard]] SparseEntry entry_of(const ScopeRecord& record, const ScopeSecrets& secrets);
[[nodiscard]] SparseEntry entry_of(const RunRecord& record);

// The two kinds of trees, over what the database has.
[[nodiscard]] SparseTree tree_of_scopes(const DerivedStore& scopes, const ScopeSecrets& secrets);
[[nodiscard]] SparseTree tree_of_runs(const DerivedStore& scopes, const Digest<32>& scope_key);

// Events that follow those in a database of scopes, and what becomes of its entries. Reads every entry at most once or
// twice, and writes it at most once, so many events together cost less than the same ones apart. For one thread.
// Neither argument is owned. Throws as read_entry() does.
class ScopeBatch {
 public:
  ScopeBatch(const DerivedStore& scopes, const ScopeSecrets& secrets) : stored_(scopes), secrets_(secrets) {}

  // Adds the next event, by the hash of its stored bytes.
  void add(const Scope& scope, RunId run, const Digest<32>& leaf);

  // Puts all entries that change into `batch`, except for the state. Returns the tree of scopes that follows `before`.
  // Nothing may be called afterwards.
  [[nodiscard]] std::optional<SparseRoot> finish(const std::optional<SparseRoot>& before, rocksdb::WriteBatch& batch);

 private:
  struct OpenScope {
    Digest<32> key;
    ScopeRecord record;
    std::map<Place, std::vector<RunRecord>> runs;  // At the places that change, all of them.
  };

  [[nodiscard]] OpenScope& open(const Scope& scope);
  void finish_runs(OpenScope& scope, rocksdb::WriteBatch& batch) const;

  const DerivedStore& stored_;
  const ScopeSecrets& secrets_;
  std::map<Scope, OpenScope> scopes_;
};

}  // namespace runledger
