// The answer that a request would get now, and the reason for it; nothing is appended.
#pragma once

#include <variant>

#include "ledger/ledger.h"
#include "ledger/rules/run.h"

namespace runledger {

struct Explanation {
  Identity identity;
  bool names_run = false;                 // The request gave the id that a new run should get.
  std::variant<Reply, Rejection> answer;  // Without sequence and token, because no event was made.
  IdentityState holder;                   // The ledger's state of the identity before the request.
};

// Applies the same rules as the sequencer to the states in the log, without going through the sequencer: commands that
// are decided at the same time may change the answer. Any thread may call it.
//
// Returns a rejection with a code of prepare_request() (ledger/rules/ask.h) when the request is not complete; a
// rejection by the rules is in Explanation::answer. Throws Failure as DecisionStates does.
[[nodiscard]] Result<Explanation> explain(Ledger& ledger, RunRequest request);
// The same under this catalog, from which the caller has already read.
[[nodiscard]] Result<Explanation> explain(Ledger& ledger, RunRequest request, const Catalog& rules);

}  // namespace runledger
