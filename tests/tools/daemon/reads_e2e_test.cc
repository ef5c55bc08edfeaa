// The commands that read print the same, whether they reach the ledger through its daemon or directly.
//
// A Teller makes the story of one tenant, step by step, over a daemon: a run that is retried, one that fails, a
// cancelled one and one that stays queued. Several tellers take turns, so that the events of the tenants are
// interleaved.
//
// Each test runs the same reading commands in two ways and compares everything that a user sees: exit status, standard
// output and standard error. The two ways are through the daemon and directly on the directory, or in a ledger with
// neighbours and in one without. What must differ, such as times and keys, is replaced by a word first;
// seen_at_any_time() and without_circumstances() do that.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/data/large_events.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/places.h"

namespace runledger {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kNobodys[] = "00000000-0000-4000-8000-000000000000";

// The test chooses the ids of a tenant's runs, so that two ledgers can have the same story.
enum Member : int { kRetried = 1, kBroken, kCancelled, kQueued };

RunId run_of(int teller, Member member) {
  return examples::run_id(10 * teller + member);
}

std::string id_of(int teller, Member member) {
  return format_uuid(run_of(teller, member).value);
}

// Makes the story of one tenant, step by step.
class Teller {
 public:
  Teller(LedgerClient& client, int number, std::string_view workspace, std::string_view tenant)
      : client_(client), number_(number), workspace_(workspace), tenant_(tenant) {}

  // Returns false when the story is over.
  bool step() {
    switch (steps_++) {
      case 0:
        request(kRetried, true);
        return true;
      case 1:
        request(kRetried, false);
        return true;
      case 2:
        finish(kRetried, {.outcome = AttemptOutcome::kFailed, .failures = {examples::failure()}});
        return true;
      case 3:
        finish(kRetried, {.outcome = AttemptOutcome::kPartiallySucceeded,
                          .summary_counts = examples::counts({{"total", 3}, {"failed", 1}})});
        return true;
      case 4:
        request(kBroken, true);
        finish(kBroken, {.outcome = AttemptOutcome::kFailed,
                         .failures = {examples::failure("graph.not_found", "gone, »für immer«")},
                         .retryable = false});
        return true;
      case 5:
        request(kCancelled, true);
        (void)client_.submit(CancelRun{.run = run_of(number_, kCancelled), .message = sanitize("not wanted")}, {});
        return true;
      case 6:
        request(kQueued, true);
        return true;
      default:
        return false;
    }
  }

 private:
  struct End {
    AttemptOutcome outcome = AttemptOutcome::kSucceeded;
    Counts summary_counts = {};
    std::vector<FailureNote> failures = {};
    bool retryable = true;
  };

  void request(Member member, bool named) {
    RunRequest request;
    request.workspace = examples::workspace(workspace_);
    request.tenant = examples::tenant(tenant_);
    request.type = examples::type(member == kQueued ? "ops.other" : "demo.sync");
    request.input = examples::input(fmt::format("{{\"n\":{}}}", static_cast<int>(member)));
    if (named) request.run = run_of(number_, member);
    request.initiator = sanitize("ann");
    EXPECT_TRUE(std::holds_alternative<Reply>(client_.submit(request, {})));
  }
  void finish(Member member, const End& end) {
    const RunId run = run_of(number_, member);
    const Reply started = std::get<Reply>(client_.submit(StartAttempt{.run = run, .worker = sanitize("w1")}, {}));
    EXPECT_TRUE(std::holds_alternative<Reply>(
        client_.submit(FinishAttempt{.run = run,
                                     .attempt = AttemptRef{started.attempt, started.token},
                                     .outcome = end.outcome,
                                     .summary_counts = end.summary_counts,
                                     .failures = end.failures,
                                     .retryable = end.retryable},
                       {})));
  }

  LedgerClient& client_;
  int number_;
  std::string workspace_;
  std::string tenant_;
  int steps_ = 0;
};

// A ledger with a daemon, and a caller elsewhere that only knows the socket and a token.
class ServedLedger {
 public:
  explicit ServedLedger(const char* catalog = R"({"types":[]})") : catalog_(ledger_.file("catalog.json", catalog)) {
    serve();
  }

