// Passes reads and writes on, and notes when bytes move.
#include "tools/daemon/rpc/bytes.h"

namespace runledger {

kj::Promise<std::size_t> RpcBytes::tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) {
  return read_on(static_cast<kj::byte*>(buffer), bytes_min, bytes_max, 0);
}

// Reads whatever comes, in a loop. A single read of `bytes_min` bytes would hide that some of them have arrived.
kj::Promise<std::size_t> RpcBytes::read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max,
                                           std::size_t read) {
  if (read >= bytes_min) return read;  // Of an empty message, nothing is read.
  return below()
      .tryRead(buffer + read, 1, bytes_max - read)
      .then([this, buffer, bytes_min, bytes_max, read](std::size_t count) -> kj::Promise<std::size_t> {
        if (count == 0) return read;
        active_at_ = now_;
        if (reading_since_ == nullptr) reading_since_ = active_at_;
        bytes_of_message_ += count;
        if (on_read) on_read();
        return read_on(buffer, bytes_min, bytes_max, read + count);
      });
}

kj::Promise<void> RpcBytes::write(const void* buffer, std::size_t size) {
  return noted(below().write(buffer, size));
}

kj::Promise<void> RpcBytes::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  return noted(below().write(pieces));
}

// Only one write is under way at a time: the RPC system waits for the end of each.
kj::Promise<void> RpcBytes::noted(kj::Promise<void> writing) {
  writing_since_ = now_;
  return writing.then([this] {
    writing_since_ = nullptr;
    active_at_ = now_;
    if (on_taken) on_taken();
  });
}

}  // namespace runledger
