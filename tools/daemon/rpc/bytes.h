// The bytes of one connection over RPC, with a note of when they came and went: how a caller that stands still is
// known. For tools/daemon/rpc_*.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <functional>

namespace runledger {

// Passes everything on.
class RpcBytes final : public kj::AsyncIoStream {
 public:
  // `now` is the time, whenever it is looked at. Not owned; must outlive it.
  RpcBytes(kj::Own<kj::AsyncIoStream> inner, const kj::TimePoint& now)
      : inner_(kj::mv(inner)), now_(now), active_at_(now) {}

  // When something was last read, or the other end had last taken what was written.
  [[nodiscard]] kj::TimePoint active_at() const { return active_at_; }
  // When the first byte of the message came that is not whole yet; absent between two messages.
  [[nodiscard]] kj::Maybe<kj::TimePoint> reading_since() const { return reading_since_; }
  // When the writing began of what the other end has not taken yet; absent when it has taken all.
  [[nodiscard]] kj::Maybe<kj::TimePoint> writing_since() const { return writing_since_; }

  // How much has come of that message.
  [[nodiscard]] std::size_t bytes_of_message() const { return bytes_of_message_; }

  void message_is_whole() {
    reading_since_ = nullptr;
    bytes_of_message_ = 0;
  }
  std::function<void()> on_taken;  // Called each time that the other end has taken what was written,
  std::function<void()> on_read;   // and that something more of a message has come.

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override;
  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }
  void abortRead() override { inner_->abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    inner_->getsockopt(level, option, value, length);
  }

 private:
  kj::Promise<std::size_t> read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max, std::size_t read);
  kj::Promise<void> noted(kj::Promise<void> writing);

  kj::Own<kj::AsyncIoStream> inner_;
  const kj::TimePoint& now_;
  kj::TimePoint active_at_;
  kj::Maybe<kj::TimePoint> reading_since_;
  std::size_t bytes_of_message_ = 0;
  kj::Maybe<kj::TimePoint> writing_since_;
};

}  // namespace runledger