  [[nodiscard]] const CliLedger& ledger() const { return ledger_; }
  [[nodiscard]] Program& daemon() { return *daemon_; }
  [[nodiscard]] std::filesystem::path socket() const { return ledger_.data() / "socket"; }
  void serve() {
    daemon_ = std::make_unique<Program>(ledger_.command({"serve", "--format", "json", "--catalog", catalog_}));
    ASSERT_TRUE(daemon_->wait_for_output("\"listening\""));
  }
  void end(int signal = SIGTERM) {
    daemon_->signal(signal);
    const ProgramResult ended = daemon_->wait();
    EXPECT_EQ(ended.status, signal == SIGTERM ? 0 : 128 + signal) << ended.err;
  }

  // Makes one story for each scope; the tenants take turns.
  void tell(const std::vector<std::pair<std::string, std::string>>& scopes) const {
    const auto client = connect_client({.socket = socket(), .token = {}});
    std::vector<Teller> tellers;
    for (const auto& [workspace, tenant] : scopes)
      tellers.emplace_back(*client, static_cast<int>(tellers.size() + 1), workspace, tenant);
    for (bool more = true; more;) {
      for (Teller& teller : tellers) more = teller.step();
    }
  }

  [[nodiscard]] std::string token_file(const std::string& name, const Arguments& scope_and_rights) const {
    Arguments arguments{"token", "issue"};
    arguments.insert(arguments.end(), scope_and_rights.begin(), scope_and_rights.end());
    return ledger_.file(name, ledger_.json(arguments).at("token").get<std::string>() + "\n");
  }
  [[nodiscard]] Arguments command_as(const std::string& token_file, const Arguments& arguments) const {
    Arguments all{program_path(), "--data",  "/nowhere/at/all", "--connect", "unix:" + socket().string(),
                  "--token-file", token_file};
    all.insert(all.end(), arguments.begin(), arguments.end());
    return all;
  }
  [[nodiscard]] ProgramResult run_as(const std::string& token_file, const Arguments& arguments) const {
    return run_program(command_as(token_file, arguments));
  }

