// Checks a caller's rights, then its scope, and then passes the call to the ledger, the rows or the claims.
//
// Each call makes the same steps. deny_without() or admit() checks the rights first, so that a caller without a right
// learns nothing else. Then the scope:
//   - A command goes through BindToScope, which fills in the workspace and tenant that the session implies, or refuses
//     a run that the grant does not cover with the same "run.not_found" that a missing run gets.
//   - A filter goes through narrow(), which refuses a foreign scope whether or not it has runs.
//   - A claim carries the grant's scope into Claims as a ScopedClaim.
// On the way out, the positions in every answer, row and event are translated to the caller's numbering
// (ScopePositions). Completions capture a copy of the positions, not the session, because they run on another thread
// after the session may be gone. A translation reads the log and may fail after the command is durable; the caller then
// gets UnknownOutcome instead of an exception on the sequencer's thread. Fencing tokens need no translation: they count
// the events of their scope for every caller.
//
// Each read ends with if_in_force(), because it may have waited: for the rows, for a disk, for its turn. A claim is
// checked by Claims before a run is started for it, and here once more before the run is handed out.
//
// The story of a run is folded from its events (story()), for any moment. For the current state of a run with more than
// kStoryEventsMax events, long_story() reads only the first events, takes the row from the rows, and adds the attempts
// that ended later from the state by which the sequencer decides (add_attempts()). Its cost is bounded by the limits
// of the story, not by the length of the run.
#include "tools/daemon/access/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <span>
#include <unordered_set>
#include <utility>

#include "ledger/base/assert.h"
#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "ledger/values/number.h"
#include "ledger/values/sha256.h"
#include "projections/rows/table.h"

namespace runledger {
namespace {

constexpr std::size_t kRunEventsPerPage = 256;
constexpr std::size_t kNumberDigitsMax = 20;                    // A sealed position is longer than any number.
constexpr std::size_t kStoryBytesMax = 4 * kBytesPerEventPage;  // Of either end of a long run.

Rejection foreign_scope() {
  return reject("scope.not_found", "expected a workspace and tenant of this caller");
}

constexpr Right kToRequest[] = {Right::kRequest};
constexpr Right kToWork[] = {Right::kWork};
constexpr Right kToRequestAndWork[] = {Right::kWork, Right::kRequest};

// By which the callers of one tenant are counted together. Names hold no line end.
std::string tenant_of(const Grant& grant) {
  if (!grant.workspace) return {};
  return grant.workspace->str() + "\n" + (grant.tenant ? grant.tenant->str() : "");
}

// The rights that each kind of command needs. A caller that lacks several is refused for the first one.
struct RightsNeeded {
  using These = std::span<const Right>;
  These operator()(const RunRequest&) const { return kToRequest; }
  These operator()(const CancelRun&) const { return kToRequest; }
  These operator()(const IdentityStart&) const { return kToRequestAndWork; }
  These operator()(const StartAttempt&) const { return kToWork; }
  These operator()(const Heartbeat&) const { return kToWork; }
  These operator()(const FinishAttempt&) const { return kToWork; }
  These operator()(const FailRun&) const { return kToWork; }
  These operator()(const ExpireLease&) const { return kToWork; }
  These operator()(const SpooledRun&) const { return kToRequestAndWork; }
};

Rejection absent_mirror() {
  return reject("mirror.absent", "expected a daemon that keeps a mirror in Postgres, found that it keeps none");
}

}  // namespace

Session::Session(Ledger& ledger, const FollowedRows& rows, Claims& claims, Grant grant, const Caller& caller,
                 TokenCheck is_in_force, UnknownTypes unknown_types, MirrorWaits* mirror,
                 std::optional<Time> expires_at, TokenStore* tokens)
    : ledger_(&ledger),
      rows_(&rows),
      claims_(&claims),
      grant_(std::move(grant)),
      caller_(caller),
      holder_{.token = caller.is_token() ? format_uuid(caller.token.value) : "", .tenant = tenant_of(grant_)},
      is_in_force_(std::move(is_in_force)),
      unknown_types_(unknown_types),
      mirror_(mirror),
      expires_at_(expires_at),
      tokens_(tokens),
      positions_(ledger.log(), ledger.position_seal(), grant_.workspace, grant_.tenant) {}

std::optional<LedgerId> Session::ledger_id() const {
  return grant_.workspace ? std::nullopt : std::optional(ledger_->log().store().ledger_id());
}

std::optional<Rejection> Session::deny_ended_token() const {
  if (!is_in_force_ || is_in_force_()) return {};
  return reject("access.unauthenticated", "expected a token that is in force, found that it has ended");
}

template <class T>
Result<T> Session::if_in_force(Result<T> read) const {
  if (auto ended = deny_ended_token()) return *std::move(ended);
  return read;
}

std::optional<Rejection> Session::deny_without(Right right) const {
  if (grant_.rights.contains(right)) return {};
  return reject("access.denied", fmt::format("expected the right to {}, found none", to_string(right)));
}

std::optional<Rejection> Session::refuse_foreign(RunId run) const {
  if (!grant_.workspace)
    return {};  // The decision itself finds out whether the run exists; a read here would be waste.
  const RunState state = ledger_->states().load_run(run);
  if (!state.exists() || !grant_.covers(state.scope)) return no_such_run(run);
  return {};
}

Scope Session::own_scope() const {
  RUNLEDGER_ASSERT(grant_.workspace);
  return {.workspace = *grant_.workspace, .tenant = grant_.tenant};
}

// Mixes the scope into the id, so that ids of callers of different scopes never meet: otherwise "command.reused", or a
// repeated answer, would reveal what a caller of another scope has done.
CommandId Session::own_id(CommandId id) const {
  if (!grant_.workspace) return id;
  const ContentDigest scope = scope_digest(own_scope());
  const ContentDigest digest = content_digest({"command", bytes_of(scope), id.value.view()});
  return {custom_uuid({digest.bytes})};
}

CommandOptions Session::own_options(const CommandOptions& options) const {
  CommandOptions own = options;
  if (options.id) own.id = own_id(*options.id);
  return own;
}

// Checks a command against the grant: adds the scope that the session implies, or returns why this caller may not
// submit the command.
struct Session::BindToScope {
  const Session& session;

