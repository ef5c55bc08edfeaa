// Evidence of a scope is read as a stream, since it may be large; everything else is read whole.
#include "tools/cli/checked_proof.h"

#include <optional>

#include "ledger/evidence/proof_file.h"
#include "ledger/evidence/run_evidence.h"
#include "ledger/evidence/scope_evidence.h"
#include "ledger/exchange/envelope_json.h"
#include "ledger/log/codec.h"
#include "tools/cli/evidence_input.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/output/proven.h"
#include "tools/cli/output/replaced_file.h"

namespace runledger {
namespace {

ProvenScope check_scope(EvidenceInput& input, const std::vector<NoteVerifier>& keys,
                        const ScopeEvidenceChecks& checks) {
  const NextLine next = [&input] { return input.next(); };
  return require_sound(check_scope_evidence(next, keys, checks));
}

void check_and_print_scope(const Context& context, EvidenceInput& input, const ProofToCheck& what) {
  ScopeEvidenceChecks checks;
  if (what.earlier) {
    EvidenceInput earlier(*what.earlier);
    checks.earlier = check_scope(earlier, what.keys, {});
  }
  std::optional<ReplacedFile> events;
  if (what.output) {
    events.emplace(*what.output);
    checks.visit = [&events](const Envelope& event, std::string_view stored) {
      events->out().line(envelope_to_json(event, event_id(stored)));
    };
  }
  const ProvenScope proven = check_scope(input, what.keys, checks);
  if (events) events->commit();
  print_proven(context, proven, checks.earlier);
}

}  // namespace

void check_proof(const Context& context, const ProofToCheck& what) {
  EvidenceInput input(what.file);
  const std::string first = input.first_line();
  if (first == kScopeEvidenceLine) return check_and_print_scope(context, input, what);
  if (what.earlier || what.output)
    refuse("usage", "expected --earlier and --output together with the evidence of a tenant or workspace");
  const std::string text = input.whole(kProofBytesMax);
  if (first == kRunEvidenceLine) return print_proven(context, require_sound(check_run_evidence(text, what.keys)));
  print_proven(context, require_sound(check_proof_file(text, what.keys)));
}

}  // namespace runledger
