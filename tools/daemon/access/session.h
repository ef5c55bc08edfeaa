// A running ledger as one caller may use it: every command and every read, limited to the caller's scope and rights.
// Both transports (RPC, HTTP) use the ledger only through a session, so that neither of them can forget a check.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/remote_journal.h"
#include "jobs/dispatch/claims.h"
#include "jobs/erase_tenant.h"
#include "ledger/base/shares.h"
#include "ledger/ledger.h"
#include "ledger/rules/ask.h"
#include "projections/folds/run_story.h"
#include "projections/reader/ledger_reader.h"
#include "projections/rows/followed_rows.h"
#include "tools/daemon/access/grant.h"
#include "tools/daemon/access/mirror_waits.h"
#include "tools/daemon/access/scope_positions.h"
#include "tools/daemon/access/token_store.h"

namespace runledger {

// What becomes of a request of a type that the catalog does not list.
enum class UnknownTypes : std::uint8_t { kWarn, kRefuse };

// Runs that changed, in the order of their last change among the events that were read.
struct ChangedRuns {
  std::vector<OperationRun::Row> rows = {};
  Sequence next;  // The position after which to read on, in the caller's numbering.
};

// A call for which the caller lacks a right is refused with "access.denied" before anything else is checked. A run
// outside the grant's scope is answered exactly as a run that does not exist. A caller that is bound to a tenant or a
// workspace sees positions in its own scope only, in answers, rows and events
// (tools/daemon/access/scope_positions.h). It sees which callers of its own scope caused events, and "operator" in
// place of all others (Grant::shown()).
//
// A session can outlast its token. What it reads, and the run that a claim of it gets, it therefore hands out only if
// the token is in force at that moment, and otherwise refuses with "access.unauthenticated". A transport that lets a
// caller wait for something else asks deny_ended_token() itself, at least every kTokenCheckedEvery.
//
// Any thread may use it, and a copy is cheap. Reads throw Failure as EventLog, RowStore and TokenStore do.
class Session {
 public:
  // Whether the caller's token is in force. Any thread may call it. Throws Failure as TokenStore does.
  using TokenCheck = std::function<bool()>;
  static constexpr std::chrono::milliseconds kTokenCheckedEvery{500};

  // Owns none of the first three; all of them must outlive the session and its copies. The events of this
  // session name `caller`. `is_in_force` is empty for a caller that needs no token. `mirror` is not owned either, and
  // null in a daemon that keeps no mirror. `expires_at` is when the token ends by itself, if it does. `tokens`, not
  // owned, tell who could carry out a run; null: nobody knows.
  Session(Ledger& ledger, const FollowedRows& rows, Claims& claims, Grant grant, const Caller& caller,
          TokenCheck is_in_force, UnknownTypes unknown_types = UnknownTypes::kWarn, MirrorWaits* mirror = nullptr,
          std::optional<Time> expires_at = {}, TokenStore* tokens = nullptr);

  [[nodiscard]] const Grant& grant() const noexcept { return grant_; }
  [[nodiscard]] const Holder& holder() const noexcept { return holder_; }
  [[nodiscard]] const Caller& caller() const noexcept { return caller_; }
  [[nodiscard]] std::optional<Time> expires_at() const noexcept { return expires_at_; }
  // The ledger's id for a caller of the whole ledger, which alone may know it.
  [[nodiscard]] std::optional<LedgerId> ledger_id() const;
  [[nodiscard]] bool has_mirror() const noexcept { return mirror_ != nullptr; }
  [[nodiscard]] bool refuses_unknown_types() const noexcept { return unknown_types_ == UnknownTypes::kRefuse; }
  // Returns the rejection "access.unauthenticated" once the token was revoked or has expired.
  [[nodiscard]] std::optional<Rejection> deny_ended_token() const;

  // Submits a command to the ledger. Never blocks. `complete` is called exactly once: on the sequencer's thread, or
  // immediately on the calling thread when the session refuses the command itself. A RunRequest and a CancelRun need
  // kRequest, an IdentityStart and a SpooledRun need both kRequest and kWork, and all others need kWork. Codes besides
  // those of the rules: "access.denied", "scope.not_found" for a request that names another workspace or tenant than
  // the grant, "workspace.required", "run.not_found", "type.unknown" with UnknownTypes::kRefuse. Command ids belong to
  // the caller's scope: callers of two scopes may use the same id without meeting each other's commands.
  using Completion = Sequencer::Completion;
  void submit(Ask ask, const CommandOptions& options, Completion complete) const;

