// Reads the bytes of a connection in large pieces, however small the pieces are that its reader asks for.
#pragma once

#include <array>
#include <cstddef>

#include "clients/cpp/stream_filter.h"

namespace runledger {

// An RPC message is read in three steps, of which the first two are a few bytes long. With this filter, they cost no
// system call of their own, and messages that arrive together are read together.
class ReadAhead final : public StreamFilter {
 public:
  using StreamFilter::StreamFilter;

  // At most kBytesAhead bytes are taken from the other end before anybody asks for them.
  static constexpr std::size_t kBytesAhead = 8192;

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    return read_on(static_cast<kj::byte*>(buffer), bytes_min, bytes_max, 0);
  }

 private:
  // `read` bytes are in `buffer` already.
  kj::Promise<std::size_t> read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max, std::size_t read);

  std::array<kj::byte, kBytesAhead> ahead_;
  std::size_t begin_ = 0;  // The bytes from here to `end_` were read ahead.
  std::size_t end_ = 0;
};

}  // namespace runledger
