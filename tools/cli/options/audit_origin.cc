// The default is unique, because ledger ids are.
#include "tools/cli/options/audit_origin.h"

#include "ledger/evidence/signed_note.h"

namespace runledger {

std::string require_origin(const Typed& typed, LedgerId ledger) {
  return need(parse_key_name(typed ? *typed : "runledger/" + format_uuid(ledger.value)));
}

}  // namespace runledger