  // Claims a due run of this caller's scope, as Claims::claim does; destroying the returned Waiting withdraws the
  // claim. `complete` is called on the thread of the claims, or immediately. A claim whose token ends while it waits is
  // refused within kTokenCheckedEvery. Codes besides those of Claims: "access.denied", "access.unauthenticated", and
  // that of the failure if the tokens can no longer be read.
  [[nodiscard]] Claims::Waiting claim(ClaimRequest request, const CommandOptions& options,
                                      Claims::Completion complete) const;  // kWork

  // Returns one run as of a position in this caller's numbering, or as it is now if `as_of` is absent. Code
  // "run.not_found".
  // A run can be requested again any number of times, so it may have any number of events. Of one with more than
  // kStoryEventsMax, the story has the first and the last kStoryEndMax, or fewer if they are large; row and attempts
  // are exact, and cost no more than the attempts. The rows lead to the events in between (codes "rows.behind",
  // "rows.stopped").
  static constexpr std::size_t kStoryEndMax = 200;
  static constexpr std::size_t kStoryEventsMax = 2 * kStoryEndMax;
  [[nodiscard]] Result<RunStory> show(RunId run, std::optional<Sequence> as_of) const;
  // The same as of a time: up to the last event recorded at or before it.
  [[nodiscard]] Result<RunStory> show_at(RunId run, Time as_of) const;

  // Returns the events of one run after its event `after`, in a page of limited size. The codes are those of show(),
  // and "position.ahead" when the run has no event `after`.
  [[nodiscard]] Result<RunEventPage> run_events(RunId run, const std::optional<AsOf>& as_of, RunVersion after) const;

  // Lists the runs of this caller's scope. The page includes everything that was acknowledged before the call: the
  // session waits for the rows to catch up, for 5 seconds at most. Codes "scope.not_found", "cursor.invalid", and those
  // of all functions that need the rows: "rows.behind", "rows.stopped", "rows.catching_up".
  [[nodiscard]] Result<RunPage> list(RunFilter filter, std::size_t limit, const std::string& cursor) const;

  // How far those of the runs have come that are being carried out and that the caller may see, by their heartbeats.
  [[nodiscard]] Result<std::map<RunId, Counts>> progress(const std::vector<RunId>& runs) const;

  [[nodiscard]] Result<LedgerTotals> totals(RunFilter filter) const;  // Waits as list() does. Code "scope.not_found".
  [[nodiscard]] Sequence head() const;                                // The last event, in this caller's numbering.
  [[nodiscard]] Sequence position_as_of(const AsOf& as_of) const;     // Likewise; it may be after the last event.

  // Answers a question about this caller's scope, and waits for the rows as list() does. Codes: those of answer()
  // (projections/answers/question.h), "rows.behind", "rows.stopped".
  [[nodiscard]] Result<std::string> answer(const Question& question) const;

  // Returns events of this caller's scope; empty when there are none yet. Does not wait. Codes "access.denied", and
  // "position.ahead" when `query.after` is after the last event that this caller can see.
  [[nodiscard]] Result<EventPage> events(const EventQuery& query) const;  // kAudit
  [[nodiscard]] Result<EventPage> events(Sequence after, std::size_t count_max) const {
    return events({.after = after, .filter = {}, .count_max = count_max});
  }

  // Returns the runs that the events of this caller's scope after `after` have changed, among the next `events_max`
  // events, each once and as it is now. Waits for the rows as list() does, but not for events. Needs no right. Codes
  // "position.ahead", "rows.behind", "rows.stopped".
  [[nodiscard]] Result<ChangedRuns> changes(Sequence after, std::size_t events_max) const;

  // Returns the position that the caller means, in its own numbering: `text` is the `position` of an answer that a
  // caller of its scope got, or a number. Codes: "<field>.invalid" for a text that is no longer than a number,
  // "position.invalid" for another one that was not sealed for this scope, "position.ahead".
  [[nodiscard]] Result<Sequence> find_position(const std::string& text, std::string_view field) const;

