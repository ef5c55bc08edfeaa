// The messages of one RPC connection, and limits on what the caller leaves unfinished. Only tools/daemon/rpc/ uses it.
#pragma once

#include <capnp/serialize-async.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_set>

#include "clients/cpp/gathered_writes.h"
#include "tools/daemon/rpc/bytes.h"

namespace runledger {

// A filter between the RPC system and the bytes of a connection, with three limits. Used by the event loop's thread
// only.
//   - The protocol makes us keep each answer until its caller sends Finish for the call. A caller that never does would
//     fill our memory, so one unfinished call too many ends the connection, by an exception from tryReadMessage().
//   - While a caller does not take its answers, its messages are not read.
//   - Before authentication a message may have at most kUnauthenticatedMessageMax words. Messages after the one that
//     authenticates may be longer, even if they are sent together with it.
class RpcStream final : public capnp::MessageStream {
 public:
  // In words. Large enough that a caller with an invalid token still gets its command answered with the reason.
  static constexpr std::uint64_t kUnauthenticatedMessageMax = 128 * 1024 / sizeof(capnp::word);

  struct Questions {
    std::function<bool()> is_full;             // Whether the caller has too many answers to take.
    std::function<bool()> is_unauthenticated;  // Whether the caller has not authenticated yet.
  };
  // `bytes` is not owned and must outlive the stream. `unfinished_max` limits the calls without a Finish.
  RpcStream(RpcBytes& bytes, std::size_t unfinished_max, Questions ask)
      : bytes_(bytes),
        writes_(kj::Own<kj::AsyncIoStream>(&bytes, kj::NullDisposer::instance)),
        messages_(writes_),
        unfinished_max_(unfinished_max),
        ask_(std::move(ask)) {}

  // How many bytes of messages the stream was given that the caller has not taken.
  [[nodiscard]] std::size_t untaken() const { return writes_.unfinished(); }

  // Checks again whether it may read the next message. Must be called when the caller has taken bytes; calling it more
  // often is harmless.
  void look_again();

  kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> files,
                                                                    capnp::ReaderOptions options,
                                                                    kj::ArrayPtr<capnp::word> scratch) override;
  kj::Promise<void> writeMessage(kj::ArrayPtr<const int> files,
                                 kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override {
    return messages_.writeMessage(files, segments);
  }
  kj::Promise<void> writeMessages(kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> messages) override {
    return messages_.writeMessages(messages);
  }
  kj::Maybe<int> getSendBufferSize() override { return messages_.getSendBufferSize(); }
  kj::Promise<void> end() override {
    return writes_.flush().then([this] { return messages_.end(); });
  }

 private:
  [[nodiscard]] kj::Promise<void> room();
  [[nodiscard]] kj::Promise<void> known() const;
  [[nodiscard]] kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> read_next(kj::ArrayPtr<kj::AutoCloseFd> files,
                                                                             capnp::ReaderOptions options,
                                                                             kj::ArrayPtr<capnp::word> scratch);
  void count(capnp::MessageReader& message);

  RpcBytes& bytes_;
  GatheredWrites writes_;
  capnp::AsyncIoMessageStream messages_;
  std::size_t unfinished_max_;
  Questions ask_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // Present while room() waits for look_again().
  std::unordered_set<std::uint32_t> unfinished_;            // The ids of questions without a Finish.
};

}  // namespace runledger
