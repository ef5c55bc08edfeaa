// The messages of one connection, and how much the other end leaves undone. For tools/daemon/rpc_*.cc alone; of the
// event loop's thread.
#pragma once

#include <capnp/serialize-async.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_set>

#include "tools/daemon/rpc/bytes.h"

namespace runledger {

// Until its caller says that it is finished with a call, the protocol has us keep the answer: whoever never says so
// would fill our memory, one answer after the other. So one call too many ends the connection, by an exception of
// reading. And whoever does not take its answers is read no further until it has. Of a stranger a message may not be
// long, because nobody has vouched for the memory that it takes; what comes behind the message that says who it is may
// be sent with it, however long.
class RpcStream final : public capnp::MessageStream {
 public:
  // In words. So long that a command of a caller whose token is not good still is answered with why.
  static constexpr std::uint64_t kStrangersMessageMax = 128 * 1024 / sizeof(capnp::word);

  struct Questions {
    std::function<bool()> is_full;      // Too much waits for the other end to take it.
    std::function<bool()> is_stranger;  // It has not said yet who it is.
  };
  // `bytes` is not owned and must outlive it.
  RpcStream(RpcBytes& bytes, std::size_t unfinished_max, Questions ask)
      : bytes_(bytes), messages_(bytes), unfinished_max_(unfinished_max), ask_(std::move(ask)) {}

  // Looks again whether it may read on. To be called when the other end has taken something; more often does no harm.
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
  kj::Promise<void> end() override { return messages_.end(); }

 private:
  [[nodiscard]] kj::Promise<void> room();
  [[nodiscard]] kj::Promise<void> known();
  void count(capnp::MessageReader& message);

  RpcBytes& bytes_;
  capnp::AsyncIoMessageStream messages_;
  std::size_t unfinished_max_;
  Questions ask_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // For room.
  std::unordered_set<std::uint32_t> unfinished_;            // The questions that were asked and not finished with.
};

}  // namespace runledger
