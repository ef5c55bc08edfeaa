// Connects again for every command, and retries while another process has the ledger.
#include "tools/cli/per_command_client.h"

#include <thread>

#include "ledger/base/failure.h"
#include "ledger/base/retry.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr RetryDelays kAskAgain{.first = milliseconds(20), .max = milliseconds(200)};

}  // namespace

// A retry must repeat the id of the first try, so the id is drawn before the loop and not in it.
CommandOptions PerCommandClient::named(CommandOptions options) const {
  if (!options.id) options.id = CommandId{random_uuid()};
  if (!options.starter) options.starter = starter_;
  return options;
}

Answer PerCommandClient::call(const Send& send) {
  const auto deadline = steady_clock::now() + kTimeout;
  const MutexLock lock(mutex_);
  for (unsigned tries = 1;; ++tries) {
    const milliseconds delay = kAskAgain.after(tries);
    const bool last = steady_clock::now() + delay > deadline;
    try {
      LedgerConnection ledger(context_);
      reached_ = true;
      Answer answer = send(ledger);
      // An unknown outcome may be retried too: the ledger answers a command id that it knows with the first answer.
      if (last || !std::holds_alternative<UnknownOutcome>(answer)) return answer;
    } catch (const Failure& failure) {
      const bool passes = failure.code() == "ledger.busy" || (reached_ && failure.code() == "daemon.unreachable");
      if (last || !passes) throw;
    }
    std::this_thread::sleep_for(delay);
  }
}

Answer PerCommandClient::submit(const Ask& ask, const CommandOptions& options) {
  return call(
      [&ask, options = named(options)](LedgerConnection& ledger) { return ledger.client().submit(ask, options); });
}

void PerCommandClient::use(const std::function<void(LedgerConnection&)>& work) {
  (void)call([&work](LedgerConnection& ledger) -> Answer {
    work(ledger);
    return Reply{};
  });
}

Answer PerCommandClient::explain(const RunRequest& request) {
  return call([&request](LedgerConnection& ledger) -> Answer {
    const Result<Explanation> explanation = ledger.reader().explain(request);
    if (!explanation) return explanation.rejection();
    return std::visit([](const auto& answer) { return Answer(answer); }, explanation->answer);
  });
}

std::optional<Reply> PerCommandClient::expire_abandoned(RunId run) {
  const Answer answer = call([run](LedgerConnection& ledger) -> Answer {
    if (ledger.embedded() == nullptr) return Reply{};  // Its daemon does this; the verdict is not kExpired.
    return ledger.client().submit(ExpireLease{run}, {});
  });
  const auto* reply = std::get_if<Reply>(&answer);
  return reply != nullptr && reply->verdict == Verdict::kExpired ? std::optional(*reply) : std::nullopt;
}

}  // namespace runledger
