// Reads the bytes of a connection in large pieces, however small the pieces are that its reader asks for.
#pragma once

#include <kj/async-io.h>

#include <array>
#include <cstddef>

namespace runledger {

// A filter on a stream. An RPC message is read in three steps, of which the first two are a few bytes long; with this
// filter, they cost no system call of their own, and messages that arrive together are read together. Used by one
// thread.
class ReadAhead final : public kj::AsyncIoStream {
 public:
  explicit ReadAhead(kj::Own<kj::AsyncIoStream> inner) : inner_(kj::mv(inner)) {}

  // At most kBytesAhead bytes are taken from the other end before anybody asks for them.
  static constexpr std::size_t kBytesAhead = 8192;

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    return read_on(static_cast<kj::byte*>(buffer), bytes_min, bytes_max, 0);
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override { return inner_->write(buffer, size); }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return inner_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return inner_->whenWriteDisconnected(); }
  void shutdownWrite() override { inner_->shutdownWrite(); }
  void abortRead() override { inner_->abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    inner_->getsockopt(level, option, value, length);
  }

 private:
  // `read` bytes are in `buffer` already.
  kj::Promise<std::size_t> read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max, std::size_t read);

  kj::Own<kj::AsyncIoStream> inner_;
  std::array<kj::byte, kBytesAhead> ahead_;
  std::size_t begin_ = 0;  // The bytes from here to `end_` were read ahead.
  std::size_t end_ = 0;
};

}  // namespace runledger
