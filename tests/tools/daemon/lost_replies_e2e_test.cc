// The network between client and daemon loses every fifth command and every fifth answer: no command acts twice, and no
// acknowledged event is missing.
//
// A LosingProxy is between the clients and the daemon. Every Caller is a thread that requests runs, starts them and
// finishes them through the proxy; each command has a random command id, which the client repeats until an answer
// arrives. A Caller records the id, the command and the final answer.
//
// After the daemon has ended, differences() groups the events of the log by their command id, and compares each group
// with the recorded answer: the kinds of the events, the sequence, the run, the attempt and the report must agree. A
// command that acted twice would have too many events, an acknowledged one that was lost would have none, and an event
// whose id is in no record came from no command at all. All three are findings.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <thread>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/models/history_check.h"
#include "tests/fixtures/proxies/losing_proxy.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/long_runs.h"

namespace runledger {
namespace {

constexpr int kClients = 16;
constexpr int kThreadsPerClient = 2;  // These threads share a connection, and so lose it together.
constexpr int kThreads = kClients * kThreadsPerClient;
constexpr int kRequestedIdentities = 40;

// A command, its id and its answer.
struct Asked {
  CommandId id;
  RecordedCall call;
};

// Sends the commands of one thread through the proxy.
class Caller {
 public:
  Caller(LedgerClient& client, int number) : client_(client), number_(number), random_(static_cast<unsigned>(number)) {}

  void carry_out(int commands) {
    while (static_cast<int>(asked_.size()) < commands) {
      const RecordedCall requested = request();
      if (!requested.replied || random_() % 3 == 0) continue;
      const RecordedCall started = start(requested.reply.run);
      if (!started.replied || started.reply.verdict != Verdict::kStarted) continue;
      finish(started);
    }
  }
  [[nodiscard]] const std::vector<Asked>& asked() const { return asked_; }

 private:
  RecordedCall request() {
    RunRequest request;
    request.workspace = examples::workspace();
    request.tenant = examples::tenant();
    request.type = examples::type("demo.lost");
    request.input = examples::input(fmt::format("{{\"n\":{}}}", random_() % kRequestedIdentities));
    request.force = true;
    RecordedCall call = of(CallKind::kRequest, {});
    return ask(call, [&](CommandOptions options) { return client_.submit(request, options); });
  }

  RecordedCall start(RunId run) {
    const StartAttempt start{.run = run, .worker = sanitize(fmt::format("w{}", number_))};
    return ask(of(CallKind::kStart, run), [&](CommandOptions options) { return client_.submit(start, options); });
  }

  void finish(const RecordedCall& started) {
    RecordedCall call = of(CallKind::kFinish, started.reply.run);
    call.attempt = {started.reply.attempt, started.reply.token};
    call.outcome = random_() % 2 == 0 ? AttemptOutcome::kSucceeded : AttemptOutcome::kFailed;
    call.items = random_() % 1000;
    call.retryable = random_() % 2 == 0;
    FinishAttempt report;
    report.run = call.run;
    report.attempt = call.attempt;
    report.outcome = call.outcome;
    report.summary_counts = examples::counts({{"items", call.items}});
    report.retryable = call.retryable;
    ask(call, [&](CommandOptions options) { return client_.submit(report, options); });
  }

  RecordedCall of(CallKind kind, RunId run) const {
    RecordedCall call;
    call.process = number_;
    call.kind = kind;
    call.run = run;
    return call;
  }

  template <class Send>
  RecordedCall ask(RecordedCall call, const Send& send) {
    const CommandId id{random_uuid()};
    call.answered_by(send(CommandOptions{.id = id}));
    asked_.push_back({id, call});
    return call;
  }

