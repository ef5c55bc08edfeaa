// Reaches the ledger anew for every command, and waits for its turn.
#include "tools/cli/brief_ledger.h"

#include <algorithm>
#include <thread>

#include "ledger/failure.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kAskAgainAfterMin{20};
constexpr milliseconds kAskAgainAfterMax{200};

CommandMark named(CommandMark mark) {
  if (!mark.id) mark.id = CommandId{random_uuid()};
  return mark;
}

}  // namespace

Answer BriefLedger::call(const Send& send) {
  const auto deadline = steady_clock::now() + kPatience;
  milliseconds delay = kAskAgainAfterMin;
  const std::lock_guard lock(mutex_);
  for (;; delay = std::min(2 * delay, kAskAgainAfterMax)) {
    const bool last = steady_clock::now() + delay > deadline;
    try {
      ReachedLedger ledger(context_);
      reached_ = true;
      Answer answer = send(ledger);
      if (last || !std::holds_alternative<UnknownOutcome>(answer)) return answer;
    } catch (const Failure& failure) {
      const bool passes = failure.code() == "ledger.busy" || (reached_ && failure.code() == "daemon.unreachable");
      if (last || !passes) throw;
    }
    std::this_thread::sleep_for(delay);
  }
}

Answer BriefLedger::request(const RunOrder& order, CommandMark mark) {
  return call([&order, mark = named(mark)](ReachedLedger& ledger) { return ledger.client().request(order, mark); });
}

Answer BriefLedger::start(const StartAttempt& start, CommandMark mark) {
  return call([&start, mark = named(mark)](ReachedLedger& ledger) { return ledger.client().start(start, mark); });
}

Answer BriefLedger::start_by_identity(const IdentityStart& start, CommandMark mark) {
  return call(
      [&start, mark = named(mark)](ReachedLedger& ledger) { return ledger.client().start_by_identity(start, mark); });
}

Answer BriefLedger::heartbeat(const Heartbeat& heartbeat) {
  return call([&heartbeat](ReachedLedger& ledger) { return ledger.client().heartbeat(heartbeat); });
}

Answer BriefLedger::finish(const FinishAttempt& finish, CommandMark mark) {
  return call([&finish, mark = named(mark)](ReachedLedger& ledger) { return ledger.client().finish(finish, mark); });
}

Answer BriefLedger::fail(const FailRun& fail, CommandMark mark) {
  return call([&fail, mark = named(mark)](ReachedLedger& ledger) { return ledger.client().fail(fail, mark); });
}

Answer BriefLedger::expire(RunId run) {
  return call([run](ReachedLedger& ledger) { return ledger.client().expire(run); });
}

BriefLedger::Started BriefLedger::start_alive(const StartAttempt& start) {
  const CommandMark mark = named({});
  std::optional<Duration> lease;
  Answer answer = call([&](ReachedLedger& ledger) -> Answer {
    Answer started = ledger.client().start(start, mark);
    const auto* reply = std::get_if<Reply>(&started);
    if (reply == nullptr || reply->verdict != Verdict::kStarted) return started;
    const Answer alive = ledger.client().heartbeat({.run = start.run, .attempt = {reply->attempt, reply->token}});
    if (const auto* told = std::get_if<Reply>(&alive)) lease = told->retry_after;
    return started;
  });
  return {std::move(answer), lease};
}

std::optional<Reply> BriefLedger::expire_abandoned(RunId run) {
  const Answer answer = call([run](ReachedLedger& ledger) -> Answer {
    if (ledger.embedded() == nullptr) return Reply{};
    return ledger.client().expire(run);
  });
  const auto* reply = std::get_if<Reply>(&answer);
  return reply != nullptr && reply->verdict == Verdict::kExpired ? std::optional(*reply) : std::nullopt;
}

}  // namespace runledger
