// Two buffers: one that writes are copied to, and one that the stream below is writing.
#include "clients/cpp/gathered_writes.h"

#include <utility>

namespace runledger {

kj::Promise<void> GatheredWrites::write(const void* buffer, std::size_t size) {
  const kj::ArrayPtr<const kj::byte> piece(static_cast<const kj::byte*>(buffer), size);
  if (unfinished() + size > kBytesGathered)
    return flush().then([this, piece] { return below().write(piece.begin(), piece.size()); });
  gather(piece);
  return pass_on_later();
}

kj::Promise<void> GatheredWrites::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  std::size_t size = 0;
  for (const auto& piece : pieces) size += piece.size();
  if (unfinished() + size > kBytesGathered) return flush().then([this, pieces] { return below().write(pieces); });
  for (const auto& piece : pieces) gather(piece);
  return pass_on_later();
}

kj::Promise<void> GatheredWrites::flush() {
  KJ_IF_MAYBE (error, failed_) return kj::cp(*error);
  if (!is_passing_on_) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waiting_ = kj::mv(pair.fulfiller);
  return kj::mv(pair.promise);
}

void GatheredWrites::shutdownWrite() {
  if (!is_passing_on_) return below().shutdownWrite();
  is_ending_ = true;
}

kj::Promise<void> GatheredWrites::pass_on_later() {
  KJ_IF_MAYBE (error, failed_) return kj::cp(*error);
  if (std::exchange(is_passing_on_, true)) return kj::READY_NOW;
  passing_on_ = kj::evalLast([this] { return pass_on(); })
                    .then([this] { finish(nullptr); }, [this](kj::Exception&& error) { finish(kj::mv(error)); })
                    .eagerlyEvaluate(nullptr);
  return kj::READY_NOW;
}

// Goes on until nothing was gathered while the stream below was writing.
kj::Promise<void> GatheredWrites::pass_on() {
  passed_on_.clear();
  if (gathered_.empty()) return kj::READY_NOW;
  std::swap(passed_on_, gathered_);
  return below().write(passed_on_.data(), passed_on_.size()).then([this] { return pass_on(); });
}

void GatheredWrites::finish(kj::Maybe<kj::Exception> error) {
  is_passing_on_ = false;
  failed_ = kj::mv(error);
  if (is_ending_) below().shutdownWrite();
  KJ_IF_MAYBE (waiting, waiting_) {
    auto woken = kj::mv(*waiting);
    waiting_ = nullptr;
    KJ_IF_MAYBE (reason, failed_) {
      woken->reject(kj::cp(*reason));
    } else {
      woken->fulfill();
    }
  }
}

}  // namespace runledger
