// Passes on together what is written in one turn of the event loop.
#pragma once

#include <cstddef>
#include <vector>

#include "clients/cpp/stream_filter.h"

namespace runledger {

// A write is copied, and counts as done immediately; the copies of one turn of the event loop go to the stream below in
// one write, once nothing else is left to do in the turn. So the answers to a commit cost one system call for each
// connection, and so do a call and the end of the call before it. A write that finds kBytesGathered waiting for the
// other end waits as well, and is then passed on without a copy.
//
// Only one write or flush() may be under way at a time, as the RPC system ensures. An error of the stream below fails
// the next of them. Destroying the filter drops what it has not passed on.
class GatheredWrites final : public StreamFilter {
 public:
  static constexpr std::size_t kBytesGathered = 16UL * 1024;

  using StreamFilter::StreamFilter;

  // How many bytes were written to the filter that the stream below has not finished writing.
  [[nodiscard]] std::size_t unfinished() const { return gathered_.size() + passed_on_.size(); }
  // Is fulfilled when there are none.
  [[nodiscard]] kj::Promise<void> flush();

  kj::Promise<void> write(const void* buffer, std::size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  // What was gathered is passed on before the end.
  void shutdownWrite() override;

 private:
  void gather(kj::ArrayPtr<const kj::byte> bytes) { gathered_.insert(gathered_.end(), bytes.begin(), bytes.end()); }
  [[nodiscard]] kj::Promise<void> pass_on_later();
  [[nodiscard]] kj::Promise<void> pass_on();
  void finish(kj::Maybe<kj::Exception> error);

  std::vector<kj::byte> gathered_;
  std::vector<kj::byte> passed_on_;                         // Being written.
  bool is_passing_on_ = false;                              // Or will, at the end of the turn.
  bool is_ending_ = false;                                  // shutdownWrite() was called meanwhile.
  kj::Maybe<kj::Exception> failed_;                         // The error of the stream below.
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // Present while flush() waits.
  kj::Promise<void> passing_on_ = kj::READY_NOW;
};

}  // namespace runledger
