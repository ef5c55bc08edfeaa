// The heads of all scopes, as trees that follow the log (ledger/log/scope_head.h).
//
// They follow with a checkpoint of their own, off the path of appends, and can always be made again from the log and
// the identity key. An event costs as many hashes as the logarithm of the number of runs of its scope.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "ledger/log/append_batch.h"
#include "ledger/log/scope_head.h"
#include "ledger/log/store/store.h"

namespace runledger {

// What the tree of scopes has for one of them.
struct IncludedScope {
  TreeHead events;  // The tree over the stored bytes of its events, in their order.
  Digest<32> runs;  // The root of the tree of its runs.
  Digest<32> nonce;
  SparseProof proof;
};

// What the tree of a scope's runs has for one of them.
struct IncludedRun {
  TreeHead events;
  SparseProof proof;
};

// The trees as of a head of the log. Valid only during the call that it is handed to.
class ScopesAtHead {
 public:
  struct Source;
  explicit ScopesAtHead(const Source& source) : source_(source) {}

  [[nodiscard]] const Head& head() const;
  [[nodiscard]] const Digest<32>& root() const;
  [[nodiscard]] const Digest<32>& salt() const;
  // Absent when the scope or the run has no events. What they return is not checked: whoever makes a proof of it checks
  // the proof.
  [[nodiscard]] std::optional<IncludedScope> find(const Scope& scope) const;
  [[nodiscard]] std::optional<IncludedRun> find(const Scope& scope, RunId run) const;
  // Returns the scopes of a tenant, in any workspace, and at most `count_max`. Reads every scope.
  [[nodiscard]] std::vector<Scope> scopes_of(const Tenant& tenant, std::size_t count_max) const;

 private:
  const Source& source_;
};

// Throws Failure "storage.failed" and "storage.full", and "storage.damaged" when the log itself is. Any thread may use
// it, and any number of objects may exist for one store.
class ScopeTrees {
 public:
  // As HashTiles::Interrupted (ledger/log/hash_tiles.h), with the same Failure.
  using Interrupted = std::function<bool()>;

  // `store` is not owned and must outlive it.
  explicit ScopeTrees(const Store& store, Interrupted interrupted = {});

  // Follows the log up to the head that `newest` returns, and calls `use` with the trees as of that head. Meanwhile no
  // other thread does the same. Trees that are damaged, of other secrets or of another history are made again from the
  // first event on; `use` is then called again, if it threw "rows.damaged".
  void at_head(const std::function<Head()>& newest, const std::function<void(const ScopesAtHead&)>& use) const;

  // Derives the trees a second time and compares all entries. Returns the first difference; nullopt when there is none,
  // or there are no trees. Requires that no ScopeDerivation of the store exists.
  [[nodiscard]] std::optional<std::string> find_difference(const Head& head) const;

 private:
  const Store& store_;
  const ScopeSecrets secrets_;
  const Interrupted interrupted_;
};

// Derives the trees from the first event on, in a database of its own, to see what they were at earlier sizes of the
// log. One object at a time for one store, which is not owned. Throws as ScopeTrees does.
class ScopeDerivation {
 public:
  explicit ScopeDerivation(const Store& store);
  // The same as they are in the ledger `of`, if that has the identity key of this one: the original of a copy.
  ScopeDerivation(const Store& store, LedgerId of);
  ~ScopeDerivation();
  ScopeDerivation(const ScopeDerivation&) = delete;
  ScopeDerivation& operator=(const ScopeDerivation&) = delete;

  // Returns the root of the tree of scopes after the first `events` of the log. Requires that it has so many, and that
  // no call was about more.
  [[nodiscard]] Digest<32> root_at(std::uint64_t events);
  // Returns the first difference from `found`, which covers as many events as root_at() was asked about last.
  [[nodiscard]] std::optional<std::string> find_difference(const DerivedStore& found) const;

 private:
  const Store& store_;
  const ScopeSecrets secrets_;
};

}  // namespace runledger
