// The messages of one connection, and how much the other end leaves unfinished. For rpc_server.cc alone.
#pragma once

#include <capnp/serialize-async.h>

#include <cstddef>
#include <cstdint>
#include <unordered_set>

namespace runledger {

// Until its caller says that it is finished with a call, the protocol has us keep the answer: whoever never says so
// would fill our memory, one answer after the other. So one call too many ends the connection, by an exception of
// reading. Of the event loop's thread.
class RpcStream final : public capnp::MessageStream {
 public:
  // `stream` is not owned and must outlive it.
  RpcStream(kj::AsyncIoStream& stream, std::size_t unfinished_max)
      : messages_(stream), unfinished_max_(unfinished_max) {}

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
  void count(capnp::MessageReader& message);

  capnp::AsyncIoMessageStream messages_;
  std::size_t unfinished_max_;
  std::unordered_set<std::uint32_t> unfinished_;  // The questions that were asked and not finished with.
};

}  // namespace runledger
