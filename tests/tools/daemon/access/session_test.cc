// The rights and the scope of a caller, and that it learns nothing about other scopes.
//
// The tests make three sessions on one daemon: the owner of the whole ledger, and the tenants north and south of one
// workspace. They call sessions directly, without a connection; RPC and HTTP have their own tests of isolation. The
// important property is that a tenant gets exactly the same answers whether or not other tenants exist, so several
// tests compare complete answers in both situations.
#include "tools/daemon/access/session.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <thread>

#include "jobs/builtin_catalog.h"
#include "ledger/base/failure.h"
#include "ledger/exchange/reply_json.h"
#include "projections/rows/json.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/journal_text.h"
#include "tests/fixtures/world/answers.h"
#include "tests/fixtures/world/corrupted_store.h"
#include "tests/tools/daemon/test_daemon.h"

namespace runledger {
namespace {

Rights all_rights() {
  return {Right::kRequest, Right::kWork, Right::kAudit};
}

class Sessions : public testing::Test {
 public:
  TestDaemon daemon{with_catalog(builtin_catalog())};
  Session owner = session({.workspace = {}, .tenant = {}, .rights = all_rights()});
  Session north = of_tenant("north");
  Session south = of_tenant("south");

  Session session(const Grant& grant) { return {daemon.ledger(), daemon.rows(), daemon.claims(), grant, {}, {}}; }
  Session of_tenant(std::string_view tenant) {
    return session({.workspace = examples::workspace(), .tenant = examples::tenant(tenant), .rights = all_rights()});
  }

  static Answer submit(const Session& by, const Ask& ask, const CommandOptions& options = {}) {
    std::promise<Answer> promise;
    by.submit(ask, options, [&promise](Answer given) { promise.set_value(std::move(given)); });
    return promise.get_future().get();
  }
  static std::string code(const Answer& answer) {
    const auto* rejection = std::get_if<Rejection>(&answer);
    return rejection == nullptr ? "" : rejection->code;
  }

