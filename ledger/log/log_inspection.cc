// Whole families of the store, read from their first entry to their last.
#include "ledger/log/log_inspection.h"

#include <cstring>

#include "ledger/log/entries.h"
#include "ledger/log/state_codec.h"
#include "ledger/log/store/cursor.h"

namespace runledger {
namespace {

RunId run_in(std::string_view key) {
  RunId run;
  std::memcpy(run.value.bytes.data(), key.data(), run.value.bytes.size());
  return run;
}

ContentDigest digest_in(std::string_view key) {
  ContentDigest digest;
  std::memcpy(digest.bytes.data(), key.data(), digest.bytes.size());
  return digest;
}

// Visits the entries of a family. Requires keys of `key_bytes` bytes.
template <class Visit>
void visit_entries(const Store& store, Family family, std::size_t key_bytes, const Visit& visit) {
  for (Cursor cursor(store, family, "", "", Cursor::Reuse::kUnlikely); cursor.valid(); cursor.next()) {
    require_key_size(cursor.key(), key_bytes, to_string(family));
    visit(cursor.key(), cursor.value());
  }
}

}  // namespace

void LogInspection::scan_stored(Sequence after, Sequence to,
                                const std::function<void(Sequence position, std::string_view stored)>& visit) const {
  if (after >= to) return;
  Cursor cursor(store_, Family::kEvents, event_key(after.next()), event_key(to.next()), Cursor::Reuse::kUnlikely);
  for (; cursor.valid(); cursor.next()) {
    require_key_size(cursor.key(), kEventKeyBytes, "events");
    visit(Sequence{number_at_end(cursor.key())}, cursor.value());
  }
}

void LogInspection::visit_runs(const std::function<void(RunId, const std::optional<RunState>&)>& visit) const {
  visit_entries(store_, Family::kRuns, sizeof(RunId), [&](std::string_view key, std::string_view value) {
    visit(run_in(key), value.empty() ? std::nullopt : std::optional(decode_run(value)));
  });
}

void LogInspection::visit_identities(const std::function<void(const Identity&, const IdentityState&)>& visit) const {
  visit_entries(store_, Family::kIdentities, sizeof(Identity), [&](std::string_view key, std::string_view value) {
    Identity identity;
    std::memcpy(identity.digest.bytes.data(), key.data(), identity.digest.bytes.size());
    visit(identity, decode_identity(value));
  });
}

void LogInspection::visit_run_events(const std::function<void(RunId, RunVersion, Sequence)>& visit) const {
  visit_entries(store_, Family::kRunEvents, kRunEventKeyBytes, [&](std::string_view key, std::string_view value) {
    visit(run_in(key), RunVersion{load_big_endian_32(key.data() + sizeof(RunId))}, sequence_in(value));
  });
}

void LogInspection::visit_scope_events(
    const std::function<void(const ContentDigest& scope, ScopeSequence, Sequence)>& visit) const {
  visit_entries(store_, Family::kScopeEvents, kScopeEventKeyBytes, [&](std::string_view key, std::string_view value) {
    visit(digest_in(key), ScopeSequence{number_at_end(key)}, sequence_in(value));
  });
}

void LogInspection::visit_workspace_events(
    const std::function<void(const ContentDigest& workspace, Sequence, WorkspaceSequence)>& visit) const {
  visit_entries(store_, Family::kWorkspaceEvents, kWorkspaceEventKeyBytes,
                [&](std::string_view key, std::string_view value) {
                  visit(digest_in(key), Sequence{number_at_end(key)}, workspace_number_in(value));
                });
}

}  // namespace runledger
