// The key is locked before the log's head is read: whoever signs next then sees at least as many events. The first
// hashing of a long log takes long, so it comes before that: others may use the key meanwhile.
#include "ledger/evidence/checkpoint_keeper.h"

#include <exception>
#include <utility>

#include "ledger/base/failure.h"
#include "ledger/base/retry.h"
#include "ledger/base/thread_name.h"
#include "ledger/evidence/prover.h"

namespace runledger {
namespace {

// Another process has the key for as long as it takes to copy the ledger and to hash what is new.
constexpr std::chrono::milliseconds kKeyTriedEvery{100};

}  // namespace

CheckpointKeeper::CheckpointKeeper(const EventLog& log, Options options, Listener listener)
    : log_(log), options_(options), listener_(std::move(listener)) {
  (void)read_audit_key(log.store().directory());
  thread_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

CheckpointKeeper::~CheckpointKeeper() {
  thread_.request_stop();
  thread_.join();
  sign_the_rest();
}

void CheckpointKeeper::sign_the_rest() {
  const auto end = std::chrono::steady_clock::now() + options_.at_end_max;
  const auto is_over = [end] { return std::chrono::steady_clock::now() >= end; };
  while (!stopped() && (!newest() || covered() < log_.last())) {
    switch (sign(is_over)) {
      case Attempt::kDone:
        return;
      case Attempt::kInterrupted:
        return listener_.failed("tiles.interrupted",
                                "expected time to hash every event, found too many: the next start goes on from there");
      case Attempt::kKeyInUse:
        if (is_over())
          return listener_.failed("audit_key.busy",
                                  "expected the audit key to be free, found it in use by another process");
        std::this_thread::sleep_for(kKeyTriedEvery);
    }
  }
}

std::optional<SignedCheckpoint> CheckpointKeeper::newest() const {
  const MutexLock lock(mutex_);
  return newest_;
}

bool CheckpointKeeper::stopped() const {
  const MutexLock lock(mutex_);
  return stopped_;
}

Sequence CheckpointKeeper::covered() const {
  const MutexLock lock(mutex_);
  return Sequence{newest_ ? newest_->tree.size : 0};
}

void CheckpointKeeper::keep(const std::stop_token& stop) {
  name_thread("checkpoints");
  // wait_past() returns true when there are events, even if a stop was requested too.
  const auto is_stopping = [&stop] { return stop.stop_requested(); };
  while (!stopped() && (!newest() || log_.wait_past(covered(), stop)) && !stop.stop_requested())
    (void)wait_unless_stopped(stop, sign(is_stopping) == Attempt::kKeyInUse ? kKeyTriedEvery : options_.every);
}

CheckpointKeeper::Attempt CheckpointKeeper::sign(const HashTiles::Interrupted& interrupted) {
  try {
    return try_to_sign(interrupted);
  } catch (const Failure& failure) {
    if (failure.code() == "tiles.interrupted") return Attempt::kInterrupted;
    if (failure.remedy() == Remedy::kDamageFound) {
      stop_by(failure.code(), failure.what());
    } else {
      listener_.failed(failure.code(), failure.what());
    }
  } catch (const std::exception& error) {
    stop_by("internal", error.what());
  }
  return Attempt::kDone;
}

void CheckpointKeeper::stop_by(std::string_view code, std::string_view what) {
  {
    const MutexLock lock(mutex_);
    stopped_ = true;
  }
  listener_.stopped(code, what);
}

CheckpointKeeper::Attempt CheckpointKeeper::try_to_sign(const HashTiles::Interrupted& interrupted) {
  const auto newest = [this] { return log_.head(); };
  (void)HashTiles(log_.store(), interrupted).catch_up(newest);
  ScopeTrees(log_.store(), interrupted).at_head(newest, [](const ScopesAtHead&) {});
  const std::optional<AuditKey> key = AuditKey::if_free(log_.store().directory());
  if (!key) return Attempt::kKeyInUse;
  const Prover prover(log_, interrupted);
  SignedCheckpoint made{prover.tree(), prover.checkpoint(*key), key->signer().verifier(), key->last_signed_at()};
  {
    const MutexLock lock(mutex_);
    newest_ = made;
  }
  listener_.signed_one(made);
  return Attempt::kDone;
}

}  // namespace runledger
