// A batch of events moves the trees and the state in one write, so whatever a crash takes away, the trees are those of
// the events that the state names. The state also keeps the frontier of the log's own tree, from which it shows that
// the events are still those of the log.
//
// Every entry follows from the log and the secrets alone, wherever batches end. So a second derivation finds every
// damage, and no other check is needed.
#include "ledger/log/scope_trees.h"

#include <fmt/format.h>
#include <rocksdb/db.h>

#include <algorithm>
#include <memory>

#include "ledger/base/assert.h"
#include "ledger/base/damage.h"
#include "ledger/base/failure.h"
#include "ledger/log/entries.h"
#include "ledger/log/scope_batch.h"
#include "ledger/log/store/cursor.h"

namespace runledger {

struct ScopesAtHead::Source {
  const DerivedStore& scopes;
  const ScopeSecrets& secrets;
  Head head;
  std::optional<SparseRoot> tree;
  Digest<32> root;
};

namespace {

constexpr std::uint64_t kEventsPerLook = 1024;     // From one question whether to go on to the next.
constexpr std::uint64_t kEventsPerBatch = 65536;   // Holds the runs of so many events in memory.
constexpr std::uint64_t kEventsNotFlushed = 4096;  // So few are followed again in less time than a flush takes.

ScopesState read_state(const DerivedStore& scopes, const ScopeSecrets& secrets) {
  const std::optional<std::string> value = read_entry(scopes, kScopesStateKey);
  if (!value) return {.log = {}, .secrets = secrets.id(), .scopes = {}};
  return decode_scopes_state(*value);
}

void write_batch(const DerivedStore& scopes, ScopeBatch& events, ScopesState& state) {
  rocksdb::WriteBatch batch;
  state.scopes = events.finish(state.scopes, batch);
  check_derived(batch.Put(kScopesStateKey, encode_scopes_state(state)), "writing the heads of scopes");
  scopes.write(batch);
}

// Takes up the events after those of `state` up to `to`.
void follow(const Store& store, const DerivedStore& scopes, const ScopeSecrets& secrets, Sequence to,
            const ScopeTrees::Interrupted& interrupted, ScopesState& state) {
  const std::uint64_t before = state.log.size();
  if (before >= to.value) return;
  Sequence next{before + 1};
  Cursor cursor(store, Family::kEvents, event_key(next), event_key(to.next()), Cursor::Reuse::kUnlikely);
  bool is_over = false;
  while (next <= to && !is_over) {
    ScopeBatch events(scopes, secrets);
    const Sequence end{std::min(to.value, next.value - 1 + kEventsPerBatch)};
    for (; next <= end && !is_over; cursor.next(), next = next.next()) {
      if (!cursor.valid() || number_at_end(cursor.key()) != next.value) throw_missing_event(next);
      const Envelope envelope = decode_event(store, next, cursor.value());
      const Digest<32> leaf = merkle_leaf(cursor.value());
      state.log.append_hash(leaf);
      events.add(envelope.scope, envelope.run, leaf);
      is_over = interrupted && next.value % kEventsPerLook == 0 && next < to && interrupted();
    }
    write_batch(scopes, events, state);
  }
  if (is_over || state.log.size() - before > kEventsNotFlushed) scopes.flush();
  if (is_over)
    throw Failure(Remedy::kRetryLater, "tiles.interrupted",
                  fmt::format("expected time to follow {} events, found enough for {}: it goes on from there", to.value,
                              state.log.size()));
}

Digest<32> root_of(const std::optional<SparseRoot>& tree, const ScopeSecrets& secrets) {
  return tree ? tree->hash : secrets.fill(0, 0);
}

// The other records of a place, as entries sorted by key.
template <class Record, class ToEntry>
std::vector<SparseEntry> entries_beside(const std::vector<Record>& records, const Record* self,
                                        const ToEntry& to_entry) {
  std::vector<SparseEntry> entries;
  for (const Record& record : records) {
    if (&record != self) entries.push_back(to_entry(record));
  }
  std::sort(entries.begin(), entries.end(), [](const SparseEntry& a, const SparseEntry& b) { return a.key < b.key; });
  return entries;
}

// Compares two databases entry by entry.
std::optional<std::string> compare_entries(const DerivedStore& found, const DerivedStore& expected) {
  const std::unique_ptr<rocksdb::Iterator> is(found.db().NewIterator({}));
  const std::unique_ptr<rocksdb::Iterator> should(expected.db().NewIterator({}));
  is->SeekToFirst();
  should->SeekToFirst();
  while (is->Valid() && should->Valid() && is->key() == should->key() && is->value() == should->value()) {
    is->Next();
    should->Next();
  }
  check_derived(is->status(), "reading the heads of scopes");
  check_derived(should->status(), "reading the heads of scopes");
  if (!is->Valid() && !should->Valid()) return std::nullopt;
  const bool is_extra = is->Valid() && (!should->Valid() || is->key().compare(should->key()) < 0);
  const rocksdb::Slice key = is_extra ? is->key() : should->key();
  return fmt::format("the entry {} of the heads of scopes is not the one that follows from the log",
                     format_hex({key.data(), key.size()}));
}

}  // namespace

const Head& ScopesAtHead::head() const {
  return source_.head;
}

const Digest<32>& ScopesAtHead::root() const {
  return source_.root;
}

const Digest<32>& ScopesAtHead::salt() const {
  return source_.secrets.salt();
}

std::optional<IncludedScope> ScopesAtHead::find(const Scope& scope) const {
  const ScopeSecrets& secrets = source_.secrets;
  const Digest<32> key = scope_key(secrets.salt(), scope);
  const std::vector<ScopeRecord> records = read_scopes_at(source_.scopes, place_of(key));
  const auto record =
      std::find_if(records.begin(), records.end(), [&scope](const ScopeRecord& each) { return each.scope == scope; });
  if (record == records.end() || !source_.tree) return std::nullopt;
  IncludedScope found{.events = head_of(record->events),
                      .runs = head_of(*record).runs,
                      .nonce = secrets.nonce(key, record->events.size()),
                      .proof = {}};
  found.proof.beside =
      entries_beside(records, &*record, [&](const ScopeRecord& each) { return entry_of(each, secrets); });
  found.proof.siblings = tree_of_scopes(source_.scopes, secrets).siblings(*source_.tree, place_of(key));
  return found;
}

std::optional<IncludedRun> ScopesAtHead::find(const Scope& scope, RunId run) const {
  const Digest<32> key = scope_key(source_.secrets.salt(), scope);
  const std::vector<ScopeRecord> scopes = read_scopes_at(source_.scopes, place_of(key));
  const auto of_scope =
      std::find_if(scopes.begin(), scopes.end(), [&scope](const ScopeRecord& each) { return each.scope == scope; });
  if (of_scope == scopes.end()) return std::nullopt;
  const Place place = place_of(run_key(run));
  const std::vector<RunRecord> records = read_runs_at(source_.scopes, key, place);
  const auto record =
      std::find_if(records.begin(), records.end(), [&run](const RunRecord& each) { return each.run == run; });
  if (record == records.end()) return std::nullopt;
  IncludedRun found{.events = head_of(record->events), .proof = {}};
  found.proof.beside = entries_beside(records, &*record, [](const RunRecord& each) { return entry_of(each); });
  found.proof.siblings = tree_of_runs(source_.scopes, key).siblings(of_scope->runs.value(), place);
  return found;
}

std::vector<Scope> ScopesAtHead::scopes_of(const Tenant& tenant, std::size_t count_max) const {
  std::vector<Scope> scopes;
  const std::unique_ptr<rocksdb::Iterator> entry(source_.scopes.db().NewIterator({}));
  const std::string first(1, kScopePlaces);
  for (entry->Seek(first); entry->Valid() && entry->key().starts_with(first); entry->Next()) {
    for (const ScopeRecord& record : decode_scopes(entry->value().ToStringView())) {
      if (record.scope.tenant == tenant) scopes.push_back(record.scope);
      if (scopes.size() == count_max) return scopes;
    }
  }
  check_derived(entry->status(), "reading the heads of scopes");
  return scopes;
}

ScopeTrees::ScopeTrees(const Store& store, Interrupted interrupted)
    : store_(store), secrets_(store.identity_key(), store.ledger_id()), interrupted_(std::move(interrupted)) {}

void ScopeTrees::at_head(const std::function<Head()>& newest,
                         const std::function<void(const ScopesAtHead&)>& use) const {
  // Returns false when the trees are not those of the log.
  const auto follow_and_use = [&](const DerivedStore& scopes) {
    ScopesState state = read_state(scopes, secrets_);
    const Head head = newest();
    if (state.secrets != secrets_.id() || state.log.size() > head.sequence.value) return false;
    follow(store_, scopes, secrets_, head.sequence, interrupted_, state);
    if (state.log != head.tree) return false;
    const ScopesAtHead::Source source{scopes, secrets_, head, state.scopes, root_of(state.scopes, secrets_)};
    use(ScopesAtHead(source));
    return true;
  };
  try {
    if (store_.scopes().write(follow_and_use)) return;
  } catch (const Failure& failure) {
    if (failure.code() != "rows.damaged") throw;
  }
  store_.scopes().discard();
  if (!store_.scopes().write(follow_and_use))
    throw_damaged("expected the stored events to hash to the root in the head of the log, found another root");
}

std::optional<std::string> ScopeTrees::find_difference(const Head& head) const {
  if (!store_.has_derived(Derived::kScopes)) return std::nullopt;
  try {
    return store_.scopes().read([&](const DerivedStore& scopes) -> std::optional<std::string> {
      scopes.check_tables();
      const std::uint64_t covered = read_state(scopes, secrets_).log.size();
      if (covered > head.sequence.value)
        return fmt::format("expected the heads of scopes after at most {} events, found {}", head.sequence.value,
                           covered);
      ScopeDerivation again(store_);
      (void)again.root_at(covered);
      return again.find_difference(scopes);
    });
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    return failure.what();
  }
}

// The constructor removes what a derivation that was killed has left.
ScopeDerivation::ScopeDerivation(const Store& store) : ScopeDerivation(store, store.ledger_id()) {}

ScopeDerivation::ScopeDerivation(const Store& store, LedgerId of) : store_(store), secrets_(store.identity_key(), of) {
  store_.discard_derived(Derived::kScopesCheck);
}

ScopeDerivation::~ScopeDerivation() {
  try {
    store_.discard_derived(Derived::kScopesCheck);
  } catch (const Failure&) {  // The next one removes it.
  }
}

Digest<32> ScopeDerivation::root_at(std::uint64_t events) {
  const DerivedStore& scopes = store_.derived(Derived::kScopesCheck);
  ScopesState state = read_state(scopes, secrets_);
  RUNLEDGER_ASSERT(state.log.size() <= events);
  follow(store_, scopes, secrets_, Sequence{events}, {}, state);
  return root_of(state.scopes, secrets_);
}

std::optional<std::string> ScopeDerivation::find_difference(const DerivedStore& found) const {
  return compare_entries(found, store_.derived(Derived::kScopesCheck));
}

}  // namespace runledger
