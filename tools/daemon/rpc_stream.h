// The messages of one connection, and how much the other end leaves undone. For tools/daemon/rpc_*.cc alone; of the
// event loop's thread.
#pragma once

#include <capnp/serialize-async.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <unordered_set>

#include "tools/daemon/rpc_bytes.h"

namespace runledger {

// Until its caller says that it is finished with a call, the protocol has us keep the answer: whoever never says so
// would fill our memory, one answer after the other. So one call too many ends the connection, by an exception of
// reading. And whoever does not take its answers is read no further until it has.
class RpcStream final : public capnp::MessageStream {
 public:
  // `bytes` is not owned and must outlive it. `is_full`: too much waits for the other end to take it.
  RpcStream(RpcBytes& bytes, std::size_t unfinished_max, std::function<bool()> is_full)
      : bytes_(bytes), messages_(bytes), unfinished_max_(unfinished_max), is_full_(std::move(is_full)) {}

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
  void count(capnp::MessageReader& message);

  RpcBytes& bytes_;
  capnp::AsyncIoMessageStream messages_;
  std::size_t unfinished_max_;
  std::function<bool()> is_full_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;  // For room.
  std::unordered_set<std::uint32_t> unfinished_;            // The questions that were asked and not finished with.
};

}  // namespace runledger
