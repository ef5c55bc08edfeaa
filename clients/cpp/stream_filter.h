// A stream that passes every operation on to another one.
#pragma once

#include <kj/async-io.h>

#include <cstddef>

namespace runledger {

// The base of the filters on the stream of a connection: each overrides what it changes. Used by one thread.
class StreamFilter : public kj::AsyncIoStream {
 public:
  explicit StreamFilter(kj::Own<kj::AsyncIoStream> below) : below_(kj::mv(below)) {}

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    return below_->tryRead(buffer, bytes_min, bytes_max);
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override { return below_->write(buffer, size); }
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override {
    return below_->write(pieces);
  }
  kj::Promise<void> whenWriteDisconnected() override { return below_->whenWriteDisconnected(); }
  void shutdownWrite() override { below_->shutdownWrite(); }
  void abortRead() override { below_->abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    below_->getsockopt(level, option, value, length);
  }

 protected:
  [[nodiscard]] kj::AsyncIoStream& below() { return *below_; }

 private:
  kj::Own<kj::AsyncIoStream> below_;
};

}  // namespace runledger
