// Adds to an ask what only the ledger knows: identity, policy, and the id of a run that the caller did not name.
#include "ledger/rules/ask.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "ledger/base/utf8.h"
#include "ledger/rules/catalog.h"
#include "ledger/rules/identity.h"

namespace runledger {
namespace {

// Refuses a scope that a run of this type cannot have; returns nullopt for a good one.
std::optional<Rejection> refuse_scope(const CatalogEntry& type, const Scope& scope) {
  if (type.scope == TypeScope::kTenant && !scope.tenant) {
    return reject("tenant.required", fmt::format("expected a tenant, as type {} belongs to one", type.type.str()));
  }
  if (type.scope == TypeScope::kWorkspace && scope.tenant) {
    return reject("tenant.not_allowed",
                  fmt::format("expected no tenant, as type {} belongs to the workspace", type.type.str()));
  }
  return {};
}

struct Trace {
  std::optional<Traceparent> value;
  std::vector<Warning> warnings;
};

Trace read_trace(const std::optional<std::string>& text) {
  if (!text) return {};
  std::optional<Traceparent> value = parse_traceparent(*text);
  if (!value) return {.value = {}, .warnings = {{.code = "traceparent.invalid", .path = "traceparent"}}};
  return {.value = value, .warnings = {}};
}

// The variable has a name because g++ 12 takes parts of an unnamed command for uninitialised.
Result<Command> named(Command prepared) {
  Command command(std::move(prepared));
  return command;
}

// Lines of a journal do not pass here: their types have their own catalog.
Result<RequestRun> prepare_live(RunRequest request, const IdentityKey& key, const Catalog& catalog) {
  Result<RequestRun> prepared = prepare_request(std::move(request), key, catalog);
  if (prepared && !catalog.expects(prepared->type))
    prepared->warnings.push_back({.code = "type.unknown", .path = "type"});
  return prepared;
}

// What was done under another policy was done all the same.
Result<RequestRun> prepare_done(RunRequest request, const IdentityKey& key, const Catalog& catalog) {
  Result<RequestRun> prepared = prepare_live(request, key, catalog);
  if (prepared || prepared.rejection().code != "policy.out_of_bounds") return prepared;
  request.policy = {};
  prepared = prepare_live(std::move(request), key, catalog);
  if (prepared) prepared->warnings.push_back({.code = "request.dropped", .path = "policy"});
  return prepared;
}

std::optional<Rejection> refuse_attempts(const SpooledRun& spooled) {
  const std::vector<SpooledAttempt>& attempts = spooled.attempts;
  const auto failed = [](const SpooledAttempt& attempt) { return attempt.outcome == AttemptOutcome::kFailed; };
  if (!spooled.request.run) return reject("spool.invalid", "expected the id of the run, found none");
  if (attempts.empty() || attempts.size() > Policy::kAttemptsMax)
    return reject("spool.invalid",
                  fmt::format("expected 1 to {} attempts, found {}", Policy::kAttemptsMax, attempts.size()));
  if (!std::all_of(attempts.begin(), attempts.end() - 1, failed))
    return reject("spool.invalid", "expected each attempt before the last one to have failed");
  if (spooled.cancelled && !failed(attempts.back()))
    return reject("spool.invalid", "expected a run that was cancelled after an attempt to have a failed one");
  return {};
}

// Has one overload for each kind of ask, so that a new kind does not compile until it has an overload.
struct Preparation {
  const IdentityKey& key;
  const Catalog& catalog;

