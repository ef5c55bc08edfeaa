// The key is locked before the log's head is read: whoever signs next then sees at least as many events.
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
constexpr std::chrono::milliseconds kKeyAwaitedAtEnd{5'000};

}  // namespace

CheckpointKeeper::CheckpointKeeper(const EventLog& log, std::chrono::milliseconds every, Listener listener)
    : log_(log), every_(every), listener_(std::move(listener)) {
  (void)read_audit_key(log.store().directory());
  thread_ = std::jthread([this](const std::stop_token& stop) { keep(stop); });
}

CheckpointKeeper::~CheckpointKeeper() {
  thread_.request_stop();
  thread_.join();
  const auto end = std::chrono::steady_clock::now() + kKeyAwaitedAtEnd;
  while (!stopped() && (!newest() || covered() < log_.last()) && sign() == Attempt::kKeyInUse) {
    if (std::chrono::steady_clock::now() >= end) {
      listener_.failed("audit_key.busy", "expected the audit key to be free, found it in use by another process");
      return;
    }
    std::this_thread::sleep_for(kKeyTriedEvery);
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
  while (!stopped() && (!newest() || log_.wait_past(covered(), stop)) && !stop.stop_requested())
    (void)wait_unless_stopped(stop, sign() == Attempt::kKeyInUse ? kKeyTriedEvery : every_);
}

CheckpointKeeper::Attempt CheckpointKeeper::sign() {
  try {
    return try_to_sign();
  } catch (const Failure& failure) {
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

CheckpointKeeper::Attempt CheckpointKeeper::try_to_sign() {
  const std::optional<AuditKey> key = AuditKey::if_free(log_.store().directory());
  if (!key) return Attempt::kKeyInUse;
  const Prover prover(log_);
  SignedCheckpoint made{prover.tree(), prover.checkpoint(*key), key->signer().verifier()};
  {
    const MutexLock lock(mutex_);
    newest_ = made;
  }
  listener_.signed_one(made);
  return Attempt::kDone;
}

}  // namespace runledger
