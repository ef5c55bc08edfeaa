// Callers in the process of the ledger. Each submits its next commands when the last of the commands before is
// answered.
#include <fmt/format.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <stdexcept>

#include "bench/compare/load.h"
#include "ledger/base/big_endian.h"
#include "ledger/ledger.h"

namespace runledger::compare {
namespace {

template <class T>
T must(Result<T> result) {
  if (!result)
    throw std::runtime_error(fmt::format("{}: {}", result.rejection().code, result.rejection().detail.str()));
  return *std::move(result);
}

Counts some_counts() {
  Counts counts;
  for (const char* key : kCounts) counts.emplace(must(parse_count_key(key)), counts.size() * 7);
  return counts;
}

CommandOptions with_id() {
  CommandId id;
  const std::string bytes = new_id();
  std::copy(bytes.begin(), bytes.end(), id.value.bytes.begin());
  return {.id = id};
}

// The callers, and the number of those that have not ended. After the first call of each, everything happens on the
// sequencer's thread.
class ProcessCallers {
 public:
  ProcessCallers(const Load& load, Tally& tally)
      : load_(load), tally_(tally), ledger_({.directory = load.directory}), left_(load.callers) {}

  void run() {
    for (std::size_t i = 0; i < load_.callers; ++i) callers_.push_back({i, std::vector<Reply>(load_.batch), {}});
    for (Caller& caller : callers_) request(caller);
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return left_ == 0; });
    if (!failure_.empty()) throw std::runtime_error(failure_);
  }

 private:
  struct Caller {
    std::size_t number = 0;
    std::vector<Reply> replies;
    Clock::time_point sent;
  };
  using Step = void (ProcessCallers::*)(Caller&);

  void request(Caller& caller) {
    if (!tally_.open()) return leave({});
    submit(caller, &ProcessCallers::start, [&](const Reply&) {
      return RunRequest{.workspace = must(parse_workspace(workspace_of(caller.number))),
                        .tenant = must(parse_tenant(tenant_of(caller.number))),
                        .type = must(parse_run_type(kType)),
                        .input = must(RunInput::parse(new_input())),
                        .initiator = sanitize("scheduler")};
    });
  }
  void start(Caller& caller) {
    submit(caller, &ProcessCallers::finish,
           [](const Reply& requested) { return StartAttempt{.run = requested.run, .worker = sanitize(kWorker)}; });
  }
  void finish(Caller& caller) {
    submit(caller, &ProcessCallers::request, [this](const Reply& started) {
      return FinishAttempt{
          started.run, AttemptRef{started.attempt, started.token}, AttemptOutcome::kSucceeded, counts_, {}, false};
    });
  }

  // Submits the ask of each run of the caller. Answers come in the order of submission, so that the last ends the step.
  template <class MakeAsk>
  void submit(Caller& caller, Step next, const MakeAsk& make_ask) {
    caller.sent = Clock::now();
    for (std::size_t i = 0; i < load_.batch; ++i) {
      ledger_.submit(make_ask(caller.replies[i]), with_id(), {}, [this, &caller, next, i](const Answer& answer) {
        const auto* reply = std::get_if<Reply>(&answer);
        if (reply == nullptr) return leave("expected a reply, found another answer");
        caller.replies[i] = *reply;
        if (i + 1 < load_.batch) return;
        tally_.answered(caller.sent, load_.batch);
        (this->*next)(caller);
      });
    }
  }

  void leave(const std::string& failure) {
    const std::lock_guard lock(mutex_);
    if (!failure.empty()) failure_ = failure;
    if (failure.empty() && --left_ > 0) return;
    left_ = 0;
    ended_.notify_one();
  }

  const Load& load_;
  Tally& tally_;
  const Counts counts_ = some_counts();
  std::vector<Caller> callers_;
  std::mutex mutex_;
  std::condition_variable ended_;
  std::string failure_;
  Ledger ledger_;  // Its destructor waits for the commands that use the members above.
  std::size_t left_;
};

}  // namespace

void load_process(const Load& load, Tally& tally) {
  ProcessCallers(load, tally).run();
}

}  // namespace runledger::compare
