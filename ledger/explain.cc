// Decides as the sequencer would, and keeps only the answer.
#include "ledger/explain.h"

#include <algorithm>
#include <utility>

namespace runledger {

Result<Explanation> explain(Ledger& ledger, RunRequest order) {
  Result<RequestRun> request = prepare_request(std::move(order), ledger.identity_key(), ledger.catalog());
  if (!request) return request.rejection();
  const EventLog& log = ledger.log();
  Explanation explanation{.identity = request->identity,
                          .names_run = request->named,
                          .answer = Reply{},
                          .holder = log.load_identity(request->identity)};
  const IdentityState& identity = explanation.holder;
  const std::optional<RunId> canonical_id = identity.active ? identity.active : identity.last;
  const RunState run = request->named ? log.load_run(request->run) : RunState{};
  const RunState canonical = canonical_id ? log.load_run(*canonical_id) : RunState{};
  const CatalogEntry& type = ledger.catalog().entry(request->type);
  const Facts facts{.run = run,
                    .identity = identity,
                    .canonical = canonical,
                    .type = type,
                    .lease_left = std::nullopt,
                    .now = std::max(ledger.clock().now(), log.head().recorded_at),
                    .origin = Origin::kLive,
                    .next = log.last().next()};
  std::variant<Decision, Rejection> decided = decide(facts, Command{*std::move(request)});
  if (auto* rejection = std::get_if<Rejection>(&decided)) {
    explanation.answer = std::move(*rejection);
  } else {
    Reply reply = std::get<Decision>(decided).reply;
    reply.sequence = reply.token = Sequence{};
    explanation.answer = reply;
  }
  return explanation;
}

}  // namespace runledger
