// Everything is done while no other thread moves the trees on: the proof is of the tree that the note names.
#include "ledger/evidence/scope_prover.h"

#include <fmt/format.h>

#include "ledger/base/damage.h"
#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/prover.h"
#include "ledger/log/codec.h"
#include "ledger/log/scope_events.h"
#include "ledger/log/store/derived_store.h"

namespace runledger {
namespace {

constexpr std::size_t kRunEventsPerRead = 64;  // An event may have 64 KiB.

std::string sign(const EventLog& log, const ScopesAtHead& scopes, const AuditKey& key, Time now) {
  (void)Prover(log, scopes).checkpoint(key);
  return key.sign_scopes({.root = scopes.root(),
                          .salt = scopes.salt(),
                          .unix_time = static_cast<std::uint64_t>(now.unix_us / kMicrosecondsPerSecond)});
}

// Returns what the trees have for a scope. Throws "rows.damaged", so that they are made again, when it does not lead to
// their root.
std::optional<IncludedScope> find_checked(const ScopesAtHead& scopes, const Scope& scope) {
  std::optional<IncludedScope> found = scopes.find(scope);
  if (!found) return found;
  const SparseEntry entry =
      scope_entry(scope_key(scopes.salt(), scope), {hash_of_head(found->events), found->runs}, found->nonce);
  if (sparse_root(entry, found->proof) != scopes.root())
    throw_rows_damaged("expected hashes that lead to the root of the tree of scopes, found others");
  return found;
}

std::optional<IncludedRun> find_checked(const ScopesAtHead& scopes, const Scope& scope, const IncludedScope& in,
                                        RunId run) {
  std::optional<IncludedRun> found = scopes.find(scope, run);
  if (!found || sparse_root(run_entry(run, found->events), found->proof) != in.runs)
    throw_rows_damaged("expected hashes that lead to the root of the tree of runs, found others");
  return found;
}

// The events of a run up to a head, as they are stored; nullopt when they have too many bytes.
std::optional<std::vector<std::string>> stored_events(const EventLog& log, RunId run, Sequence to) {
  std::vector<std::string> stored;
  std::size_t bytes = kNoteBytesMax;
  RunVersion after;
  for (;;) {
    const std::vector<Envelope> page = log.read_run(run, to, after, kRunEventsPerRead);
    for (const Envelope& envelope : page) {
      stored.push_back(encode(envelope));
      bytes += evidence_event(stored.back()).size();
      if (bytes > kProofBytesMax) return std::nullopt;
    }
    if (page.size() < kRunEventsPerRead) return stored;
    after = page.back().run_version;
  }
}

Rejection absent_run(RunId run) {
  return reject("run.not_found", fmt::format("expected run {} to exist, found none", format_uuid(run.value)));
}

}  // namespace

void ScopeProver::at_head(const std::function<void(const ScopesAtHead&)>& use) const {
  trees_.at_head([this] { return log_.head(); }, use);
}

Result<ScopeEvidence> ScopeProver::prove(const Scope& scope, const AuditKey& key, Time now) const {
  Result<ScopeEvidence> made = reject("scope.not_found", "expected a workspace or tenant with events, found none");
  at_head([&](const ScopesAtHead& scopes) {
    if (const auto found = find_checked(scopes, scope))
      made = ScopeEvidence{scope, *found, sign(log_, scopes, key, now)};
  });
  return made;
}

void ScopeProver::write(const ScopeEvidence& evidence, const std::function<void(std::string_view piece)>& write) const {
  MerkleFrontier written;
  write(evidence_start(evidence));
  visit_events_of(log_.store(), evidence.scope, evidence.included.events.size, [&](std::string_view stored) {
    written.append(stored);
    write(evidence_event(stored));
  });
  if (written.root() != evidence.included.events.root)
    throw_damaged("expected the index of a scope to lead to the events of its tree, found others");
  write(evidence_end(evidence));
}

Result<std::string> ScopeProver::prove_run(RunId run, const AuditKey& key, Time now) const {
  Result<std::string> made = absent_run(run);
  at_head([&](const ScopesAtHead& scopes) {
    const Sequence to = scopes.head().sequence;
    const std::vector<Envelope> first = log_.read_run(run, to, {}, 1);
    if (first.empty() || is_of_ledger(first.front().event)) return;
    std::optional<std::vector<std::string>> stored = stored_events(log_, run, to);
    if (!stored) {
      made = reject("proof.too_large",
                    fmt::format("expected a run whose evidence has at most {} bytes, found one with more events",
                                kProofBytesMax));
      return;
    }
    const Scope& scope = first.front().scope;
    const auto included = find_checked(scopes, scope);
    if (!included) throw_rows_damaged("expected the scope of a run among the heads of scopes, found none");
    const auto of_run = find_checked(scopes, scope, *included, run);
    made = run_evidence_file({run, *std::move(stored), *of_run, {scope, *included, sign(log_, scopes, key, now)}});
  });
  return made;
}

Result<Scope> ScopeProver::find_scope(const Tenant& tenant) const {
  std::vector<Scope> found;
  at_head([&](const ScopesAtHead& scopes) { found = scopes.scopes_of(tenant, 2); });
  if (found.empty()) return reject("scope.not_found", "expected a tenant with events, found none");
  if (found.size() > 1)
    return reject("workspace.required", "expected a workspace, since several have a tenant of that name");
  return found.front();
}

}  // namespace runledger
