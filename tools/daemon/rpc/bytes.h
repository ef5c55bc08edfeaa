// The bytes of one RPC connection, with the times at which they moved, by which a stalled caller is recognised. Only
// tools/daemon/rpc/ uses it.
#pragma once

#include <cstddef>
#include <functional>

#include "clients/cpp/stream_filter.h"

namespace runledger {

// A filter on the stream of a connection that changes nothing. Used by the event loop's thread only.
class RpcBytes final : public StreamFilter {
 public:
  // Reads the time from `now`, which is not owned and must outlive the stream.
  RpcBytes(kj::Own<kj::AsyncIoStream> inner, const kj::TimePoint& now)
      : StreamFilter(kj::mv(inner)), now_(now), active_at_(now) {}

  // When bytes last arrived, or when the other end last finished taking a write.
  [[nodiscard]] kj::TimePoint active_at() const { return active_at_; }
  // When the first byte of the incomplete message arrived; absent between two messages.
  [[nodiscard]] kj::Maybe<kj::TimePoint> reading_since() const { return reading_since_; }
  // When the write began that the other end has not taken yet; absent when it has taken everything.
  [[nodiscard]] kj::Maybe<kj::TimePoint> writing_since() const { return writing_since_; }

  // How many bytes of the incomplete message have arrived.
  [[nodiscard]] std::size_t bytes_of_message() const { return bytes_of_message_; }

  // The reader of messages calls it after each complete message, since this class does not know their borders.
  void message_is_whole() {
    reading_since_ = nullptr;
    bytes_of_message_ = 0;
  }
  std::function<void()> on_taken;  // Called each time the other end has taken a write. May be empty.
  std::function<void()> on_read;   // Called each time bytes of a message arrive. May be empty.

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override;
  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;

 private:
  kj::Promise<std::size_t> read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max, std::size_t read);
  kj::Promise<void> noted(kj::Promise<void> writing);

  const kj::TimePoint& now_;
  kj::TimePoint active_at_;
  kj::Maybe<kj::TimePoint> reading_since_;
  std::size_t bytes_of_message_ = 0;
  kj::Maybe<kj::TimePoint> writing_since_;
};

}  // namespace runledger
