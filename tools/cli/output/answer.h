// Prints the ledger's answer to a command.
#pragma once

#include <string>

#include "ledger/rules/ask.h"
#include "ledger/rules/command.h"
#include "tools/cli/context.h"
#include "tools/cli/exit_status.h"

namespace runledger {

// Returns the reply. Throws RefusedWith when the answer is a rejection, and Failure "outcome.unknown" when the ledger
// could not tell whether it carried the command out.
[[nodiscard]] Reply require_reply(const Answer& answer);

// Returns the reply in words, without an end of line.
[[nodiscard]] std::string reply_sentence(const Reply& reply);

// Prints the reply to context.out: in JSON mode as ledger/exchange/reply_json.h defines it, else in words.
// Prints the reply. In text mode, its warnings go to standard error.
void print_reply(const Context& context, const Reply& reply);
void print_warnings(const Reply& reply);

// Returns kDeduped for a deduplicated or skipped reply if the user `asked` for that status (--fail-if-deduped), else
// kDone.
[[nodiscard]] ExitStatus status_of_reply(const Reply& reply, bool asked);

}  // namespace runledger