  LedgerClient& client_;
  int number_;
  std::mt19937 random_;
  std::vector<Asked> asked_;
};

std::vector<Asked> ask_through(const LosingProxy& proxy, int commands) {
  std::vector<std::unique_ptr<LedgerClient>> clients;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < kThreads; ++i) {
    if (i % kThreadsPerClient == 0) {
      clients.push_back(connect_client({.socket = proxy.socket(), .token = {}, .timeout = std::chrono::minutes(2)}));
    }
    callers.push_back(std::make_unique<Caller>(*clients.back(), i));
  }
  std::vector<std::thread> threads;
  for (auto& caller : callers) {
    threads.emplace_back([&] { caller->carry_out(commands / kThreads); });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<Asked> all;
  for (auto& caller : callers) all.insert(all.end(), caller->asked().begin(), caller->asked().end());
  return all;
}

// --- the events of each command --------------------------------------------------------------------------------------

using Log = std::vector<Envelope>;

// Returns the kinds of event that the answer of a call stands for.
std::vector<std::string> kinds_of(const RecordedCall& call) {
  switch (call.reply.verdict) {
    case Verdict::kRequested:
      return {"requested"};
    case Verdict::kDeduped:
    case Verdict::kSkipped:
      return {"deduped"};
    case Verdict::kStarted:
      return {"attempt-started"};
    case Verdict::kFinished:
      if (call.reply.outcome == RunOutcome::kFailed) return {"attempt-finished", "failed"};
      return {"attempt-finished"};
    case Verdict::kLate:
      return {"attempt-finished"};
    case Verdict::kFailed:
    case Verdict::kCancelled:
      return {"failed"};
    case Verdict::kAlive:
    case Verdict::kExpired:
      return {};
  }
  return {};
}

// Compares the events that the log has for a command with its answer. Returns the first difference; empty if there is
// none.
std::string difference(const RecordedCall& call, const Log& events) {
  // A start that is skipped again is answered with the event of the first skip, which is under another command.
  if (call.reply.verdict == Verdict::kSkipped && call.reply.repeated && events.empty()) return "";
  std::vector<std::string> kinds;
  for (const Envelope& envelope : events) kinds.emplace_back(kind_name(envelope.event));
  if (kinds != kinds_of(call)) return fmt::format("the log has {} events under it", events.size());
  if (events.back().sequence != call.reply.sequence) return "the log has them at another place";
  if (events.front().run != call.reply.run) return "the log has them of another run";
  const auto* started = std::get_if<AttemptStarted>(&events.front().event);
  if (started != nullptr &&
      (started->attempt != call.reply.attempt || started->worker.str() != fmt::format("w{}", call.process)))
    return "the log has another attempt";
  const auto* finished = std::get_if<AttemptFinished>(&events.front().event);
  if (finished == nullptr) return "";
  const bool same = finished->attempt == call.attempt.attempt && finished->outcome == call.outcome &&
                    finished->retryable == call.retryable &&
                    finished->summary_counts == examples::counts({{"items", call.items}});
  return same ? "" : "the log has another report";
}

std::vector<std::string> differences(const std::vector<Asked>& asked, const Log& log) {
  std::map<CommandId, Log> by_command;
  std::vector<std::string> findings;
  for (const Envelope& envelope : log) {
    if (envelope.command) {
      by_command[*envelope.command].push_back(envelope);
    } else {
      findings.push_back(fmt::format("event {} has no command", envelope.sequence.value));
    }
  }
  for (const auto& [id, call] : asked) {
    if (!call.replied) {
      findings.push_back("no reply: " + to_string(call));
      continue;
    }
    const std::string found = difference(call, by_command[id]);
    if (!found.empty()) findings.push_back(found + ": " + to_string(call));
    by_command.erase(id);
  }
  if (!by_command.empty()) findings.push_back(fmt::format("{} ids that nobody used have events", by_command.size()));
  return findings;
}

TEST(LostReplies, MakeNothingActTwiceAndLoseNothingThatWasAcknowledged) {
  const int commands = short_or_long(1'000, 20'000);
  const CliLedger ledger;
  Program daemon(ledger.command({"serve", "--format", "json"}));
  ASSERT_TRUE(daemon.wait_for_output("\"listening\""));
  const LosingProxy proxy({.server = ledger.data() / "socket", .seed = 1});
  const std::vector<Asked> asked = ask_through(proxy, commands);
  daemon.signal(SIGTERM);
  EXPECT_EQ(daemon.wait().status, 0);

  EXPECT_GE(std::ssize(asked), commands / kThreads * kThreads);
  const LosingProxy::Figures figures = proxy.figures();
  const auto repeated =
      std::count_if(asked.begin(), asked.end(), [](const Asked& each) { return each.call.reply.repeated; });
  fmt::print("{} commands sent {} times over {} connections: {} lost on the way, {} answers lost; {} repeats\n",
             asked.size(), figures.commands, figures.connections, figures.commands_lost, figures.answers_lost,
             repeated);
  EXPECT_NEAR(static_cast<double>(figures.commands_lost) / static_cast<double>(figures.commands), 0.2, 0.05);
  EXPECT_GT(repeated, 0);
  const Log log = whole_log(ledger.data());
  EXPECT_EQ(summary_of(differences(asked, log)), "");
  EXPECT_EQ(summary_of(against_one_active_run(log)), "");
  EXPECT_EQ(ledger.json({"verify"}).at("ok"), true);
}

}  // namespace
}  // namespace runledger
