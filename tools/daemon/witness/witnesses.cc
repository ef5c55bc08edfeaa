// Proofs come from the tiles, which cover every checkpoint that was signed.
#include "tools/daemon/witness/witnesses.h"

#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/thread_name.h"
#include "ledger/log/hash_tiles.h"

namespace runledger {
namespace {

constexpr std::chrono::milliseconds kTimeMax{10'000};
constexpr std::chrono::milliseconds kTimeMaxAtEnd{2'000};
constexpr std::chrono::seconds kAskedAgainAfter{30};

WitnessClient::Prove prover_of(const EventLog& log) {
  return [&log](std::uint64_t from, std::uint64_t to) {
    const HashTiles tiles(log.store());
    return consistency_proof(tiles.source(), from, to);
  };
}

}  // namespace

Witnesses::Witnesses(const EventLog& log, const std::vector<WitnessAddress>& addresses, Listener listener)
    : log_(log), listener_(std::move(listener)) {
  for (const WitnessAddress& address : addresses)
    clients_.push_back(std::make_unique<WitnessClient>(address, prover_of(log_)));
  thread_ = std::thread([this] { keep(); });
}

Witnesses::~Witnesses() {
  {
    const MutexLock lock(mutex_);
    stopping_ = true;
    changed_.notify_one();
  }
  thread_.join();
  {
    const MutexLock lock(mutex_);
    ended_ = true;
  }
  if (const std::optional<SignedCheckpoint> last = take_pending()) ask(*last, kTimeMaxAtEnd);
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
  not_before_ = std::chrono::steady_clock::now() + kAskedAgainAfter;
}

std::optional<SignedCheckpoint> Witnesses::take_pending() {
  const MutexLock lock(mutex_);
  return std::exchange(pending_, std::nullopt);
}

bool Witnesses::is_stopping() {
  const MutexLock lock(mutex_);
  return stopping_ && !ended_;
}

void Witnesses::keep() {
  name_thread("witnesses");
  for (;;) {
    {
      MutexLock lock(mutex_);
      while (!stopping_ && !pending_) changed_.wait(lock);
      while (!stopping_ && std::chrono::steady_clock::now() < not_before_) (void)changed_.wait_until(lock, not_before_);
      if (stopping_) return;
    }
    if (const std::optional<SignedCheckpoint> newest = take_pending()) ask(*newest, kTimeMax);
  }
}

void Witnesses::ask(const SignedCheckpoint& checkpoint, std::chrono::milliseconds time_max) {
  SignedCheckpoint cosigned = checkpoint;
  bool is_complete = true;
  for (const std::unique_ptr<WitnessClient>& client : clients_) {
    const std::string& name = client->key().name;
    try {
      const Result<Cosignature> cosignature = client->cosign(checkpoint, time_max, [this] { return is_stopping(); });
      if (cosignature) {
        cosigned.note += cosignature->line;
      } else {
        is_complete = is_complete && cosignature.rejection().code != "witness.unreachable";
        listener_.refused(name, cosignature.rejection().code, cosignature.rejection().detail.str());
      }
    } catch (const Failure& failure) {  // The tiles cannot be read at the moment.
      is_complete = false;
      listener_.refused(name, failure.code(), failure.what());
    }
  }
  if (cosigned.note != checkpoint.note) listener_.cosigned(cosigned);
  if (!is_complete) ask_again_for(checkpoint);
}

}  // namespace runledger
