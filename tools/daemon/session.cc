// Checks the right, then the scope, then hands on; and translates positions for callers that are bound to a tenant.
#include "tools/daemon/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "ledger/assert.h"
#include "ledger/codec.h"
#include "ledger/failure.h"
#include "ledger/sha256.h"
#include "projections/fold.h"

namespace runledger {
namespace {

constexpr auto kRowsPatience = std::chrono::seconds(5);
constexpr std::size_t kEventsScannedMax = 10'000;  // Of other scopes, before a page of events is given out.

Rejection no_such_run(RunId run) {
  return reject("run.not_found", fmt::format("expected run {} to exist, found none", format_uuid(run.value)));
}

Rejection foreign_scope() {
  return reject("scope.not_found", "expected a workspace and tenant of this caller");
}

}  // namespace

Session::Session(Ledger& ledger, const FollowedRows& rows, Claims& claims, Grant grant)
    : ledger_(&ledger), rows_(&rows), claims_(&claims), grant_(std::move(grant)) {
  RUNLEDGER_ASSERT(!grant_.tenant || grant_.workspace);
}

std::optional<Rejection> Session::deny_without(Right right) const {
  if (grant_.rights.contains(right)) return {};
  return reject("access.denied", fmt::format("expected the right to {}, found none", to_string(right)));
}

std::optional<Rejection> Session::refuse_run(Right right, RunId run) const {
  if (auto denied = deny_without(right)) return denied;
  const RunState state = ledger_->log().load_run(run);
  if (!state.exists() || !grant_.covers(state.scope)) return no_such_run(run);
  return {};
}

Scope Session::own_scope() const {
  return {.workspace = *grant_.workspace, .tenant = grant_.tenant};
}

// Ids of callers of different scopes never meet, so that nobody learns from "command.reused", or from an answer, what
// another has done.
CommandId Session::own_id(CommandId id) const {
  if (!grant_.workspace) return id;
  const ContentDigest scope = EventLog::scope_digest(own_scope());
  const auto bytes = [](const auto& array, std::size_t size) {
    return std::string_view(reinterpret_cast<const char*>(&array[0]), size);
  };
  const ContentDigest digest =
      content_digest({"command", bytes(scope.bytes, scope.bytes.size()), bytes(id.value.data, id.value.size())});
  CommandId own;
  std::copy(digest.bytes.begin(), digest.bytes.end(), own.value.begin());
  own.value.data[6] = static_cast<std::uint8_t>((own.value.data[6] & 0x0FU) | 0x80U);  // Version 8: a form of our own.
  own.value.data[8] = static_cast<std::uint8_t>((own.value.data[8] & 0x3FU) | 0x80U);
  return own;
}

void Session::submit(Command command, const Mark& mark, Completion complete) const {
  Submission submission{.command = std::move(command),
                        .id = mark.id ? std::optional(own_id(*mark.id)) : std::nullopt,
                        .occurred_at = mark.occurred_at};
  if (!counts_its_scope()) return ledger_->sequencer().submit(std::move(submission), std::move(complete));
  ledger_->sequencer().submit(std::move(submission), [self = *this, complete = std::move(complete)](Answer answer) {
    try {
      if (auto* reply = std::get_if<Reply>(&answer)) {
        reply->sequence = self.seen(reply->sequence);
        reply->token = self.seen(reply->token);
      }
    } catch (const Failure& failure) {
      answer = UnknownOutcome{failure.what()};
    }
    complete(std::move(answer));
  });
}

void Session::request(Order order, const Mark& mark, Completion complete) const {
  if (auto denied = deny_without(Right::kRequest)) return complete(*std::move(denied));
  if (!order.workspace) order.workspace = grant_.workspace;
  if (!order.tenant) order.tenant = grant_.tenant;
  if (order.workspace && !grant_.covers({.workspace = *order.workspace, .tenant = order.tenant}))
    return complete(foreign_scope());
  Result<RequestRun> request = ledger_->prepare_request(std::move(order));
  if (!request) return complete(request.rejection());
  submit(*std::move(request), mark, std::move(complete));
}

void Session::cancel(RunId run, SanitizedText message, const Mark& mark, Completion complete) const {
  if (auto refused = refuse_run(Right::kRequest, run)) return complete(*std::move(refused));
  submit(FailRun{.run = run,
                 .reason_code = *parse_reason_code("run.cancelled"),
                 .message = std::move(message),
                 .outcome = RunOutcome::kCancelled},
         mark, std::move(complete));
}

void Session::start(RunId run, SanitizedText worker, const Mark& mark, Completion complete) const {
  if (auto refused = refuse_run(Right::kWork, run)) return complete(*std::move(refused));
  submit(StartAttempt{.run = run, .worker = std::move(worker), .key = std::nullopt}, mark, std::move(complete));
}

void Session::heartbeat(RunId run, AttemptRef attempt, Completion complete) const {
  if (auto refused = refuse_run(Right::kWork, run)) return complete(*std::move(refused));
  attempt.token = meant(attempt.token);
  submit(Heartbeat{.run = run, .attempt = attempt}, {}, std::move(complete));
}

void Session::finish(FinishAttempt finish, const Mark& mark, Completion complete) const {
  if (auto refused = refuse_run(Right::kWork, finish.run)) return complete(*std::move(refused));
  if (auto* attempt = std::get_if<AttemptRef>(&finish.attempt)) attempt->token = meant(attempt->token);
  submit(std::move(finish), mark, std::move(complete));
}

void Session::fail(FailRun fail, const Mark& mark, Completion complete) const {
  if (auto refused = refuse_run(Right::kWork, fail.run)) return complete(*std::move(refused));
  submit(std::move(fail), mark, std::move(complete));
}

void Session::expire(RunId run, Completion complete) const {
  if (auto refused = refuse_run(Right::kWork, run)) return complete(*std::move(refused));
  submit(ExpireLease{run}, {}, std::move(complete));
}

Claims::Waiting Session::claim(ClaimOrder order, const Mark& mark, Claims::Completion complete) const {
  if (auto denied = deny_without(Right::kWork)) {
    complete(*std::move(denied));
    return {};
  }
  Claims::Order narrowed{
      .what = std::move(order),
      .workspace = grant_.workspace,
      .tenant = grant_.tenant,
      .mark = {.id = mark.id ? std::optional(own_id(*mark.id)) : std::nullopt, .occurred_at = mark.occurred_at}};
  return claims_->claim(std::move(narrowed), [self = *this, complete = std::move(complete)](ClaimAnswer answer) {
    try {
      if (auto* claimed = std::get_if<ClaimedRun>(&answer)) {
        claimed->started.sequence = self.seen(claimed->started.sequence);
        claimed->started.token = self.seen(claimed->started.token);
      }
    } catch (const Failure& failure) {
      answer = UnknownOutcome{failure.what()};
    }
    complete(std::move(answer));
  });
}

// The position in the caller's scope of an event of that scope.
Sequence Session::seen(Sequence sequence) const {
  if (!counts_its_scope() || sequence.value == 0) return sequence;
  return Sequence{ledger_->log().find(sequence)->scope_sequence.value};
}

// The reverse. Zero, which is no event's, where the scope has none at that position.
Sequence Session::meant(Sequence seen) const {
  if (!counts_its_scope() || seen.value == 0) return seen;
  const auto events = ledger_->log().read_scope(own_scope(), ScopeSequence{seen.value - 1}, 1);
  return events.empty() ? Sequence{} : events.front().sequence;
}

SeenEvent Session::seen(Envelope envelope) const {
  std::string stored = encode(envelope);
  if (counts_its_scope()) envelope.sequence = Sequence{envelope.scope_sequence.value};
  return {std::move(envelope), std::move(stored)};
}

OperationRun::Row Session::seen(OperationRun::Row row) const {
  row.last_sequence = seen(row.last_sequence);
  return row;
}

Result<RunStory> Session::story(RunId run, Sequence to) const {
  const std::vector<Envelope> events = ledger_->log().read_run(run, to);
  if (events.empty() || !grant_.covers(events.front().scope)) return no_such_run(run);
  RunStory story;
  for (const Envelope& envelope : events) {
    OperationRun::evolve(story.row, envelope);
    story.events.push_back(seen(envelope));
  }
  story.row = seen(std::move(story.row));
  story.attempts = fold_attempts(events);
  for (AttemptRow& attempt : story.attempts) attempt.token = seen(attempt.token);
  return story;
}

Result<RunStory> Session::show(RunId run, std::optional<Sequence> as_of) const {
  const EventLog& log = ledger_->log();
  if (!as_of) return story(run, log.last());
  if (!counts_its_scope()) return story(run, std::min(*as_of, log.last()));
  const Sequence to = meant(*as_of);  // None: later than the scope's last event.
  return story(run, to.value == 0 && as_of->value != 0 ? log.last() : to);
}

Result<RunStory> Session::show_at(RunId run, Time as_of) const {
  return story(run, ledger_->log().as_of(as_of));
}

// Holds the filter to the grant. Another scope is refused whether or not it has runs.
std::optional<Rejection> Session::narrow(RunFilter& filter) const {
  const bool foreign = (grant_.workspace && filter.workspace && filter.workspace != grant_.workspace) ||
                       (grant_.tenant && filter.tenant && filter.tenant != grant_.tenant);
  if (foreign) return foreign_scope();
  if (grant_.workspace) filter.workspace = grant_.workspace;
  if (grant_.tenant) filter.tenant = grant_.tenant;
  return {};
}

bool Session::wait_for_rows() const {
  return rows_->wait_for(ledger_->log().last(), kRowsPatience);
}

Result<RunPage> Session::list(RunFilter filter, std::size_t limit, const std::string& cursor) const {
  if (auto foreign = narrow(filter)) return *std::move(foreign);
  if (!wait_for_rows()) return reject("rows.behind", "expected the rows to follow the log, found them behind");
  Result<RunPage> page = rows_->rows().list(filter, limit, cursor);
  if (page && counts_its_scope()) {
    for (OperationRun::Row& row : page->rows) row = seen(std::move(row));
  }
  return page;
}

Result<Session::Totals> Session::totals(RunFilter filter) const {
  if (auto foreign = narrow(filter)) return *std::move(foreign);
  if (!wait_for_rows()) return reject("rows.behind", "expected the rows to follow the log, found them behind");
  const EventLog& log = ledger_->log();
  const Sequence head = counts_its_scope() ? Sequence{log.load_scope(own_scope()).value} : rows_->rows().checkpoint();
  return Totals{rows_->rows().statistics(filter), head};
}

Result<Session::EventPage> Session::events(Sequence after, std::size_t count_max) const {
  if (auto denied = deny_without(Right::kAudit)) return *std::move(denied);
  const EventLog& log = ledger_->log();
  EventPage page{.events = {}, .next = after};
  if (after.value == std::numeric_limits<std::uint64_t>::max()) return page;  // Nothing can come after it.
  if (counts_its_scope()) {
    for (Envelope& envelope : log.read_scope(own_scope(), ScopeSequence{after.value}, count_max)) {
      page.next = Sequence{envelope.scope_sequence.value};
      page.events.push_back(seen(std::move(envelope)));
    }
    return page;
  }
  const Sequence to{after.value +
                    std::min<std::uint64_t>(log.last().value - std::min(log.last(), after).value, kEventsScannedMax)};
  log.scan(after, to, [&](const Envelope& envelope, std::string_view stored) {
    page.next = envelope.sequence;
    if (grant_.covers(envelope.scope)) page.events.push_back({envelope, std::string(stored)});
    return page.events.size() < count_max ? Scan::kContinue : Scan::kStop;
  });
  return page;
}

}  // namespace runledger
