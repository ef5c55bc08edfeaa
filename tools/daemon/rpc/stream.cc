// Inspects every message before the RPC system sees it.
#include "tools/daemon/rpc/stream.h"

#include <capnp/rpc.capnp.h>

namespace runledger {

kj::Promise<void> RpcStream::room() {
  if (!ask_.is_full()) return kj::READY_NOW;
  auto pair = kj::newPromiseAndFulfiller<void>();
  waiting_ = kj::mv(pair.fulfiller);
  return pair.promise.then([this] { return room(); });
}

// Waits until the earlier messages have taken effect: one of them may have authenticated the caller.
kj::Promise<void> RpcStream::known() const {
  if (!ask_.is_unauthenticated()) return kj::READY_NOW;
  return kj::evalLast([] {});
}

void RpcStream::look_again() {
  KJ_IF_MAYBE (waiting, waiting_) {
    auto woken = kj::mv(*waiting);
    waiting_ = nullptr;
    woken->fulfill();
  }
}

kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> RpcStream::tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> files,
                                                                             capnp::ReaderOptions options,
                                                                             kj::ArrayPtr<capnp::word> scratch) {
  if (!ask_.is_unauthenticated() && !ask_.is_full()) return read_next(files, options, scratch);  // Nearly always.
  return known().then([this] { return room(); }).then([this, files, options, scratch] {
    return read_next(files, options, scratch);
  });
}

kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> RpcStream::read_next(kj::ArrayPtr<kj::AutoCloseFd> files,
                                                                        capnp::ReaderOptions options,
                                                                        kj::ArrayPtr<capnp::word> scratch) {
  if (ask_.is_unauthenticated()) options.traversalLimitInWords = kUnauthenticatedMessageMax;
  return messages_.tryReadMessage(files, options, scratch).then([this](kj::Maybe<capnp::MessageReaderAndFds>&& read) {
    bytes_.message_is_whole();
    KJ_IF_MAYBE (message, read) count(*message->reader);
    return kj::mv(read);
  });
}

void RpcStream::count(capnp::MessageReader& message) {
  const auto root = message.getRoot<capnp::rpc::Message>();
  if (root.isFinish()) {
    unfinished_.erase(root.getFinish().getQuestionId());
  } else if (root.isCall()) {
    unfinished_.insert(root.getCall().getQuestionId());
  } else if (root.isBootstrap()) {
    unfinished_.insert(root.getBootstrap().getQuestionId());
  }
  if (unfinished_.size() <= unfinished_max_) return;
  kj::throwFatalException(kj::Exception(kj::Exception::Type::OVERLOADED, __FILE__, __LINE__,
                                        kj::heapString("overloaded: too many calls that were never finished")));
}

}  // namespace runledger
