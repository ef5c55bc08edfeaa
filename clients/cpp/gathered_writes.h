// Writes what is written in one turn of the event loop together.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <vector>

namespace runledger {

// A filter on a stream. A write is copied, and counts as done immediately; the copies of one turn of the event loop go
// to the stream below in one write, once nothing else is left to do in the turn. So the answers to a commit cost one
// system call for each connection, and so do a call and the end of the call before it. A write finds no room while
// kBytesGathered wait for the other end; it then waits itself, and is not copied. Used by one thread. Only one write
// may be under way at a time, as the RPC system ensures.
//
// An error of the stream below fails the next write. Destroying the filter drops what it has not passed on; flush()
// waits until it has passed on everything.
class GatheredWrites final : public kj::AsyncIoStream {
 public:
  static constexpr std::size_t kBytesGathered = 64UL * 1024;

  // `below` is not owned and must outlive the filter.
  explicit GatheredWrites(kj::AsyncIoStream& below) : below_(below) {}

  // How many bytes were written to the filter that the stream below has not finished writing.
  [[nodiscard]] std::size_t unfinished() const { return gathered_.size() + passed_on_.size(); }
  [[nodiscard]] kj::Promise<void> flush();

  kj::Promise<std::size_t> tryRead(void* buffer, std::size_t bytes_min, std::size_t bytes_max) override {
    return below_.tryRead(buffer, bytes_min, bytes_max);
  }
  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override { return below_.whenWriteDisconnected(); }
  // What was gathered is passed on before the end, unless the filter is destroyed first.
  void shutdownWrite() override;
  void abortRead() override { below_.abortRead(); }
  void getsockopt(int level, int option, void* value, kj::uint* length) override {
    below_.getsockopt(level, option, value, length);
  }

 private:
  void gather(kj::ArrayPtr<const kj::byte> bytes) { gathered_.insert(gathered_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] kj::Promise<void> pass_on_later();
  [[nodiscard]] kj::Promise<void> pass_on();
  void end(kj::Maybe<kj::Exception> error);

  kj::AsyncIoStream& below_;
  std::vector<kj::byte> gathered_;
  std::vector<kj::byte> passed_on_;                         // Being written.
  bool is_passing_on_ = false;                              // Or will, at the end of the turn.
  bool is_ending_ = false;                                  // shutdownWrite() was called meanwhile.
  kj::Maybe<kj::Exception> failed_;                         // The error of the stream below.
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // Present while flush() waits.
  kj::Promise<void> passing_on_ = kj::READY_NOW;
};

}  // namespace runledger