 private:
  CliLedger ledger_;
  std::string catalog_;
  std::unique_ptr<Program> daemon_;
};

std::string told(const Arguments& arguments) {
  return fmt::format("{}", fmt::join(arguments, " "));
}

// Returns everything that a user can see of a command.
std::string seen(const ProgramResult& result) {
  return fmt::format("{}\n{}\n{}", result.status, result.out, result.err);
}

// The same, without the seconds until the end of a cooldown, which change with every call.
std::string seen_at_any_time(const ProgramResult& result) {
  static const std::regex kSeconds(R"((ask again in |"retry_after":)\d+)");
  return std::regex_replace(seen(result), kSeconds, "$1N");
}

Arguments explain(const std::string& tenant, int n, const Arguments& more = {}) {
  Arguments all{"explain",   "--workspace", "acme",
                "--tenant",  tenant,        "--type",
                "demo.sync", "--input",     fmt::format("{{\"n\":{}}}", n)};
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// Returns the reads of a tenant's story, which the teller with number `teller` has made.
std::vector<Arguments> reads_of(const std::string& tenant, int teller) {
  const std::string retried = id_of(teller, kRetried);
  return {{"show", retried},
          {"show", retried, "--events"},
          {"show", retried, "--as-of", "4"},
          {"show", id_of(teller, kBroken), "--as-of", "2100-01-01T00:00:00Z"},
          {"show", retried, "--as-of", "2001-01-01T00:00:00Z"},
          {"show", retried, "--as-of", "0"},
          {"show", retried, "--as-of", "18446744073709551615"},
          {"show", id_of(teller, kCancelled)},
          {"show", kNobodys},
          {"show", retried.substr(0, 8)},
          {"show", retried.substr(0, 4)},
          {"replay", "--run", retried.substr(0, 34)},
          {"list", "--limit", "2"},
          {"list", "--tenant", tenant, "--status", "completed", "--outcome", "failed"},
          {"stats"},
          {"stats", "--workspace", "acme", "--tenant", tenant, "--type", "demo.sync"},
          {"stats", "--type", "never.seen"},
          {"replay"},
          {"replay", "--from", "2", "--to", "5"},
          {"replay", "--since", "2001-01-01", "--until", "2100-01-01T00:00:00Z", "--from", "3"},
          {"replay", "--since", "2100-01-01"},
          {"replay", "--workspace", "acme"},
          {"replay", "--run", retried, "--kind", "attempt-finished"},
          {"replay", "--tenant", tenant, "--type", "ops.other"},
          {"replay", "--state"},
          {"replay", "--state", "--to", "4"},
          {"list", "--all", "--limit", "1"},
          {"replay", "--state", "--to", "0"},
          {"replay", "--state", "--tenant", tenant, "--type", "demo.sync"},
          {"replay", "--state", "--run", retried, "--to", "6"},
          {"replay", "--state", "--run", retried, "--type", "ops.other"},
          {"replay", "--state", "--run", kNobodys},
          {"tail", "-n", "3"},
          {"tail", "--from", "2", "-n", "2"},
          {"export"},
          {"export", "--from", "3", "--to", "5"},
          explain(tenant, kRetried),
          explain(tenant, kRetried, {"--force"}),
          explain(tenant, kQueued),
          explain(tenant, 99),
          explain(tenant, kQueued, {"--run", retried}),
          {"types"}};
}

std::vector<Arguments> bad_reads() {
  const std::string run = id_of(1, kRetried);
  return {{"show", run, "--as-of", "yesterday"},
          {"show", run, "--as-of", "-1"},
          {"show", run, "--as-of", "18446744073709551616"},
          {"show", "1"},
          {"list", "--cursor", "beef"},
          {"list", "--limit", "0"},
          {"replay", "--from", "5", "--to", "3"},
          {"replay", "--from", "999"},
          {"export", "--from", "999"},
          {"tail", "--from", "999"},
          {"replay", "--kind", "started"},
          {"replay", "--state", "--kind", "failed"},
          {"tail", "-n", "0"},
          {"export", "--from", "x"},
          {"explain", "--workspace", "acme", "--type", "assignments.fetch"},
          {"explain", "--workspace", "acme", "--type", "demo.sync", "--input", R"({"password":"hunter2hunter2"})"},
          {"stats", "--tenant", "a b"}};
}

std::vector<std::string> seen_of_all(const CliLedger& ledger, const std::vector<Arguments>& reads) {
  std::vector<std::string> all;
  for (const char* format : {"text", "json"}) {
    for (const Arguments& read : reads) {
      Arguments arguments{"--format", format};
      arguments.insert(arguments.end(), read.begin(), read.end());
      all.push_back(seen_at_any_time(ledger.run(arguments)));
    }
  }
  return all;
}

TEST(DaemonReads, PrintTheSameAsOnTheDirectoryItself) {
  ServedLedger served;
  served.tell({{"acme", "north"}, {"acme", "south"}, {"globex", "north"}});
  EXPECT_EQ(served.ledger().run({"checkpoint"}).status, 0);  // Otherwise the daemon signs a newer one when it ends.
  std::vector<Arguments> reads = reads_of("north", 1);
  const std::vector<Arguments> bad = bad_reads();
  reads.insert(reads.end(), bad.begin(), bad.end());
  const std::vector<std::string> through = seen_of_all(served.ledger(), reads);
  served.end();
  const std::vector<std::string> by_itself = seen_of_all(served.ledger(), reads);
  ASSERT_EQ(through.size(), 2 * reads.size());
  for (std::size_t i = 0; i < through.size(); ++i) EXPECT_EQ(by_itself[i], through[i]) << told(reads[i % reads.size()]);
  EXPECT_THAT(through[0], HasSubstr("partially_succeeded")) << "the reads show the story";
  EXPECT_EQ(through[8][0] - '0', 4) << told(reads[8]);
}

TEST(DaemonReads, WriteTheSameExport) {
  ServedLedger served;
  served.tell({{"acme", "north"}});
  const std::string file = (served.ledger().directory() / "events.jsonl").string();
  const std::string through = seen(served.ledger().run({"export", "-o", file}));
  const std::string exported = read_file(file);
  served.end();
  EXPECT_EQ(seen(served.ledger().run({"export", "-o", file})), through);
  EXPECT_EQ(read_file(file), exported);
  EXPECT_EQ(lines_of(exported).size(), 13U);
}

TEST(DaemonReads, CountTheEventsThatAScopeMaySee) {
  ServedLedger served;
  served.tell({{"acme", "north"}, {"globex", "north"}});
  const std::string auditor = served.token_file("auditor", {"--workspace", "acme", "--right", "audit"});
  const std::string file = (served.ledger().directory() / "events.jsonl").string();
  EXPECT_THAT(served.run_as(auditor, {"export", "-o", file}).out, HasSubstr("wrote 13 events"));
  EXPECT_EQ(lines_of(read_file(file)).size(), 13U);
}

TEST(DaemonReads, OfTheGreatestEventsPrintTheSame) {
  constexpr int kCount = 100;  // 10 MiB in total.
  ServedLedger served(examples::kLargeEventsCatalog);
  const RunId run = examples::submit_large_events(*connect_client({.socket = served.socket(), .token = {}}), kCount);
  const std::string id = format_uuid(run.value);
  const std::vector<Arguments> reads{{"export"},
                                     {"--format", "json", "replay"},
                                     {"--format", "json", "replay", "--run", id},
                                     {"--format", "json", "replay", "--state"},
                                     {"--format", "json", "tail", "-n", "1000"},
                                     {"--format", "json", "show", id},
                                     {"--format", "json", "list", "--limit", "1000"}};
  std::vector<std::string> through;
  for (const Arguments& read : reads) through.push_back(seen(served.ledger().run(read)));
  served.end();
  for (std::size_t i = 0; i < reads.size(); ++i) {
    EXPECT_TRUE(seen(served.ledger().run(reads[i])) == through[i]) << told(reads[i]);
    EXPECT_EQ(through[i][0], '0') << told(reads[i]);
  }
  EXPECT_GT(through[0].size(), 10'000'000U);
}

// Replaces the parts that differ between two ledgers with the same story: times, keys and values derived from them.
// Blanks are replaced too, because the width of table columns depends on these parts.
std::string without_circumstances(std::string text) {
  static const std::vector<std::pair<std::regex, const char*>> kCircumstances = {
      {std::regex(R"(\d{4}-\d\d-\d\dT[0-9:.]+Z)"), "TIME"},
      {std::regex(R"x("(event|command)_id":"[^"]+")x"), "ID"},
      {std::regex("[0-9a-f]{64}|[0-9a-f]{32}"), "DIGEST"},
      {std::regex("next cursor: .*"), "CURSOR"},
      {std::regex(" +"), " "}};
  for (const auto& [what, word] : kCircumstances) text = std::regex_replace(text, what, word);
  return text;
}

using Stories = std::vector<std::pair<std::string, std::string>>;  // Workspaces and tenants.

// Expects that a caller with a token for `scope` sees the same where only `own` happens and where `others` happen too.
// `foreign` are words that only others have.
void expect_seen_the_same(const Arguments& scope, const Stories& own, const Stories& others,
                          const std::vector<std::string>& foreign) {
  ServedLedger alone;
  alone.tell(own);
  ServedLedger among;
  Stories all = own;
  all.insert(all.end(), others.begin(), others.end());
  among.tell(all);
  Arguments granted = scope;
  granted.insert(granted.end(), {"--right", "request", "--right", "audit"});
  const std::string file_alone = alone.token_file("token", granted);
  const std::string file_among = among.token_file("token", granted);
  for (Arguments read : reads_of("north", 1)) {
    read.insert(read.begin(), {"--format", read[0] == "show" ? "text" : "json"});
    const std::string theirs = seen_at_any_time(among.run_as(file_among, read));
    EXPECT_EQ(without_circumstances(seen_at_any_time(alone.run_as(file_alone, read))), without_circumstances(theirs))
        << told(read);
    for (const std::string& word : foreign) EXPECT_THAT(theirs, Not(HasSubstr(word))) << told(read);
  }
}

TEST(DaemonReads, ShowATenantTheSameWhetherOrNotOthersExist) {
  expect_seen_the_same({"--workspace", "acme", "--tenant", "north"}, {{"acme", "north"}},
                       {{"acme", "south"}, {"globex", "north"}}, {"south", "globex", id_of(2, kRetried)});
}

TEST(DaemonReads, ShowAWorkspaceTheSameWhetherOrNotOthersExist) {
  expect_seen_the_same({"--workspace", "acme"}, {{"acme", "north"}, {"acme", "south"}},
                       {{"globex", "north"}, {"initech", "south"}}, {"globex", "initech", id_of(3, kRetried)});
}

TEST(DaemonReads, AnswerForAnotherScopesRunAsForNone) {
  ServedLedger served;
  served.tell({{"acme", "north"}, {"acme", "south"}});
  const std::string tenants = served.token_file(
      "south", {"--workspace", "acme", "--tenant", "south", "--right", "request", "--right", "audit"});
  const std::string workspaces =
      served.token_file("globex", {"--workspace", "globex", "--right", "request", "--right", "audit"});
  const auto of = [](const std::string& run) {
    return std::vector<Arguments>{{"show", run},
                                  {"show", run, "--as-of", "1"},
                                  {"show", run, "--as-of", "2100-01-01T00:00:00Z"},
                                  {"--format", "json", "show", run},
                                  {"replay", "--run", run},
                                  {"replay", "--state", "--run", run}};
  };
  const std::string norths = id_of(1, kRetried);
  const auto shape = [](std::string text, const std::string& id) {
    for (std::size_t at = text.find(id); at != std::string::npos; at = text.find(id)) text.replace(at, id.size(), "ID");
    return text;
  };
  for (const std::string& file : {tenants, workspaces}) {
    for (std::size_t i = 0; i < of(norths).size(); ++i) {
      const ProgramResult none = served.run_as(file, of(kNobodys)[i]);
      EXPECT_EQ(shape(seen(none), kNobodys), shape(seen(served.run_as(file, of(norths)[i])), norths))
          << told(of(norths)[i]);
      EXPECT_EQ(i < 4 ? 4 : 0, none.status) << told(of(norths)[i]);
    }
  }
  for (const Arguments& read : std::vector<Arguments>{{"list"}, {"stats"}, {"replay"}}) {
    const auto with = [&](const std::string& tenant) {
      Arguments arguments = read;
      arguments.insert(arguments.end(), {"--tenant", tenant});
      return seen(served.run_as(tenants, arguments));
    };
    EXPECT_EQ(with("nobody"), with("north")) << told(read);
  }
  EXPECT_EQ(failure(served.run_as(tenants, explain("north", kQueued))), "4 scope.not_found");
  EXPECT_EQ(failure(served.run_as(tenants, explain("nobody", kQueued))), "4 scope.not_found");
}

TEST(DaemonReads, FindARunByItsFirstDigitsAmongThoseOfTheScopeOnly) {
  const ServedLedger served;
  const std::string digits = "5f0c2a52";
  const auto request = [&](const std::string& workspace, const std::string& end) {
    const std::string run = digits + "-7c52-4f0e-9d8b-" + end;
    served.ledger().json({"request", "--workspace", workspace, "--type", "demo.sync", "--input",
                          "{\"n\":\"" + end + "\"}", "--run", run});
    return run;
  };
  const std::string acmes = request("acme", "000000000001");
  const std::string globexs = request("globex", "000000000002");
  EXPECT_EQ(failure(served.ledger().run({"show", digits})), "4 run.ambiguous");
  const std::string acme = served.token_file("acme", {"--workspace", "acme", "--right", "request"});
  const std::string initech = served.token_file("initech", {"--workspace", "initech", "--right", "request"});
  EXPECT_THAT(served.run_as(acme, {"show", digits}).out, HasSubstr(acmes));
  const ProgramResult foreign = served.run_as(initech, {"show", digits});
  EXPECT_EQ(failure(foreign), "4 run.not_found");
  EXPECT_EQ(foreign.err,
            std::regex_replace(served.run_as(initech, {"show", "deadbeef"}).err, std::regex("deadbeef"), digits));
  EXPECT_EQ(served.run_as(acme, {"cancel", digits}).status, 0);
  EXPECT_THAT(served.ledger().run({"show", globexs}).out, HasSubstr("queued"));
  const std::string second = request("acme", "000000000003");
  const ProgramResult two = served.run_as(acme, {"show", digits});
  EXPECT_EQ(failure(two), "4 run.ambiguous");
  EXPECT_THAT(two.err, HasSubstr(second + ", " + acmes));
  EXPECT_THAT(two.err, Not(HasSubstr(globexs)));
}

TEST(DaemonReads, NeedTheRightThatIsDocumented) {
  ServedLedger served;
  served.tell({{"acme", "north"}});
  const std::string worker = served.token_file("worker", {"--workspace", "acme", "--right", "work"});
  const std::string auditor = served.token_file("auditor", {"--workspace", "acme", "--right", "audit"});
  for (const Arguments& read : std::vector<Arguments>{{"show", id_of(1, kRetried)},
                                                      {"list"},
                                                      {"stats"},
                                                      {"types"},
                                                      {"replay", "--state", "--run", id_of(1, kRetried)}})
    EXPECT_EQ(served.run_as(worker, read).status, 0) << told(read);
  for (const Arguments& read :
       std::vector<Arguments>{{"replay"}, {"replay", "--state"}, {"export"}, {"tail", "-n", "1"}}) {
    EXPECT_EQ(failure(served.run_as(worker, read)), "4 access.denied") << told(read);
    EXPECT_EQ(served.run_as(auditor, read).status, 0) << told(read);
  }
  EXPECT_EQ(failure(served.run_as(auditor, explain("north", kQueued))), "4 access.denied");
  const std::string stranger = served.ledger().file("stranger", "rlt_" + std::string(64, '0'));
  for (const Arguments& read : reads_of("north", 1))
    EXPECT_EQ(failure(served.run_as(stranger, read)), "4 access.unauthenticated") << told(read);
}

TEST(DaemonReads, CommandsThatNeedTheDirectorySaySo) {
  ServedLedger served;
  const std::string journal = served.ledger().file("journal.jsonl", "");
  for (const Arguments& command : std::vector<Arguments>{
           {"rebuild"}, {"project", "--postgres", "dbname=none"}, {"import", "--verbatim", journal}}) {
    const ProgramResult refused = served.ledger().run(command);
    EXPECT_EQ(failure(refused), "6 ledger.busy") << told(command);
    EXPECT_THAT(refused.err, HasSubstr(std::to_string(served.daemon().id()))) << told(command);
    EXPECT_THAT(refused.err, HasSubstr("daemon")) << told(command);
    EXPECT_EQ(failure(served.run_as(journal, command)), "2 usage") << told(command);
  }
}

TEST(DaemonTail, FollowsUntilItIsInterrupted) {
  const ServedLedger served;
  for (const int signal : {SIGINT, SIGTERM}) {
    Program tail(served.ledger().command({"tail", "--from", "1", "--format", "json"}));
    (void)served.ledger().request();
    ASSERT_TRUE(tail.wait_for_output("\"sequence\":1"));
    tail.signal(signal);
    const ProgramResult ended = tail.wait();
    EXPECT_EQ(ended.status, 0) << ended.err;
    EXPECT_EQ(ended.err, "");
  }
}

TEST(DaemonTail, GoesOnWhereItWasWhenTheDaemonComesBack) {
  ServedLedger served;
  Program tail(served.ledger().command({"tail", "--from", "1", "--format", "json"}));
  (void)served.ledger().request(R"({"n":1})");
  ASSERT_TRUE(tail.wait_for_output("\"sequence\":1"));
  for (const int signal : {SIGKILL, SIGTERM}) {
    served.end(signal);
    served.serve();
    const int next = signal == SIGKILL ? 2 : 3;
    (void)served.ledger().request(fmt::format("{{\"n\":{}}}", next));
    ASSERT_TRUE(tail.wait_for_output(fmt::format("\"sequence\":{}", next)));
  }
  tail.signal(SIGTERM);
  const ProgramResult ended = tail.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_EQ(lines_of(ended.out).size(), 3U);
}

TEST(DaemonTail, EndsSomeSecondsAfterTheDaemon) {
  ServedLedger served;
  (void)served.ledger().request();
  Program tail(served.ledger().command({"tail", "--from", "1"}));
  ASSERT_TRUE(tail.wait_for_output("requested"));
  served.end();
  const ProgramResult ended = tail.wait();
  EXPECT_EQ(failure(ended), "6 daemon.unreachable");
  EXPECT_EQ(lines_of(ended.out).size(), 1U);
}

}  // namespace
}  // namespace runledger
