// What one caller can do with a running ledger: every command and every read, narrowed to a scope and to rights.
//
// Every way in (RPC, HTTP) goes through it, so that none of them can forget a check.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "clients/cpp/remote_journal.h"
#include "jobs/dispatch/claims.h"
#include "ledger/ledger.h"
#include "ledger/rules/ask.h"
#include "projections/folds/run_story.h"
#include "projections/reader/ledger_reader.h"
#include "projections/rows/followed_rows.h"
#include "tools/daemon/access/grant.h"
#include "tools/daemon/access/scope_positions.h"

namespace runledger {

// What is outside the grant's scope is answered exactly as what does not exist; what a right is missing for, with
// "access.denied", before anything else is looked at. A caller that is bound to a tenant meets positions of its own
// scope only, in answers, rows and events, and gives them back as tokens (tools/daemon/access/scope_positions.h).
//
// Any thread may use it; a copy is cheap. Reads throw Failure as EventLog and RowStore do.
class Session {
 public:
  // None of the first three is owned; all must outlive it.
  Session(Ledger& ledger, const FollowedRows& rows, Claims& claims, Grant grant);

  [[nodiscard]] const Grant& grant() const noexcept { return grant_; }

  // Carries out what is asked. Never blocks. `complete` is called exactly once: on the sequencer's thread, or at once
  // on the caller's when the command is refused without asking it. A RunRequest and a CancelRun need the right to
  // request, an IdentityStart the rights to request and to work, and all others the right to work. Codes besides those
  // of the rules: "access.denied", "scope.not_found" for a request that names another workspace or tenant than the
  // grant, "workspace.required", "run.not_found". A command id is this caller's own: the same one used by a caller of
  // another scope is another id.
  using Completion = Sequencer::Completion;
  void submit(Ask ask, const CommandOptions& options, Completion complete) const;

  // Work of this caller's scope, as Claims::claim gives it; withdrawn with what it returns. `complete` is called on the
  // thread of the claims, or at once. Codes besides those of claims: "access.denied".
  [[nodiscard]] Claims::Waiting claim(ClaimRequest request, const CommandOptions& options,
                                      Claims::Completion complete) const;  // kWork

  // One run, as of a position of this caller's counting; absent: now. Codes "access.denied", "run.not_found".
  // With its first kStoryEventsMax events, or fewer great ones: a run can be asked for again as often as anybody likes.
  // As it is now, one with more is taken from the rows (codes "rows.behind", "rows.stopped"), and that an attempt of it
  // behind those was lost says only its outcome.
  static constexpr std::size_t kStoryEventsMax = 1000;
  [[nodiscard]] Result<RunStory> show(RunId run, std::optional<Sequence> as_of) const;
  // The same as of a time: the last event recorded at or before it.
  [[nodiscard]] Result<RunStory> show_at(RunId run, Time as_of) const;

  // The events of one run behind its event `after`, a page of limited size. The same codes.
  [[nodiscard]] Result<RunEventPage> run_events(RunId run, const std::optional<AsOf>& as_of, RunVersion after) const;

  // Includes everything that was acknowledged before the call, unless the rows have stopped following. Codes
  // "access.denied", "cursor.invalid", "rows.behind", "rows.stopped".
  [[nodiscard]] Result<RunPage> list(RunFilter filter, std::size_t limit, const std::string& cursor) const;

  [[nodiscard]] Result<LedgerTotals> totals(RunFilter filter) const;
  [[nodiscard]] Sequence head() const;  // The last event of this caller's counting.

  // Does not wait. Code "access.denied".
  [[nodiscard]] Result<EventPage> events(const EventQuery& query) const;  // kAudit
  [[nodiscard]] Result<EventPage> events(Sequence after, std::size_t count_max) const {
    return events({.after = after, .filter = {}, .count_max = count_max});
  }

  // Under which rules lines of that source are read. Codes "access.denied", "namespace.invalid", "catalog.too_large",
  // and those of Catalog::parse.
  [[nodiscard]] Result<std::shared_ptr<const Catalog>> journal_rules(const JournalSource& source) const;
  // The commands that the lines stand for. Code "access.denied".
  [[nodiscard]] Result<std::vector<JournalLine>> read_journal(const JournalPart& part,
                                                              std::shared_ptr<const Catalog> rules) const;
  // Carries out what read_journal() gave, or completes with why the line is refused.
  void take(JournalLine line, Completion complete) const;

  // How a request would be answered now. The same codes as submit().
  [[nodiscard]] Result<Explanation> explain(RunRequest request) const;  // kRequest

  [[nodiscard]] const Catalog& catalog() const { return ledger_->catalog(); }

 private:
  struct BindToScope;

  Ledger* ledger_;
  const FollowedRows* rows_;
  Claims* claims_;
  Grant grant_;
  ScopePositions positions_;

  static constexpr std::size_t kStoryPagesMax = 4;  // Of kBytesPerEventPage.

  [[nodiscard]] std::optional<Rejection> deny_without(Right right) const;
  [[nodiscard]] std::optional<Rejection> refuse_foreign(RunId run) const;
  [[nodiscard]] Scope own_scope() const;
  [[nodiscard]] CommandId own_id(CommandId id) const;
  [[nodiscard]] CommandOptions own_options(const CommandOptions& options) const;
  [[nodiscard]] Result<RunStory> story(RunId run, const std::optional<AsOf>& as_of) const;
  [[nodiscard]] Result<RunStory> long_story(RunId run) const;
  void add_attempts(RunStory& story, RunId run, RunVersion after) const;
  [[nodiscard]] std::optional<Rejection> admit(Ask& ask) const;
  [[nodiscard]] std::optional<Rejection> narrow(RunFilter& filter) const;
  [[nodiscard]] std::optional<Rejection> wait_for_rows() const;
};

}  // namespace runledger
