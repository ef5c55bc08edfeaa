// Finds the run, its identity and the canonical run first, and then the facts that depend on their states.
#include "ledger/rules/facts.h"

#include <utility>

#include "ledger/base/assert.h"
#include "ledger/rules/journal_import.h"

namespace runledger {
namespace {

std::optional<Duration> lease_left_of(FactSource& source, RunId id, const RunState& state,
                                      const DecisionContext& context) {
  const AttemptState* open = state.open_attempt();
  if (open == nullptr) return {};
  return lease_left(*open, source.life_sign(id), context.leases_renewed_at, context.now);
}

const RunState* state_of(FactSource& source, const std::optional<RunId>& id) {
  return id ? &source.run(*id) : nullptr;
}

// Only a start needs it, because its token follows from it.
ScopeSequence next_in_scope(FactSource& source, const Command& command, const RunState& run) {
  if (const auto* start = std::get_if<StartByIdentity>(&command))
    return source.scope_count(start->request.scope).next();
  return takes_starter(command) && run.exists() ? source.scope_count(run.scope).next() : ScopeSequence{};
}

const Catalog& catalog_for(const Submission& submission, const DecisionContext& context) {
  if (submission.import) return *submission.import->catalog;
  return submission.rules ? *submission.rules : context.catalog;
}

}  // namespace

const RequestRun* request_in(const Command& command) {
  if (const auto* request = std::get_if<RequestRun>(&command)) return request;
  if (const auto* start = std::get_if<StartByIdentity>(&command)) return &start->request;
  if (const auto* spooled = std::get_if<RecordSpooledRun>(&command)) return &spooled->request;
  return nullptr;
}

RequestRun* request_in(Command& command) {
  return const_cast<RequestRun*>(request_in(std::as_const(command)));
}

RunId run_named_by(const Command& command) {
  if (const RequestRun* request = request_in(command)) return request->run;
  return std::visit(
      [](const auto& each) -> RunId {
        if constexpr (requires { each.run; }) {
          return each.run;
        } else {
          return {};
        }
      },
      command);
}

Facts load_facts(FactSource& source, const Submission& submission, const DecisionContext& context) {
  RUNLEDGER_ASSERT(!submission.import || submission.occurred_at);
  const RunId named = run_named_by(submission.command);
  const RequestRun* request = request_in(submission.command);
  const RunState& run = source.run(named);
  const IdentityState& identity = source.identity(request != nullptr ? request->identity : run.identity);
  const std::optional<RunId> canonical_id =
      identity.holder(submission.origin()) ? identity.holder(submission.origin()) : identity.last;
  const RunState& canonical = canonical_id ? source.run(*canonical_id) : run;
  const Catalog& catalog = catalog_for(submission, context);
  return {.run = run,
          .identity = identity,
          .canonical = canonical,
          .type = catalog.entry(request != nullptr ? request->type : run.type),
          // A start by identity names a run that does not exist yet, and may start the canonical run instead.
          .lease_left = run.exists() || !canonical_id ? lease_left_of(source, named, run, context)
                                                      : lease_left_of(source, *canonical_id, canonical, context),
          .now = submission.import ? *submission.occurred_at : context.now.wall,
          .origin = submission.origin(),
          .next = context.next,
          .next_in_scope = next_in_scope(source, submission.command, run),
          .contents = context.contents,
          .command = submission.id,
          .starter = submission.starter && takes_starter(submission.command)
                         ? std::optional(context.contents.starter_digest(*submission.starter))
                         : std::nullopt,
          .caller = submission.caller,
          .parent = request != nullptr ? state_of(source, request->parent) : nullptr,
          .rerun_of = request != nullptr ? state_of(source, request->rerun_of) : nullptr};
}

}  // namespace runledger
