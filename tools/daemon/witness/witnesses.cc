// Proofs come from the tiles, which cover every checkpoint that was signed, and are checked as those of a Prover are.
#include "tools/daemon/witness/witnesses.h"

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"
#include "ledger/evidence/prover.h"

namespace runledger {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kTimeMax{10'000};      // For one witness.
constexpr std::chrono::milliseconds kTimeMaxAtEnd{4'000};  // For all of them.
constexpr std::chrono::seconds kAskedAgainAfter{30};
constexpr std::chrono::milliseconds kDeliveredAgainAfter{100};

}  // namespace

Witnesses::Witnesses(const EventLog& log, const std::vector<WitnessAddress>& addresses, Listener listener)
    : log_(log), listener_(std::move(listener)) {
  const auto prove = [this](std::uint64_t from, const TreeHead& to) {
    return prove_growth(log_, from, to, [this] { return is_over(); });
  };
  for (const WitnessAddress& address : addresses) clients_.push_back(std::make_unique<WitnessClient>(address, prove));
  thread_ = std::thread([this] { keep(); });
}

Witnesses::~Witnesses() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    end_ = SteadyClock::now() + kTimeMaxAtEnd;
    changed_.notify_one();
  }
  thread_.join();
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  if (const std::optional<SignedCheckpoint> last = take_pending()) ask(*last);
}

void Witnesses::ask_for(const SignedCheckpoint& newest) {
  const MutexLock lock(mutex_);
  pending_ = newest;
  not_before_ = {};
  changed_.notify_one();
}

// A newer checkpoint is asked for in its place.
void Witnesses::ask_again_for(const SignedCheckpoint& checkpoint) {
  const MutexLock lock(mutex_);
  if (pending_) return;
  pending_ = checkpoint;
  not_before_ = SteadyClock::now() + kAskedAgainAfter;
}

std::optional<SignedCheckpoint> Witnesses::take_pending() {
  const MutexLock lock(mutex_);
  return std::exchange(pending_, std::nullopt);
}

// A transfer is given up when the daemon stops, so that the destructor has its time.
bool Witnesses::is_over() {
  const MutexLock lock(mutex_);
  return stopping_ && (!ended_ || SteadyClock::now() >= end_);
}

// At the end a witness that does not answer must not take the time of all.
SteadyClock::time_point Witnesses::end_of_turn(std::size_t count) {
  const auto now = SteadyClock::now();
  const MutexLock lock(mutex_);
  return ended_ ? now + (end_ - now) / static_cast<std::int64_t>(count) : now + kTimeMax;
}

void Witnesses::keep() {
  name_thread("witnesses");
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !pending_) changed_.wait(lock);
      while (!stopping_ && SteadyClock::now() < not_before_) (void)changed_.wait_until(lock, not_before_);
      if (stopping_) return;
    }
    if (const std::optional<SignedCheckpoint> newest = take_pending()) ask(*newest);
  }
}

void Witnesses::ask(const SignedCheckpoint& checkpoint) {
  std::string lines;
  bool is_complete = true;
  std::size_t rest = clients_.size();
  for (const std::unique_ptr<WitnessClient>& client : clients_) {
    if (is_over()) {
      is_complete = false;
      break;
    }
    const std::string& name = client->key().name;
    try {
      const Result<Cosignature> cosignature =
          client->cosign(checkpoint, end_of_turn(rest--), [this] { return is_over(); });
      if (cosignature) {
        lines += cosignature->line;
      } else {
        is_complete = is_complete && cosignature.rejection().code != "witness.unreachable";
        listener_.refused(name, cosignature.rejection().code, cosignature.rejection().detail.str());
      }
    } catch (const Failure& failure) {  // The tiles cannot be read at the moment.
      is_complete = false;
      listener_.refused(name, failure.code(), failure.what());
    }
  }
  if (!lines.empty()) deliver(checkpoint, lines);
  if (!is_complete) ask_again_for(checkpoint);
}

void Witnesses::deliver(const SignedCheckpoint& checkpoint, std::string_view lines) {
  while (!listener_.cosigned(checkpoint, lines)) {
    if (!wait_to_deliver()) return ask_again_for(checkpoint);
  }
}

// Returns false when it is over, or a newer checkpoint waits.
bool Witnesses::wait_to_deliver() {
  const auto until = SteadyClock::now() + kDeliveredAgainAfter;
  MutexLock lock(mutex_);
  while (SteadyClock::now() < until && !pending_ && stopping_ == ended_) (void)changed_.wait_until(lock, until);
  return !pending_ && stopping_ == ended_ && (!ended_ || SteadyClock::now() < end_);
}

}  // namespace runledger
