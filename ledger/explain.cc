// Decides as the sequencer would, and keeps only the answer.
//
// Facts are loaded by load_facts() and decided by decide(), as in CommitGroup, so that the two cannot drift apart.
#include "ledger/explain.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "ledger/content_keys.h"
#include "ledger/rules/facts.h"

namespace runledger {
namespace {

// The states in the log. Each is read only once, so that one decision does not see two versions of it.
class LoggedStates final : public FactSource {
 public:
  explicit LoggedStates(const DecisionStates& stored) : stored_(stored) {}

  const RunState& run(RunId id) override {
    const auto found = runs_.find(id);
    return found != runs_.end() ? found->second : runs_.emplace(id, stored_.load_run(id)).first->second;
  }
  const IdentityState& identity(const Identity& identity) override {
    const auto found = identities_.find(identity);
    return found != identities_.end() ? found->second
                                      : identities_.emplace(identity, stored_.load_identity(identity)).first->second;
  }
  std::optional<LifeSign> life_sign(RunId run) override { return stored_.load_life_sign(run); }
  ScopeSequence scope_count(const Scope& scope) override { return stored_.load_scope(scope); }

 private:
  const DecisionStates& stored_;
  std::unordered_map<RunId, RunState> runs_;
  std::unordered_map<Identity, IdentityState> identities_;
};

}  // namespace

Result<Explanation> explain(Ledger& ledger, RunRequest request) {
  return explain(ledger, std::move(request), *ledger.catalog());
}

Result<Explanation> explain(Ledger& ledger, RunRequest request, const Catalog& rules) {
  if (!ledger.log().store().has_identity_key())
    throw Failure(Remedy::kCorrectInput, "ledger.wrong_user",
                  "expected to be allowed to read the ledger's identity.key, by which requests are recognised, found "
                  "that this user is not: run the command as the owner of the ledger");
  Result<RequestRun> prepared = prepare_request(std::move(request), ledger.identity_key(), rules);
  if (!prepared) return prepared.rejection();
  const EventLog& log = ledger.log();
  const ContentKeys keys(log.store());
  const ContentKey contents = keys.find(prepared->scope);
  if (keys.are_sealed(prepared->scope)) prepared->identity = contents.sealed_identity(prepared->identity);
  LoggedStates states(ledger.states());
  Explanation explanation{.identity = prepared->identity,
                          .names_run = prepared->named,
                          .answer = Reply{},
                          .holder = states.identity(prepared->identity)};
  Moment now = ledger.clock().moment();
  now.wall = std::max(now.wall, log.head().recorded_at);  // As in CommitGroup::decide(), time does not go back.
  const Submission submission{.command = *std::move(prepared)};
  const Facts facts =
      load_facts(states, submission, {.catalog = rules, .now = now, .next = log.last().next(), .contents = contents});
  std::variant<Decision, Rejection> decided = decide(facts, submission.command);
  if (auto* rejection = std::get_if<Rejection>(&decided)) {
    explanation.answer = std::move(*rejection);
  } else {
    Reply reply = std::get<Decision>(decided).reply;
    reply.sequence = {};  // It and the token belong to events that will never be appended.
    reply.token = {};
    explanation.answer = reply;
  }
  return explanation;
}

}  // namespace runledger
