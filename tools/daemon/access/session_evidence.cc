// A file is made in memory, since its size is limited, and handed out only if the caller's token is still in force.
#include "tools/daemon/access/session_evidence.h"

#include <fmt/format.h>

#include <thread>

#include "ledger/evidence/scope_prover.h"

namespace runledger {
namespace {

constexpr std::chrono::milliseconds kKeyTriedEvery{50};
constexpr int kKeyTries = 40;

// Thrown by the writer of a file that is too large.
struct TooLarge {};

Result<AuditKey> take_key(const std::filesystem::path& ledger) {
  if (!has_audit_key(ledger))
    return reject("checkpoint.absent", "expected a ledger with an audit key, found one without");
  for (int tries = kKeyTries; tries > 0; --tries) {
    if (std::optional<AuditKey> key = AuditKey::if_free(ledger)) return *std::move(key);
    std::this_thread::sleep_for(kKeyTriedEvery);
  }
  return reject("audit_key.busy", "expected the audit key to be free, found it in use by another process");
}

Rejection too_large() {
  return reject("proof.too_large",
                fmt::format("expected evidence of at most {} bytes, found more events: `runledger export --evidence` "
                            "writes them",
                            SessionEvidence::kBytesMax));
}

Result<std::string> file_of(const ScopeProver& prover, const Result<ScopeEvidence>& evidence) {
  if (!evidence) return evidence.rejection();
  std::string file;
  try {
    prover.write(*evidence, [&file](std::string_view piece) {
      if (file.size() + piece.size() > SessionEvidence::kBytesMax) throw TooLarge();
      file += piece;
    });
  } catch (const TooLarge&) {
    return too_large();
  }
  return file;
}

}  // namespace

Result<std::string> SessionEvidence::of_scope(const std::optional<Workspace>& workspace,
                                              const std::optional<Tenant>& tenant) const {
  if (auto denied = session_.deny_without(Right::kAudit)) return *std::move(denied);
  RunFilter filter{.workspace = workspace, .tenant = tenant};
  if (auto refused = session_.narrow(filter)) return *std::move(refused);
  if (!filter.workspace) return reject("workspace.required", "expected a workspace, found none");
  const Result<AuditKey> key = take_key(log().store().directory());
  if (!key) return key.rejection();
  const ScopeProver prover(log());
  Result<std::string> file = file_of(prover, prover.prove({*filter.workspace, filter.tenant}, *key, now()));
  if (auto ended = session_.deny_ended_token()) return *std::move(ended);
  return file;
}

Result<std::string> SessionEvidence::of_run(RunId run) const {
  if (auto denied = session_.deny_without(Right::kAudit)) return *std::move(denied);
  if (auto refused = session_.refuse_foreign(run)) return *std::move(refused);
  const Result<AuditKey> key = take_key(log().store().directory());
  if (!key) return key.rejection();
  Result<std::string> file = ScopeProver(log()).prove_run(run, *key, now());
  if (file && file->size() > kBytesMax) return too_large();
  if (auto ended = session_.deny_ended_token()) return *std::move(ended);
  return file;
}

}  // namespace runledger
