// Prints the ledger's answer to a command.
#pragma once

#include <future>

#include "ledger/command.h"
#include "tools/cli/context.h"
#include "tools/cli/exit_status.h"

namespace runledger {

// Carries `submission` out and waits for its answer. Throws Refused, or Failure "outcome.unknown".
[[nodiscard]] Reply carry_out(Ledger& ledger, Submission submission);

// {"decision":…,"rule":…,"run_id":…,"attempt":…,"token":…,"retry_after":…,"sequence":…,"status":…,"outcome":…,
//  "repeated":…} or a sentence.
void print_reply(const Context& context, const Reply& reply);

// kDeduped for deduplicated and skipped ones when `asked`, else kDone.
[[nodiscard]] ExitStatus status_of_reply(const Reply& reply, bool asked);

// `retry_after` in whole seconds, rounded up: asking at that moment is never too early.
[[nodiscard]] std::int64_t whole_seconds(Duration duration);

}  // namespace runledger
