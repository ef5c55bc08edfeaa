// Serves reads from what was read ahead, and reads more when that is not enough.
#include "clients/cpp/read_ahead.h"

#include <algorithm>

namespace runledger {

kj::Promise<std::size_t> ReadAhead::read_on(kj::byte* buffer, std::size_t bytes_min, std::size_t bytes_max,
                                            std::size_t read) {
  const std::size_t taken = std::min(end_ - begin_, bytes_max - read);
  std::copy_n(ahead_.begin() + begin_, taken, buffer + read);  // A read of nothing may have no buffer.
  begin_ += taken;
  read += taken;
  if (read >= bytes_min) return read;
  if (bytes_max - read >= ahead_.size()) {  // A large read needs no copy.
    return below().tryRead(buffer + read, bytes_min - read, bytes_max - read).then([read](std::size_t count) {
      return read + count;
    });
  }
  return below()
      .tryRead(ahead_.data(), 1, ahead_.size())
      .then([this, buffer, bytes_min, bytes_max, read](std::size_t count) -> kj::Promise<std::size_t> {
        if (count == 0) return read;  // The end of the stream.
        begin_ = 0;
        end_ = count;
        return read_on(buffer, bytes_min, bytes_max, read);
      });
}

}  // namespace runledger