  Result<Command> operator()(RunRequest request) const {
    Result<RequestRun> prepared = prepare_live(std::move(request), key, catalog);
    if (!prepared) return prepared.rejection();
    return Command(*std::move(prepared));
  }
  Result<Command> operator()(IdentityStart start) const {
    Result<RequestRun> prepared = prepare_live(std::move(start.request), key, catalog);
    if (!prepared) return prepared.rejection();
    return Command(StartByIdentity{.request = *std::move(prepared),
                                   .worker = std::move(start.worker),
                                   .lease = start.lease,
                                   .respect_not_before = start.respect_not_before});
  }
  Result<Command> operator()(CancelRun cancel) const {
    return Command(FailRun{.run = cancel.run,
                           .reason_code = *parse_reason_code("run.cancelled"),
                           .message = std::move(cancel.message),
                           .outcome = RunOutcome::kCancelled,
                           .initiator = std::move(cancel.initiator)});
  }
  Result<Command> operator()(StartAttempt start) const { return named(std::move(start)); }
  Result<Command> operator()(Heartbeat heartbeat) const { return named(std::move(heartbeat)); }
  Result<Command> operator()(FinishAttempt finish) const { return named(std::move(finish)); }
  Result<Command> operator()(FailRun fail) const { return named(std::move(fail)); }
  Result<Command> operator()(ExpireLease expiry) const { return Command(expiry); }
  Result<Command> operator()(SpooledRun spooled) const {
    if (auto refused = refuse_attempts(spooled)) return *std::move(refused);
    Result<RequestRun> prepared = prepare_done(std::move(spooled.request), key, catalog);
    if (!prepared) return prepared.rejection();
    return Command(RecordSpooledRun{.request = *std::move(prepared),
                                    .worker = std::move(spooled.worker),
                                    .requested_at = spooled.requested_at,
                                    .attempts = std::move(spooled.attempts),
                                    .cancelled = spooled.cancelled});
  }
};

bool takes_options(const Ask& ask) {
  return !std::holds_alternative<Heartbeat>(ask) && !std::holds_alternative<ExpireLease>(ask) &&
         !std::holds_alternative<SpooledRun>(ask);
}

}  // namespace

std::string random_starter() {
  return format_uuid(random_uuid());
}

Result<std::string> parse_starter(std::string_view text) {
  if (is_valid_utf8(text) && !text.empty() && count_characters(text) <= kStarterCharactersMax) return std::string(text);
  return reject("starter.invalid", fmt::format("expected 1 to {} characters of UTF-8", kStarterCharactersMax));
}

Result<RequestRun> prepare_request(RunRequest request, const IdentityKey& key, const Catalog& catalog) {
  if (!request.workspace) return reject("workspace.required", "expected a workspace, found none");
  if (request.run == RunId{})
    return reject("run.invalid", "expected the id of a run, found the nil UUID, which stands for the ledger itself");
  const CatalogEntry& type = catalog.entry(request.type);
  Scope scope{.workspace = *std::move(request.workspace), .tenant = std::move(request.tenant)};
  if (auto refused = refuse_scope(type, scope)) return *std::move(refused);
  Result<Policy> policy = changed_within(type.policy, request.policy, type.bounds);
  if (!policy) return policy.rejection();
  Trace trace = read_trace(request.traceparent);
  const Identity identity = fingerprint(key, scope, request.type, type.identity, request.input);
  return RequestRun{.run = request.run ? *request.run : RunId{random_uuid()},
                    .named = request.run.has_value(),
                    .scope = std::move(scope),
                    .type = std::move(request.type),
                    .identity = identity,
                    .input = std::move(request.input),
                    .policy = *policy,
                    .changes = request.policy,
                    .initiator = std::move(request.initiator),
                    .force = request.force,
                    .rerun_of = request.rerun_of,
                    .parent = request.parent,
                    .labels = std::move(request.labels),
                    .traceparent = trace.value,
                    .warnings = std::move(trace.warnings)};
}

Result<Submission> prepare(Ask ask, const CommandOptions& options, const IdentityKey& key, const Catalog& catalog) {
  const CommandOptions taken = takes_options(ask) ? options : CommandOptions{};
  Result<Command> command = std::visit(Preparation{key, catalog}, std::move(ask));
  if (!command) return command.rejection();
  return Submission{
      .command = *std::move(command), .id = taken.id, .starter = taken.starter, .occurred_at = taken.occurred_at};
}

}  // namespace runledger
