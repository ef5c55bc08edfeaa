// What a request would be answered now, and why; nothing is appended.
#pragma once

#include <variant>

#include "ledger/ledger.h"
#include "ledger/rules/run.h"

namespace runledger {

struct Explanation {
  Identity identity;
  bool names_run = false;                 // The request named a run by its id.
  std::variant<Reply, Rejection> answer;  // Without positions: nothing has happened.
  IdentityState holder;                   // What the ledger knows of the identity.
};

// Asks the rules themselves, on the states that a request would be decided on. Codes of prepare_request()
// (ledger/rules/ask.h).
[[nodiscard]] Result<Explanation> explain(Ledger& ledger, RunRequest request);

}  // namespace runledger