  static RunRequest run_request(std::string_view input = "{}") {
    RunRequest wanted;
    wanted.type = examples::type();
    wanted.input = examples::input(input);
    return wanted;
  }
  static std::string policies(int number) { return "{\"policy_ids\":[\"p" + std::to_string(number) + "\"]}"; }
  static Answer request(const Session& by, const RunRequest& wanted, const CommandOptions& options = {}) {
    return submit(by, wanted, options);
  }
  static Answer start(const Session& by, RunId run) {
    return submit(by, StartAttempt{.run = run, .worker = sanitize("w1")});
  }
  static Answer finish(const Session& by, RunId run, AttemptRef attempt) {
    FinishAttempt finish;
    finish.run = run;
    finish.attempt = attempt;
    return submit(by, finish);
  }
  static Reply reply(const Answer& answer) { return std::get<Reply>(answer); }
};

TEST_F(Sessions, OfATenantNeedNotNameIt) {
  const RunId run = reply(request(north, run_request())).run;
  const Result<RunStory> story = north.show(run, {});
  ASSERT_TRUE(story);
  EXPECT_EQ(story->row.scope, (Scope{examples::workspace(), examples::tenant("north")}));
}

TEST_F(Sessions, OfATenantCannotOrderForAnother) {
  RunRequest foreign = run_request();
  foreign.tenant = examples::tenant("south");
  EXPECT_EQ(code(request(north, foreign)), "scope.not_found");
  foreign.tenant = examples::tenant("nobody-has-heard-of-it");
  EXPECT_EQ(code(request(north, foreign)), "scope.not_found");
  foreign = run_request();
  foreign.workspace = examples::workspace("other");
  EXPECT_EQ(code(request(north, foreign)), "scope.not_found");
}

TEST_F(Sessions, StartByIdentityInTheirOwnScopeAndCount) {
  (void)request(south, run_request());
  // These are positions of a neighbour, which north must not see.
  (void)start(south, reply(request(south, run_request())).run);
  const auto by = [](const Session& session, RunRequest wanted, const CommandOptions& options = {}) {
    return submit(session, IdentityStart{.request = std::move(wanted), .worker = sanitize("w1")}, options);
  };
  const CommandOptions options{.id = CommandId{examples::run_id(3).value}};
  const Reply started = reply(by(north, run_request(), options));
  EXPECT_EQ(started.verdict, Verdict::kStarted);
  EXPECT_EQ(started.token, ScopeSequence{2});
  EXPECT_EQ(north.show(started.run, {})->row.scope.tenant, examples::tenant("north"));
  EXPECT_TRUE(reply(by(north, run_request(), options)).repeated);
  EXPECT_EQ(reply(by(north, run_request())).rule, DedupeRule::kAttemptActive);
  EXPECT_EQ(code(finish(north, started.run, {started.attempt, started.token})), "");
  RunRequest foreign = run_request();
  foreign.tenant = examples::tenant("south");
  EXPECT_EQ(code(by(north, foreign)), "scope.not_found");
  for (const Right right : {Right::kRequest, Right::kWork}) {
    const Session one =
        session({.workspace = examples::workspace(), .tenant = examples::tenant("north"), .rights = {right}});
    EXPECT_EQ(code(by(one, run_request())), "access.denied") << "it takes both rights";
  }
}

TEST_F(Sessions, ReadJournalsWithTheRightsToRequestWorkAndOperate) {
  const JournalPart part{.source = {}, .lines = {{.number = 1, .text = journal::requested("r1")}}};
  const auto code_for = [&](const Grant& grant) {
    const auto lines = session(grant).read_journal(part, std::make_shared<Catalog>());
    const auto rules = session(grant).journal_rules(part.source);
    EXPECT_EQ(static_cast<bool>(rules), static_cast<bool>(lines));
    return lines ? "" : lines.rejection().code;
  };
  const Rights rights = {Right::kRequest, Right::kWork, Right::kOperate};
  EXPECT_EQ(code_for({.workspace = {}, .tenant = {}, .rights = rights}), "");
  EXPECT_EQ(code_for({.workspace = examples::workspace(), .tenant = {}, .rights = rights}), "access.denied");
  for (const Rights& fewer : {all_rights(), Rights{Right::kRequest, Right::kOperate}, {Right::kWork, Right::kOperate}})
    EXPECT_EQ(code_for({.workspace = {}, .tenant = {}, .rights = fewer}), "access.denied");
}

TEST_F(Sessions, ReadJournalsByTheirOwnRulesOrTheLedgers) {
  const Session operate =
      session({.workspace = {}, .tenant = {}, .rights = {Right::kRequest, Right::kWork, Right::kOperate}});
  JournalPart part{.source = {}, .lines = {{.number = 1, .text = journal::requested("r1")}}};
  const auto policy = [&] {
    const auto lines = operate.read_journal(part, *operate.journal_rules(part.source));
    return std::get<RequestRun>(lines->front().submission->command).policy;
  };
  const auto refused = [&] { return operate.journal_rules(part.source).rejection().code; };
  EXPECT_EQ(policy().cooldown.length, Duration::zero()) << "a type that is not in the catalog";
  part.source.catalog = R"({"types":[{"type":"demo.sync","max_attempts":7}]})";
  EXPECT_EQ(policy().max_attempts, 7U);
  part.source.catalog = "";
  EXPECT_EQ(refused(), "json.malformed");
  part.source.catalog = std::string(kJournalCatalogBytesMax + 1, ' ');
  EXPECT_EQ(refused(), "catalog.too_large");
  part.source = {.name = "", .catalog = {}};
  EXPECT_EQ(refused(), "namespace.invalid");
}

TEST_F(Sessions, OfTheWholeLedgerHaveToNameAWorkspace) {
  EXPECT_EQ(code(request(owner, run_request())), "workspace.required");
}

// Every command and read that takes a run is called with the id of another tenant's run, and with an unknown id.
TEST_F(Sessions, AnswerAForeignRunExactlyAsNone) {
  const RunId foreign = reply(request(south, run_request())).run;
  const ScopeSequence token = reply(start(south, foreign)).token;
  const RunId none = examples::run_id(1);
  const auto in_words = [&](const Rejection& rejection, RunId of) {
    std::string text = rejection.code + "|" + rejection.detail.str();
    const std::size_t at = text.find(format_uuid(of.value));
    return at == std::string::npos ? text : text.replace(at, 36, "RUN");
  };
  const auto answers_to = [&](RunId run) {
    std::vector<std::string> texts;
    const AttemptRef attempt{AttemptNumber{1}, token};
    for (const Answer& given :
         {start(north, run), finish(north, run, attempt), submit(north, Heartbeat{.run = run, .attempt = attempt}),
          submit(north, CancelRun{.run = run, .message = {}}), submit(north, ExpireLease{run}),
          submit(north, FailRun{.run = run, .reason_code = examples::reason(), .message = {}})}) {
      texts.push_back(in_words(std::get<Rejection>(given), run));
    }
    texts.push_back(in_words(north.show(run, {}).rejection(), run));
    texts.push_back(in_words(north.show(run, Sequence{1}).rejection(), run));
    texts.push_back(in_words(north.show_at(run, examples::at(0)).rejection(), run));
    return texts;
  };
  EXPECT_EQ(answers_to(foreign), answers_to(none));
  EXPECT_EQ(south.show(foreign, {})->row.status, RunStatus::kRunning) << "the foreign run is unchanged";
}

TEST_F(Sessions, ListAndTotalOnlyWhatIsTheirs) {
  for (int i = 0; i < 3; ++i) (void)request(south, run_request(policies(i)));
  (void)request(north, run_request());
  EXPECT_EQ(north.list({}, 10, "")->rows.size(), 1U);
  EXPECT_EQ(north.totals({})->statistics.runs, 1U);
  EXPECT_EQ(owner.list({}, 10, "")->rows.size(), 4U);
  RunFilter foreign;
  foreign.tenant = examples::tenant("south");
  EXPECT_EQ(north.list(foreign, 10, "").rejection().code, "scope.not_found");
}

TEST_F(Sessions, CountInTotalsExactlyTheEventsUpToTheirHead) {
  std::atomic<bool> ended = false;
  std::thread busy([&] {
    for (int i = 0; i < 200; ++i) {
      (void)request(south, run_request(policies(i)));
      (void)request(north, run_request(policies(i)));
    }
    ended = true;
  });
  const auto events_of = [](const LedgerTotals& totals) {
    std::uint64_t events = 0;
    for (const auto& [kind, total] : totals.statistics.events_by_kind) events += total;
    return events;
  };
  while (!ended) {
    for (const Session* session : {&north, &owner}) {
      const Result<LedgerTotals> totals = session->totals({});
      EXPECT_EQ(totals ? events_of(*totals) : 0, totals ? totals->head.value : 1);
    }
  }
  busy.join();
  EXPECT_EQ(north.totals({})->head, Sequence{200});
}

TEST_F(Sessions, TellTheSizeAndRootOfTheLogOnlyToCallersOfTheWholeLedger) {
  (void)request(north, run_request(policies(1)));
  EXPECT_EQ(north.totals({})->log, std::nullopt);
  const Session acme = session({.workspace = examples::workspace(), .tenant = {}, .rights = all_rights()});
  EXPECT_EQ(acme.totals({})->log, std::nullopt);
  const Head head = daemon.ledger().log().head();
  EXPECT_EQ(owner.totals({})->log, (LogStanding{.tree = {1, head.tree.root()}, .signed_size = std::nullopt}));
}

TEST_F(Sessions, DoNotTakeTheCursorOfAnother) {
  for (int i = 0; i < 3; ++i) (void)request(south, run_request(policies(i)));
  const std::optional<std::string> cursor = south.list({}, 1, "")->next_cursor;
  ASSERT_TRUE(cursor);
  EXPECT_EQ(north.list({}, 1, *cursor).rejection().code, "cursor.invalid");
}

// Returns the reply as JSON, without the position that only the ledger can read: it depends on the ledger's key.
std::string told(Reply reply) {
  EXPECT_EQ(reply.position.value_or("").size(), 48U);
  reply.position.reset();
  return reply_to_json(reply);
}

// Returns what `own` sees of a story that it makes. `neighbour` is called between its steps.
std::vector<std::string> seen_of_a_story(const Session& own, const std::function<void(int)>& neighbour) {
  using In = Sessions;
  std::vector<std::string> seen;
  neighbour(1);
  RunRequest wanted = In::run_request();
  wanted.tenant = examples::tenant("north");
  wanted.run = examples::run_id(7);
  seen.push_back(told(In::reply(In::request(own, wanted))));
  neighbour(2);
  const Reply started = In::reply(In::start(own, examples::run_id(7)));
  seen.push_back(told(started));
  neighbour(3);
  const AttemptRef attempt{started.attempt, started.token};
  seen.push_back(told(In::reply(In::finish(own, examples::run_id(7), attempt))));
  const Result<RunStory> story = own.show(examples::run_id(7), {});
  nlohmann::ordered_json row = nlohmann::ordered_json::parse(row_to_json(story->row));
  row.erase("run_identity_hash");  // It depends on the key of the ledger.
  seen.push_back(row.dump());
  for (const AttemptRow& row_of_attempt : story->attempts) seen.push_back(attempt_to_json(row_of_attempt));
  const Result<EventPage> page = own.events(Sequence{0}, 10);
  for (const VisibleEvent& event : page->events) seen.push_back(std::to_string(event.envelope.sequence.value));
  const RunPage list = *own.list({}, 9, "");
  for (const OperationRun::Row& listed : list.rows) seen.push_back(std::to_string(listed.last_sequence.value));
  wanted.run.reset();
  seen.push_back(std::to_string(own.explain(wanted)->holder.decided_by.value));
  seen.push_back(std::to_string(own.totals({})->head.value));
  return seen;
}

// The same story takes place in an empty ledger and among busy neighbours: the caller must see no difference.
TEST_F(Sessions, OfATenantSeeTheSameWhetherOrNotOthersAreThere) {
  const auto busy = [this](int n) { (void)request(south, run_request(policies(n))); };
  class Other : public Sessions {
    void TestBody() override {}
  };
  Other alone;
  EXPECT_EQ(seen_of_a_story(north, busy), seen_of_a_story(alone.north, [](int) {}));
}

TEST_F(Sessions, OfAWorkspaceSeeTheSameWhetherOrNotOthersAreThere) {
  const auto of_workspace = [](Sessions& in, std::string_view workspace) {
    return in.session({.workspace = examples::workspace(workspace), .tenant = {}, .rights = all_rights()});
  };
  const Session other_workspace = of_workspace(*this, "other");
  const auto busy = [&](int n) {
    RunRequest theirs = run_request(policies(n));
    theirs.tenant = examples::tenant("north");
    EXPECT_TRUE(std::holds_alternative<Reply>(request(other_workspace, theirs)));
  };
  class Other : public Sessions {
    void TestBody() override {}
  };
  Other alone;
  EXPECT_EQ(seen_of_a_story(of_workspace(*this, "acme"), busy),
            seen_of_a_story(of_workspace(alone, "acme"), [](int) {}));
}

TEST_F(Sessions, OfATenantGoBackInTimeByItsOwnCount) {
  (void)request(south, run_request());
  const RunId run = reply(request(north, run_request())).run;
  (void)start(north, run);
  EXPECT_EQ(north.show(run, Sequence{1})->row.status, RunStatus::kQueued);
  EXPECT_EQ(north.show(run, Sequence{2})->row.status, RunStatus::kRunning);
  EXPECT_EQ(north.show(run, Sequence{99})->row.status, RunStatus::kRunning);
  EXPECT_FALSE(north.show(run, Sequence{0}));
}

// A caller that requests a run again and again must not make reading it expensive for others. Events of all kinds are
// spread over the run, so that they lie in its first events, in its last ones and in between.
TEST_F(Sessions, ShowALongRunAtEveryVersionExactly) {
  (void)request(south, run_request());
  const RunId run = reply(request(north, run_request())).run;
  const auto request_again = [&](int times) {
    for (int n = 0; n < times; ++n) (void)request(north, run_request());
  };
  // Each by another starter, so that each is recorded.
  const auto skip = [&](int times) {
    for (int n = 0; n < times; ++n) {
      CommandOptions options;
      options.starter = fmt::format("process-{}", n);
      EXPECT_EQ(reply(submit(north, StartAttempt{.run = run, .worker = {}}, options)).verdict, Verdict::kSkipped);
    }
  };
  request_again(90);
  const Reply first = reply(start(north, run));
  request_again(80);
  skip(70);
  FinishAttempt failed;
  failed.run = run;
  failed.attempt = AttemptRef{first.attempt, first.token};
  failed.outcome = AttemptOutcome::kFailed;
  (void)submit(north, failed);
  request_again(100);
  (void)start(north, run);
  request_again(60);
  daemon.clock.advance(std::chrono::hours(1));
  const Reply third = reply(start(north, run));  // The second attempt is lost.
  request_again(100);
  skip(50);
  (void)finish(north, run, {third.attempt, third.token});
  request_again(30);
  skip(30);

  const std::uint32_t newest = daemon.ledger().states().load_run(run).version.value;
  ASSERT_GT(newest, Session::kStoryEventsMax + 100);
  RunStory naive;
  std::vector<Envelope> events;
  while (events.size() < newest) {
    const RunEventPage page = *north.run_events(run, {}, RunVersion{static_cast<std::uint32_t>(events.size())});
    for (const VisibleEvent& event : page.events) events.push_back(event.envelope);
  }
  for (const Envelope& event : events) {
    const std::uint32_t version = event.run_version.value;
    OperationRun::evolve(naive.row, event);
    evolve(naive.attempts, event);
    const bool is_special = version % 200 <= 1 || !std::holds_alternative<Deduped>(event.event) || version == newest;
    if (version % 17 != 0 && !is_special) continue;
    const Result<RunStory> story = north.show(run, event.sequence);
    ASSERT_TRUE(story);
    EXPECT_EQ(row_to_json(story->row), row_to_json(naive.row)) << version;
    EXPECT_EQ(story->attempts, naive.attempts) << version;
    const bool is_long = version > Session::kStoryEventsMax;
    EXPECT_EQ(story->is_cut, is_long);
    EXPECT_EQ(story->events.size(), is_long ? Session::kStoryEndMax : version);
    EXPECT_EQ(story->last_events.size(), is_long ? Session::kStoryEndMax : 0U);
    EXPECT_EQ((is_long ? story->last_events : story->events).back().envelope, event);
  }
  EXPECT_EQ(row_to_json(north.show(run, {})->row), row_to_json(naive.row));
}

TEST_F(Sessions, RefuseAPositionAfterTheEndInTheNumberingOfTheirCaller) {
  (void)request(north, run_request());
  for (int i = 0; i < 5; ++i) (void)request(south, run_request());
  const auto refusal = [](const Session& by, std::uint64_t after) {
    const Result<EventPage> page = by.events(Sequence{after}, 10);
    return page ? fmt::format("{} events", page->events.size()) : std::string(page.rejection().detail.str());
  };
  const std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
  for (const auto& [session, end] : {std::pair{north, 1U}, {south, 5U}, {owner, 6U}}) {
    EXPECT_EQ(refusal(session, end - 1), "1 events");
    EXPECT_EQ(refusal(session, end), "0 events") << "the reader may wait there";
    for (const std::uint64_t after : {std::uint64_t{end} + 1, last}) {
      EXPECT_EQ(session.events(Sequence{after}, 10).rejection().code, "position.ahead");
      EXPECT_EQ(refusal(session, after),
                fmt::format("expected a position up to the end of the log, which is {}, found {}", end, after));
    }
  }
  const Session nobody = of_tenant("nobody-has-heard-of-it");
  EXPECT_EQ(refusal(nobody, 0), "0 events");
  EXPECT_EQ(nobody.events(Sequence{1}, 10).rejection().code, "position.ahead");
}

TEST_F(Sessions, RefuseAVersionThatARunHasNotReached) {
  const RunId run = reply(request(north, run_request())).run;
  EXPECT_TRUE(north.run_events(run, {}, RunVersion{1})->events.empty());
  EXPECT_EQ(north.run_events(run, {}, RunVersion{2}).rejection().code, "position.ahead");
  EXPECT_EQ(south.run_events(run, {}, RunVersion{2}).rejection().code, "run.not_found");
}

TEST_F(Sessions, WithATokenOfAnotherAttemptAreRefused) {
  const RunId run = reply(request(north, run_request())).run;
  const Reply started = reply(start(north, run));
  EXPECT_EQ(code(finish(north, run, {started.attempt, ScopeSequence{started.token.value + 1}})), "attempt.wrong_token");
  EXPECT_EQ(code(finish(north, run, {started.attempt, ScopeSequence{1}})), "attempt.wrong_token");
  EXPECT_EQ(code(finish(north, run, {started.attempt, started.token})), "");
}

TEST_F(Sessions, HaveCommandIdsOfTheirOwn) {
  const CommandOptions options{.id = CommandId{examples::run_id(3).value}};
  const Reply first = reply(request(north, run_request(), options));
  EXPECT_TRUE(reply(request(north, run_request(), options)).repeated);
  const Reply other = reply(request(south, run_request("{\"other\":1}"), options));
  EXPECT_FALSE(other.repeated);
  EXPECT_NE(other.run, first.run);
}

TEST_F(Sessions, WithoutARightAreDeniedWhateverTheyAskFor) {
  const RunId run = reply(request(north, run_request())).run;
  const Session nothing = session({.workspace = examples::workspace(), .tenant = {}, .rights = {}});
  for (const RunId asked : {run, examples::run_id(1)}) {
    EXPECT_EQ(code(start(nothing, asked)), "access.denied");
    EXPECT_EQ(code(finish(nothing, asked, {AttemptNumber{1}, ScopeSequence{1}})), "access.denied");
    EXPECT_EQ(code(submit(nothing, CancelRun{.run = asked, .message = {}})), "access.denied");
  }
  EXPECT_EQ(code(request(nothing, run_request())), "access.denied");
  EXPECT_EQ(nothing.events(Sequence{0}, 10).rejection().code, "access.denied");
}

// A caller with all rights but one is refused exactly those asks that need the missing right.
TEST_F(Sessions, NeedForEachKindOfAskTheRightsThatItsContractNames) {
  const RunId run = examples::run_id(1);
  const AttemptRef attempt{AttemptNumber{1}, ScopeSequence{1}};
  const std::pair<Ask, Rights> needs[] = {
      {run_request(), {Right::kRequest}},
      {CancelRun{.run = run, .message = {}}, {Right::kRequest}},
      {IdentityStart{.request = run_request(), .worker = {}}, {Right::kRequest, Right::kWork}},
      {StartAttempt{.run = run, .worker = {}}, {Right::kWork}},
      {Heartbeat{.run = run, .attempt = attempt}, {Right::kWork}},
      {FinishAttempt{.run = run, .attempt = attempt}, {Right::kWork}},
      {FailRun{.run = run, .reason_code = examples::reason("run.cancelled"), .message = {}}, {Right::kWork}},
      {ExpireLease{run}, {Right::kWork}},
      {SpooledRun{.request = run_request(), .worker = {}, .requested_at = {}, .attempts = {}},
       {Right::kRequest, Right::kWork}},
  };
  ASSERT_EQ(std::size(needs), std::variant_size_v<Ask>);
  for (const auto& [ask, needed] : needs) {
    for (const auto& [missing, missing_word] : kEnumWords<Right>) {
      Rights rights;
      for (const auto& [right, right_word] : kEnumWords<Right>) {
        if (right != missing) rights.insert(right);
      }
      const Session by = session({.workspace = examples::workspace(), .tenant = examples::tenant(), .rights = rights});
      EXPECT_EQ(code(submit(by, ask)) == "access.denied", needed.contains(missing))
          << "ask " << ask.index() << " without the right to " << to_string(missing);
    }
  }
}

TEST_F(Sessions, OfAWorkspaceReadItsEventsAndPassOverOthers) {
  const Session acme = session({.workspace = examples::workspace(), .tenant = {}, .rights = all_rights()});
  const Session other = session({.workspace = examples::workspace("other"), .tenant = {}, .rights = all_rights()});
  RunRequest theirs = run_request();
  theirs.tenant = examples::tenant("east");
  (void)request(other, theirs);
  (void)request(north, run_request());
  const Result<EventPage> page = acme.events(Sequence{0}, 10);
  ASSERT_EQ(page->events.size(), 1U);
  EXPECT_EQ(page->events.front().envelope.scope.workspace, examples::workspace());
  EXPECT_EQ(page->next, Sequence{1});
  EXPECT_TRUE(acme.events(Sequence{1}, 10)->events.empty());
  EXPECT_EQ(acme.events(Sequence{2}, 10).rejection().code, "position.ahead");
}

TEST_F(Sessions, AreToldOfRowsThatHaveStoppedThatWaitingDoesNotHelp) {
  request(north, run_request());
  EXPECT_TRUE(north.list({}, 10, ""));
  daemon.rows().watch([](const std::vector<RowChange>&) { throw std::logic_error("a watch that counts wrong"); });
  request(north, run_request(policies(2)));
  EXPECT_EQ(north.list({}, 10, "").rejection().code, "rows.stopped");
  EXPECT_EQ(owner.totals({}).rejection().code, "rows.stopped");
}

TEST_F(Sessions, WhoseTokenHasEndedHandOutNothing) {
  bool is_in_force = true;
  const Session by(daemon.ledger(), daemon.rows(), daemon.claims(), north.grant(), {}, [&] { return is_in_force; });
  const RunId run = reply(request(by, run_request())).run;
  const auto code_of = [](const auto& read) { return read ? "" : read.rejection().code; };
  const auto expect_code = [&](std::string_view expected) {
    EXPECT_EQ(code_of(by.show(run, {})), expected);
    EXPECT_EQ(code_of(by.run_events(run, {}, RunVersion{})), expected);
    EXPECT_EQ(code_of(by.list({}, 10, "")), expected);
    EXPECT_EQ(code_of(by.totals({})), expected);
    EXPECT_EQ(code_of(by.events(Sequence{}, 10)), expected);
    EXPECT_EQ(code_of(by.events(Sequence{1}, 10)), expected);
    EXPECT_EQ(code_of(by.explain(run_request())), expected);
  };
  expect_code("");
  is_in_force = false;
  expect_code("access.unauthenticated");
}

TEST_F(Sessions, ARunThatWasStartedForATokenThatEndedMeanwhileIsNotHandedOut) {
  const Grant grant{.workspace = {}, .tenant = {}, .rights = all_rights()};
  std::atomic<int> looks = 0;
  const Session by(daemon.ledger(), daemon.rows(), daemon.claims(), grant, {}, [&] { return ++looks == 1; });
  ASSERT_TRUE(daemon.rows().wait_for(reply(request(north, run_request())).sequence, std::chrono::seconds(30)));
  std::promise<ClaimAnswer> answer;
  const Claims::Waiting waiting = by.claim({.types = {examples::type()}, .worker = {}, .wait = {}}, {},
                                           [&](ClaimAnswer given) { answer.set_value(std::move(given)); });
  const ClaimAnswer given = answer.get_future().get();
  ASSERT_TRUE(std::holds_alternative<Rejection>(given));
  EXPECT_EQ(std::get<Rejection>(given).code, "access.unauthenticated");
}

// The claim is repeated after its event was damaged, so its position in the tenant's scope cannot be determined.
TEST_F(Sessions, OfATenantAreToldWhereAClaimedRunCannotBePlaced) {
  request(north, run_request());
  const CommandOptions options{.id = CommandId{examples::run_id(9).value}};
  const auto claim = [&] {
    std::promise<ClaimAnswer> promise;
    const Claims::Waiting waiting =
        north.claim({.types = {examples::type()}, .worker = {}, .wait = std::chrono::seconds(60)}, options,
                    [&promise](ClaimAnswer given) { promise.set_value(std::move(given)); });
    return promise.get_future().get();
  };
  EXPECT_TRUE(std::holds_alternative<ClaimedRun>(claim()));
  spoil_event(daemon.ledger().log().store(), Sequence{2});
  EXPECT_TRUE(std::holds_alternative<UnknownOutcome>(claim()));
}

// The row exists, but the event that holds its position in the tenant's scope is missing.
TEST_F(Sessions, OfATenantFindDamageWhereAnEventIsMissing) {
  request(north, run_request());
  ASSERT_TRUE(north.list({}, 10, ""));
  remove_event(daemon.ledger().log().store(), Sequence{1});
  EXPECT_EQ(failure_of([&] { return north.list({}, 10, ""); }).code, "storage.damaged");
}

TEST_F(Sessions, ShowCallersOfTheirOwnScopeAndHideAllOthers) {
  const auto by = [&](const Session& of, const Caller& caller) {
    return Session(daemon.ledger(), daemon.rows(), daemon.claims(), of.grant(), caller, {});
  };
  const Caller own{.kind = CallerKind::kTenantToken, .token = TokenId{examples::run_id(5).value}};
  const Session north_token = by(north, own);
  const RunId run = reply(request(north_token, run_request())).run;
  RunRequest of_north = run_request(policies(1));
  of_north.workspace = examples::workspace();
  of_north.tenant = examples::tenant("north");
  const RunId by_owner = reply(request(by(owner, user_caller(1000)), of_north)).run;
  EXPECT_EQ(north.show(run, {})->row.caller, own);
  EXPECT_EQ(owner.show(by_owner, {})->row.caller, user_caller(1000));
  const RunStory seen = *north.show(by_owner, {});
  EXPECT_EQ(format_caller(seen.row.caller), "operator");
  EXPECT_EQ(format_caller(seen.events.front().envelope.caller), "operator");
  EXPECT_EQ(seen.events.front().id, owner.show(by_owner, {})->events.front().id) << "the id stays that of the event";
  const EventPage events = *north.events(Sequence{}, 10);
  for (const VisibleEvent& event : events.events)
    EXPECT_EQ(format_caller(event.envelope.caller), event.envelope.run == run ? format_caller(own) : "operator");
  const RunPage page = *north.list({}, 10, "");
  for (const OperationRun::Row& row : page.rows)
    EXPECT_EQ(format_caller(row.caller), row.id == run ? format_caller(own) : "operator");
}

TEST_F(Sessions, RefuseTypesThatTheCatalogDoesNotListIfTheyAreStrict) {
  RunRequest unknown = run_request(policies(1));
  unknown.type = examples::type("demo.misspelt");
  EXPECT_EQ(reply(request(north, unknown)).warnings, std::vector<Warning>()) << "only the built-in types are known";
  const Session strict(daemon.ledger(), daemon.rows(), daemon.claims(), north.grant(), {}, {}, UnknownTypes::kRefuse);
  EXPECT_EQ(code(request(strict, unknown)), "type.unknown");
  EXPECT_EQ(code(submit(strict, IdentityStart{.request = unknown, .worker = {}})), "type.unknown");
  EXPECT_EQ(strict.explain(unknown).rejection().code, "type.unknown");
  EXPECT_EQ(reply(request(strict, run_request(policies(1)))).warnings, std::vector<Warning>());
}

TEST_F(Sessions, CannotNameAParentThatTheyCannotSee) {
  RunRequest of_the_workspace = run_request();
  of_the_workspace.type = examples::type("demo.sync");
  of_the_workspace.workspace = examples::workspace();
  const RunId parent = reply(request(owner, of_the_workspace)).run;
  RunRequest child = run_request();
  child.parent = parent;
  EXPECT_EQ(code(request(north, child)), "parent.not_found");
  child.workspace = examples::workspace();
  child.tenant = examples::tenant("north");
  EXPECT_EQ(code(request(owner, child)), "");
}

}  // namespace
}  // namespace runledger