  // Waits until the mirror in Postgres has the event at `position`, in the caller's own numbering, or everything that
  // was acknowledged before the call if it is absent. Codes besides those of MirrorWaits: "position.ahead",
  // "mirror.absent" in a daemon that keeps no mirror, and as for a claim those of a token that has ended.
  [[nodiscard]] Waiting await_mirror(const std::optional<Sequence>& position, std::chrono::milliseconds time,
                                     MirrorWaits::Completion complete) const;
  // Erases what a tenant has written (jobs/erase_tenant.h); waits a minute at most for the mirror. kOperate, unbound.
  [[nodiscard]] Result<TenantErasure> erase(const Scope& scope, const SanitizedText& reason, ActiveRuns active) const;
  void rebuild_mirror(MirrorRebuilds::Request request) const;  // kOperate, unbound. Also "mirror.absent".

  // Returns the catalog by which the lines of `source` are read. Codes "access.denied", "namespace.invalid",
  // "catalog.too_large", and those of Catalog::parse.
  [[nodiscard]] Result<std::shared_ptr<const Catalog>> journal_rules(const JournalSource& source) const;
  // Translates lines of a journal to commands; one that cannot be carries its rejection. Code "access.denied".
  [[nodiscard]] Result<std::vector<JournalLine>> read_journal(const JournalPart& part,
                                                              std::shared_ptr<const Catalog> rules) const;
  // Submits a line that read_journal() returned, or completes immediately with the line's rejection.
  void take(JournalLine line, Completion complete) const;

  // Returns how the ledger would answer a request now, without submitting it. The codes are those of submit().
  [[nodiscard]] Result<Explanation> explain(RunRequest request) const;  // kRequest
  [[nodiscard]] std::shared_ptr<const Catalog> catalog() const { return ledger_->catalog(); }

 private:
  friend class SessionEvidence;
  struct BindToScope;
  Ledger* ledger_;
  const FollowedRows* rows_;
  Claims* claims_;
  Grant grant_;
  Caller caller_;
  Holder holder_;
  TokenCheck is_in_force_;
  UnknownTypes unknown_types_;
  MirrorWaits* mirror_;
  std::optional<Time> expires_at_;
  TokenStore* tokens_;
  ScopePositions positions_;

  [[nodiscard]] std::optional<Rejection> deny_without(Right right) const;
  [[nodiscard]] bool mirror_reaches(Sequence position) const;
  [[nodiscard]] std::optional<Rejection> deny_ended_token_or_failed() const;
  template <class T>
  [[nodiscard]] Result<T> if_in_force(Result<T> read) const;
  [[nodiscard]] std::optional<Rejection> refuse_foreign(RunId run) const;
  [[nodiscard]] OperationRun::Row shown(OperationRun::Row row) const;
  [[nodiscard]] Scope own_scope() const;
  [[nodiscard]] CommandId own_id(CommandId id) const;
  [[nodiscard]] CommandOptions own_options(const CommandOptions& options) const;
  [[nodiscard]] Result<RunStory> story(RunId run, const std::optional<AsOf>& as_of) const;
  [[nodiscard]] Result<RunStory> long_story(RunId run, Sequence to, RunVersion newest) const;
  [[nodiscard]] RunVersion version_at(RunId run, Sequence to, RunVersion newest) const;
  [[nodiscard]] bool add_events(std::vector<VisibleEvent>& events, std::vector<Envelope> envelopes) const;
  [[nodiscard]] std::optional<Rejection> admit(Ask& ask, const Catalog& rules) const;
  [[nodiscard]] std::optional<Rejection> refuse_unknown_type(const Ask& ask, const Catalog& rules) const;
  [[nodiscard]] std::optional<Rejection> narrow(RunFilter& filter) const;
  [[nodiscard]] std::optional<Rejection> wait_for_rows(Sequence until) const;
  [[nodiscard]] std::optional<Rejection> refuse_ahead(Sequence after) const;
  [[nodiscard]] Asker asker() const;
  [[nodiscard]] std::vector<Envelope> events_between(Sequence after, Sequence to) const;
  [[nodiscard]] std::optional<WorkForce> work_force(const RunType& type, const Scope& scope) const;
};

}  // namespace runledger
