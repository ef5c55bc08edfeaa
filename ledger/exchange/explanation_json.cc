// Writes what a request would get, and the state of its identity.
#include "ledger/exchange/explanation_json.h"

#include "ledger/exchange/reply_json.h"
#include "ledger/values/json_writer.h"

namespace runledger {

std::string explanation_to_json(const Explanation& explanation) {
  JsonWriter out;
  out.begin_object().member("identity", format_identity(explanation.identity));
  if (const auto* rejection = std::get_if<Rejection>(&explanation.answer)) {
    out.member("would_be", "rejected").member("rule", rejection->code);
    out.key("run_id").null().key("retry_after").null();
  } else {
    const Reply& reply = std::get<Reply>(explanation.answer);
    const bool has_run = explanation.names_run || reply.verdict == Verdict::kDeduped;
    out.member("would_be", to_string(reply.verdict));
    out.member("rule", reply.rule);
    out.member("run_id", has_run ? std::optional(reply.run) : std::nullopt);
    out.member("retry_after", whole_seconds(reply.retry_after));
  }
  const Sequence decided_by = explanation.holder.decided_by;
  out.member("decided_by_sequence", decided_by.value != 0 ? std::optional(decided_by.value) : std::nullopt);
  out.member("holder", explanation.holder.active);
  out.member("last_run", explanation.holder.last);
  out.member("cooldown_until", explanation.holder.cooldown_until);
  out.end_object();
  return out.take();
}

}  // namespace runledger
