// Prints the ledger's answer to a command.
#pragma once

#include <string>

#include "ledger/rules/command.h"
#include "tools/cli/context.h"
#include "tools/cli/exit_status.h"

namespace runledger {

// The reply; otherwise throws Refused, or Failure "outcome.unknown".
[[nodiscard]] Reply require_reply(const Answer& answer);

// The reply in words, without an end of line.
[[nodiscard]] std::string reply_sentence(const Reply& reply);

// As ledger/exchange/reply_json.h has it, or in words.
void print_reply(const Context& context, const Reply& reply);

// kDeduped for deduplicated and skipped ones when `asked`, else kDone.
[[nodiscard]] ExitStatus status_of_reply(const Reply& reply, bool asked);

}  // namespace runledger