  std::optional<Rejection> operator()(RunRequest& request) const {
    const Grant& grant = session.grant_;
    if (!request.workspace) request.workspace = grant.workspace;
    if (!request.tenant) request.tenant = grant.tenant;
    if (request.workspace && !grant.covers({.workspace = *request.workspace, .tenant = request.tenant}))
      return foreign_scope();
    if (request.parent && session.refuse_foreign(*request.parent)) return no_such_parent();
    return {};
  }
  std::optional<Rejection> operator()(IdentityStart& start) const { return (*this)(start.request); }
  // A parent that the caller cannot see is left out, as one that does not exist, because the work was done.
  std::optional<Rejection> operator()(SpooledRun& spooled) const {
    RunRequest& request = spooled.request;
    if (request.parent && session.refuse_foreign(*request.parent)) request.parent.reset();
    return (*this)(request);
  }
  std::optional<Rejection> operator()(const StartAttempt& start) const { return session.refuse_foreign(start.run); }
  std::optional<Rejection> operator()(const Heartbeat& heartbeat) const {
    return session.refuse_foreign(heartbeat.run);
  }
  std::optional<Rejection> operator()(const FinishAttempt& finish) const { return session.refuse_foreign(finish.run); }
  std::optional<Rejection> operator()(const FailRun& fail) const { return session.refuse_foreign(fail.run); }
  std::optional<Rejection> operator()(const CancelRun& cancel) const { return session.refuse_foreign(cancel.run); }
  std::optional<Rejection> operator()(const ExpireLease& expiry) const { return session.refuse_foreign(expiry.run); }
};

std::optional<Rejection> Session::admit(Ask& ask, const Catalog& rules) const {
  for (const Right right : std::visit(RightsNeeded{}, ask)) {
    if (auto denied = deny_without(right)) return denied;
  }
  if (auto refused = std::visit(BindToScope{*this}, ask)) return refused;
  return refuse_unknown_type(ask, rules);
}

std::optional<Rejection> Session::refuse_unknown_type(const Ask& ask, const Catalog& rules) const {
  if (unknown_types_ == UnknownTypes::kWarn) return {};
  const auto* request = std::get_if<RunRequest>(&ask);
  if (const auto* start = std::get_if<IdentityStart>(&ask)) request = &start->request;
  if (const auto* spooled = std::get_if<SpooledRun>(&ask)) request = &spooled->request;
  if (request == nullptr || rules.entries().contains(request->type)) return {};
  return reject("type.unknown", fmt::format("expected a type of the daemon's catalog, found {}", request->type.str()));
}

void Session::submit(Ask ask, const CommandOptions& options, Completion complete) const {
  std::shared_ptr<const Catalog> rules = ledger_->catalog();
  if (auto refused = admit(ask, *rules)) return complete(*std::move(refused));
  if (!positions_.counts_scope())
    return ledger_->submit(std::move(ask), own_options(options), caller_, std::move(rules), std::move(complete));
  ledger_->submit(std::move(ask), own_options(options), caller_, std::move(rules),
                  [positions = positions_, complete = std::move(complete)](Answer answer) {
                    try {
                      if (auto* reply = std::get_if<Reply>(&answer)) *reply = positions.to_scope_sequence(*reply);
                    } catch (const Failure& failure) {
                      answer = UnknownOutcome{failure.what()};
                    }
                    complete(std::move(answer));
                  });
}

Result<Explanation> Session::explain(RunRequest request) const {
  Ask ask = std::move(request);
  const std::shared_ptr<const Catalog> rules = ledger_->catalog();
  if (auto refused = admit(ask, *rules)) return *std::move(refused);
  Result<Explanation> explanation = runledger::explain(*ledger_, std::get<RunRequest>(std::move(ask)), *rules);
  if (explanation) explanation->holder.decided_by = positions_.to_scope_sequence(explanation->holder.decided_by);
  return if_in_force(std::move(explanation));
}

Result<std::shared_ptr<const Catalog>> Session::journal_rules(const JournalSource& source) const {
  if (auto denied = grant_.deny_import()) return *std::move(denied);
  if (const auto name = parse_journal_namespace(source.name); !name) return name.rejection();
  if (source.catalog && source.catalog->size() > kJournalCatalogBytesMax)
    return reject("catalog.too_large",
                  fmt::format("expected at most {} bytes, found {}", kJournalCatalogBytesMax, source.catalog->size()));
  Result<Catalog> rules = Catalog::parse(source.catalog.value_or(R"({"types":[]})"), unlisted_in_journals());
  if (!rules) return rules.rejection();
  if (!source.catalog) rules->overlay(*ledger_->catalog());
  return std::make_shared<const Catalog>(*std::move(rules));
}

Result<std::vector<JournalLine>> Session::read_journal(const JournalPart& part,
                                                       std::shared_ptr<const Catalog> rules) const {
  if (auto denied = grant_.deny_import()) return *std::move(denied);
  JournalTranslator translator(ledger_->identity_key(),
                               std::make_shared<JournalImport>(std::move(rules), caller_, part.source.remembered),
                               part.source.name, part.source.names);
  std::vector<JournalLine> lines;
  lines.reserve(part.lines.size());
  for (const NumberedLine& line : part.lines) {
    lines.push_back(part.source.adopts ? translator.adopt(line.text) : translator.translate(line.number, line.text));
  }
  return if_in_force(Result(std::move(lines)));
}

void Session::take(JournalLine line, Completion complete) const {
  if (!line.submission) return complete(line.submission.rejection());
  ledger_->sequencer().submit(*std::move(line.submission), std::move(complete));
}

Claims::Waiting Session::claim(ClaimRequest request, const CommandOptions& options, Claims::Completion complete) const {
  if (auto denied = deny_without(Right::kWork)) {
    complete(*std::move(denied));
    return {};
  }
  if (auto behind = wait_for_rows(Sequence{})) {
    complete(*std::move(behind));
    return {};
  }
  ScopedClaim narrowed{.what = std::move(request),
                       .workspace = grant_.workspace,
                       .tenant = grant_.tenant,
                       .caller = caller_,
                       .holder = holder_,
                       .options = own_options(options),
                       .deny = {}};
  if (is_in_force_) narrowed.deny = [session = *this] { return session.deny_ended_token_or_failed(); };
  return claims_->claim(std::move(narrowed), [session = *this, complete = std::move(complete)](ClaimAnswer answer) {
    try {
      if (auto* claimed = std::get_if<ClaimedRun>(&answer))
        claimed->started = session.positions_.to_scope_sequence(claimed->started);
    } catch (const Failure& failure) {
      answer = UnknownOutcome{failure.what()};
    }
    // A token that ended while the run was being started: the attempt stays, and ends when its lease runs out.
    if (std::holds_alternative<ClaimedRun>(answer)) {
      if (auto denied = session.deny_ended_token_or_failed()) answer = *std::move(denied);
    }
    complete(std::move(answer));
  });
}

// The caller's next request meets the same failure, which is logged then.
std::optional<Rejection> Session::deny_ended_token_or_failed() const {
  try {
    return deny_ended_token();
  } catch (const Failure& failure) {
    return reject(failure.code(), "expected access tokens that can be read, found a failure: see the daemon's log");
  }
}

Result<RunEventPage> Session::run_events(RunId run, const std::optional<AsOf>& as_of, RunVersion after) const {
  const EventLog& log = ledger_->log();
  const RunState state = ledger_->states().load_run(run);
  if (!state.exists() || !grant_.covers(state.scope)) return no_such_run(run);
  std::vector<Envelope> events = log.read_run(run, positions_.resolve_as_of(as_of), after, kRunEventsPerPage);
  if (events.empty() && after.value == 0) return no_such_run(run);  // At `as_of`, the run did not exist yet.
  if (events.empty() && after > state.version) return position_ahead(after.value, state.version.value);
  RunEventPage page{.events = {}, .more = events.size() == kRunEventsPerPage};
  std::size_t bytes = 0;
  for (Envelope& envelope : events) {
    if (bytes >= kBytesPerEventPage) {
      page.more = true;
      break;
    }
    const std::string stored = encode(envelope);
    bytes += stored.size();
    envelope.caller = grant_.shown(envelope.caller);
    page.events.push_back({positions_.to_scope_sequence(std::move(envelope)), event_id(stored)});
  }
  return if_in_force(Result(std::move(page)));
}

// Adds events from the front until they are large. Returns whether all of them were added.
bool Session::add_events(std::vector<VisibleEvent>& events, std::vector<Envelope> envelopes) const {
  std::size_t bytes = 0;
  for (Envelope& envelope : envelopes) {
    if (bytes >= kStoryBytesMax) return false;
    const std::string stored = encode(envelope);
    bytes += stored.size();
    envelope.caller = grant_.shown(envelope.caller);
    events.push_back({positions_.to_scope_sequence(std::move(envelope)), event_id(stored)});
  }
  return true;
}

Result<RunStory> Session::story(RunId run, const std::optional<AsOf>& as_of) const {
  const EventLog& log = ledger_->log();
  const Sequence to = positions_.resolve_as_of(as_of);
  const RunState state = ledger_->states().load_run(run);
  if (!state.exists() || !grant_.covers(state.scope)) return no_such_run(run);
  if (state.version.value > kStoryEventsMax) return long_story(run, to, state.version);
  std::vector<Envelope> events = log.read_run(run, to);
  if (events.empty()) return no_such_run(run);  // At `as_of`, the run did not exist yet.
  RunStory story;
  for (const Envelope& envelope : events) evolve(story, envelope);
  story.row = shown(std::move(story.row));
  story.is_cut = !add_events(story.events, std::move(events));
  return if_in_force(Result(std::move(story)));
}

// Folds the first and the last events, and between them the milestones only: all others are deduped requests.
Result<RunStory> Session::long_story(RunId run, Sequence to, RunVersion newest) const {
  static_assert(kStoryEndMax == row_index::kMilestonesAfter.value);
  const EventLog& log = ledger_->log();
  const RunVersion version = version_at(run, to, newest);
  if (version.value == 0) return no_such_run(run);  // At `as_of`, the run did not exist yet.
  RunStory story;
  std::vector<Envelope> first = log.read_run(run, to, {}, kStoryEndMax);
  for (const Envelope& envelope : first) evolve(story, envelope);
  const std::uint32_t of_end = std::min<std::uint32_t>(version.value, kStoryEndMax);
  const RunVersion last_from{std::max(of_end, version.value - of_end)};
  if (last_from.value > kStoryEndMax) {
    if (auto not_there = wait_for_rows(to)) return *std::move(not_there);
    for (const row_index::Milestone& milestone :
         rows_->rows().milestones(run, row_index::kMilestonesAfter, last_from)) {
      if (milestone.position.value == 0) {
        pass_deduped(story, milestone.version, milestone.skipped);
        continue;
      }
      pass_deduped(story, RunVersion{milestone.version.value - 1}, milestone.skipped);
      const std::optional<Envelope> envelope = log.find(milestone.position);
      if (!envelope || envelope->run != run) throw_rows_damaged("a milestone of a run leads to another event");
      evolve(story, *envelope);
    }
  }
  // At most kMilestonesAfter events are between the last milestone and `last_from`.
  std::vector<Envelope> last = log.read_run(run, to, story.row.run_version);
  for (const Envelope& envelope : last) evolve(story, envelope);
  std::erase_if(last, [&](const Envelope& envelope) { return envelope.run_version <= last_from; });
  story.row = shown(std::move(story.row));
  story.is_cut = !add_events(story.events, std::move(first));
  if (version.value <= kStoryEventsMax) {
    story.is_cut = story.is_cut || !add_events(story.events, std::move(last));
  } else {
    story.is_cut = true;
    (void)add_events(story.last_events, std::move(last));
  }
  return if_in_force(Result(std::move(story)));
}

// The number of events that the run had at the position `to`, by a binary search. Requires a run that has `newest` of
// them.
RunVersion Session::version_at(RunId run, Sequence to, RunVersion newest) const {
  std::uint32_t before = 0;                 // Zero, or an event at or before `to`.
  std::uint32_t beyond = newest.value + 1;  // One past the newest, or an event after `to`.
  while (beyond - before > 1) {
    const std::uint32_t middle = before + (beyond - before) / 2;
    const bool is_there = !ledger_->log().read_run(run, to, RunVersion{middle - 1}, 1).empty();
    (is_there ? before : beyond) = middle;
  }
  return RunVersion{before};
}

Result<RunStory> Session::show(RunId run, std::optional<Sequence> as_of) const {
  return story(run, as_of ? std::optional<AsOf>(*as_of) : std::nullopt);
}

Result<RunStory> Session::show_at(RunId run, Time as_of) const {
  return story(run, AsOf{as_of});
}

// Limits the filter to the grant. Another scope is refused whether or not it has runs.
std::optional<Rejection> Session::narrow(RunFilter& filter) const {
  const bool foreign = (grant_.workspace && filter.workspace && filter.workspace != grant_.workspace) ||
                       (grant_.tenant && filter.tenant && filter.tenant != grant_.tenant);
  if (foreign) return foreign_scope();
  filter.is_bound = grant_.workspace.has_value();
  if (grant_.workspace) filter.workspace = grant_.workspace;
  if (grant_.tenant) filter.tenant = grant_.tenant;
  return {};
}

Result<RunPage> Session::list(RunFilter filter, std::size_t limit, const std::string& cursor) const {
  if (auto foreign = narrow(filter)) return *std::move(foreign);
  if (filter.parent && refuse_foreign(*filter.parent)) return RunPage{};
  if (auto not_there = wait_for_rows(ledger_->log().last())) return *std::move(not_there);
  const auto as_of = filter.as_of ? std::optional(positions_.resolve_as_of(filter.as_of)) : std::nullopt;
  Result<RunPage> page = rows_->rows().list(filter, as_of, limit, cursor);
  if (page) {
    for (OperationRun::Row& row : page->rows) row = shown(std::move(row));
  }
  return if_in_force(std::move(page));
}

Result<std::map<RunId, Counts>> Session::progress(const std::vector<RunId>& runs) const {
  std::map<RunId, Counts> found;
  for (const RunId& run : runs) {
    Counts counts = ledger_->states().load_progress(run);
    if (!counts.empty() && !refuse_foreign(run)) found.emplace(run, std::move(counts));
  }
  return if_in_force(Result(std::move(found)));
}

OperationRun::Row Session::shown(OperationRun::Row row) const {
  row.caller = grant_.shown(row.caller);
  return positions_.to_scope_sequence(std::move(row));
}

Sequence Session::head() const {
  return positions_.scope_count_at(ledger_->log().last());
}

Sequence Session::position_as_of(const AsOf& as_of) const {
  const auto* time = std::get_if<Time>(&as_of);
  return time != nullptr ? positions_.scope_count_at(ledger_->log().as_of(*time)) : std::get<Sequence>(as_of);
}

Result<LedgerTotals> Session::totals(RunFilter filter) const {
  if (auto foreign = narrow(filter)) return *std::move(foreign);
  if (auto not_there = wait_for_rows(ledger_->log().last())) return *std::move(not_there);
  LedgerTotals totals = rows_->rows().totals(filter);
  totals.head = positions_.scope_count_at(totals.head);
  if (!grant_.workspace) totals.log = standing_of(ledger_->log());
  return if_in_force(Result(std::move(totals)));
}

// Callers and tokens of others would tell the caller how much they have to do, so only those of its own scope count.
std::optional<WorkForce> Session::work_force(const RunType& type, const Scope& scope) const {
  if (tokens_ == nullptr) return std::nullopt;
  WorkForce force{.claims_waiting = claims_->waiting_for(type, scope, grant_.workspace, grant_.tenant),
                  .is_all = !grant_.workspace};
  force.tokens = tokens_->count_in_force(ledger_->clock().now(), [&](const AccessToken& token) {
    const Grant& grant = token.grant;
    const bool is_within =
        (!grant_.workspace || grant.workspace == grant_.workspace) && (!grant_.tenant || grant.tenant == grant_.tenant);
    return is_within && grant.rights.contains(Right::kWork) && grant.covers(scope);
  });
  return force;
}

// A page may end early, because it is large.
std::vector<Envelope> Session::events_between(Sequence after, Sequence to) const {
  std::vector<Envelope> events;
  while (after < to) {
    EventPage page = positions_.read({.after = after, .to = to, .filter = {}, .count_max = to.value - after.value});
    if (page.next == after) break;
    for (VisibleEvent& event : page.events) events.push_back(std::move(event.envelope));
    after = page.next;
  }
  return events;
}

Asker Session::asker() const {
  return {.narrow = [this](RunFilter& filter) { return narrow(filter); },
          .covers = [this](const Scope& scope) { return grant_.covers(scope); },
          .position = [this](Sequence in_log) { return positions_.to_scope_sequence(in_log); },
          .count_at = [this](Sequence in_log) { return positions_.scope_count_at(in_log); },
          .events = [this](Sequence after, Sequence to) { return events_between(after, to); },
          .last_at = [this](Sequence at) { return positions_.last_at(at); },
          .shown = [this](const Caller& caller) { return grant_.shown(caller); },
          .work_force = [this](const RunType& type, const Scope& scope) { return work_force(type, scope); }};
}

Result<std::string> Session::answer(const Question& question) const {
  if (auto not_there = wait_for_rows(ledger_->log().last())) return *std::move(not_there);
  const Asker limited = asker();
  return if_in_force(runledger::answer({*ledger_, rows_->rows(), limited}, question));
}

// The end is in the caller's numbering, so that it tells the caller nothing about its neighbours.
std::optional<Rejection> Session::refuse_ahead(Sequence after) const {
  if (positions_.is_reached(after)) return {};
  const Sequence end = head();
  if (after <= end) return {};  // The event has come since.
  return position_ahead(after.value, end.value);
}

Result<EventPage> Session::events(const EventQuery& query) const {
  if (auto denied = deny_without(Right::kAudit)) return *std::move(denied);
  EventPage page = positions_.read(query);
  // A page that moves on shows that the position is not ahead, so only a page that does not costs a look-up.
  if (page.next == query.after) {
    if (auto ahead = refuse_ahead(query.after)) return *std::move(ahead);
  }
  for (VisibleEvent& event : page.events) event.envelope.caller = grant_.shown(event.envelope.caller);
  return if_in_force(Result(std::move(page)));
}

Result<ChangedRuns> Session::changes(Sequence after, std::size_t events_max) const {
  const EventPage page = positions_.read({.after = after, .filter = {}, .count_max = events_max});
  if (page.next == after) {
    if (auto ahead = refuse_ahead(after)) return *std::move(ahead);
    return if_in_force(Result(ChangedRuns{.next = after}));
  }
  if (auto not_there = wait_for_rows(positions_.to_log_sequence(page.next))) return *std::move(not_there);
  ChangedRuns changed{.next = page.next};
  std::unordered_set<RunId> seen;
  for (auto event = page.events.rbegin(); event != page.events.rend(); ++event) {
    if (!seen.insert(event->envelope.run).second) continue;
    auto row = rows_->rows().find(event->envelope.run);
    if (!row) continue;
    row->context = {};  // It is not told, and may have 64 KiB.
    changed.rows.push_back(shown(*std::move(row)));
  }
  std::reverse(changed.rows.begin(), changed.rows.end());
  return if_in_force(Result(std::move(changed)));
}

Result<Sequence> Session::find_position(const std::string& text, std::string_view field) const {
  if (text.size() <= kNumberDigitsMax) {
    const Result<std::uint64_t> number = parse_number(text, field, {.max = INT64_MAX});
    if (!number) return number.rejection();
    return Sequence{*number};
  }
  const std::optional<Sequence> in_log = positions_.open(text);
  if (!in_log)
    return reject("position.invalid",
                  "expected a number, or a position from an answer to a caller of the same workspace and tenant");
  if (*in_log > ledger_->log().last())
    return reject("position.ahead", "expected a position that the log has reached, found one after its end");
  return positions_.scope_count_at(*in_log);
}

Waiting Session::await_mirror(const std::optional<Sequence>& position, std::chrono::milliseconds time,
                              MirrorWaits::Completion complete) const {
  std::optional<Rejection> refused;
  if (mirror_ == nullptr) {
    refused = absent_mirror();
  } else if (position) {
    refused = refuse_ahead(*position);
  }
  if (refused) {
    complete(refused);
    return {};
  }
  const Sequence in_log = position ? positions_.to_log_sequence(*position) : ledger_->log().last();
  if (!is_in_force_) return mirror_->wait({.position = in_log, .time = time}, std::move(complete));
  const auto deny = [session = *this] { return session.deny_ended_token_or_failed(); };
  return mirror_->wait({.position = in_log, .time = time, .deny = deny},
                       [deny, complete = std::move(complete)](const std::optional<Rejection>& answer) {
                         complete(answer ? answer : deny());
                       });
}

void Session::rebuild_mirror(MirrorRebuilds::Request request) const {
  if (const auto denied = grant_.deny_operation()) return request.complete(*denied);
  if (mirror_ == nullptr) return request.complete(absent_mirror());
  mirror_->rebuilds().request(std::move(request));
}

}  // namespace runledger
