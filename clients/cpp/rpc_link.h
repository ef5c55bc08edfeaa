// The connection to a daemon: a thread with an event loop, and another try when it is lost.
//
// For the client and the reader, which may share one; nothing else sees it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <variant>

#include "clients/cpp/connect.h"
#include "ledger/base/failure.h"
#include "ledger/client.h"
#include "schema/rpc.capnp.h"

namespace runledger {

// Any number of threads may call at once.
class RpcLink {
 public:
  // What the daemon hands out, each asked for when it is first used. A right that is missing shows in what it is used
  // for. Of the link's thread.
  class Capabilities {
   public:
    explicit Capabilities(rpc::Session::Client session) : session_(kj::mv(session)) {}

    [[nodiscard]] rpc::Requester::Client& requester();
    [[nodiscard]] rpc::Worker::Client& worker();
    [[nodiscard]] rpc::Auditor::Client& auditor();
    [[nodiscard]] rpc::Reader::Client& reader();
    [[nodiscard]] rpc::Operator::Client& operate();

   private:
    rpc::Session::Client session_;
    kj::Maybe<rpc::Requester::Client> requester_;
    kj::Maybe<rpc::Worker::Client> worker_;
    kj::Maybe<rpc::Auditor::Client> auditor_;
    kj::Maybe<rpc::Reader::Client> reader_;
    kj::Maybe<rpc::Operator::Client> operator_;
  };

  // Throws as connect_link() does.
  explicit RpcLink(DaemonAddress address);
  ~RpcLink();
  RpcLink(const RpcLink&) = delete;
  RpcLink& operator=(const RpcLink&) = delete;

  [[nodiscard]] const DaemonAddress& address() const noexcept;

  // What came of a call: carried out, refused as a whole, failed in the daemon or, with "daemon.unreachable", never
  // sent, because nobody was there until the patience was over; or lost: it was sent, and no answer came.
  struct Done {};
  struct Lost {};
  using Outcome = std::variant<Done, Rejection, Failure, Lost>;

  using Send = std::function<kj::Promise<void>(Capabilities&)>;
  // Sends on the link's thread and waits. A call that was lost is sent again over a new connection, so it must be one
  // that can be repeated; `send` leaves its result where the caller looks for it, and may do so more than once.
  //
  // `patience`: how long a new connection is tried for. An answer is waited for as long as the address's patience says,
  // and for `pause` more, which is for calls that the daemon answers late on purpose.
  [[nodiscard]] Outcome call(const Send& send, std::chrono::milliseconds patience,
                             std::chrono::milliseconds pause = {});

  // Throws what is not Done; `lost` where the call was.
  static void need_done(const Outcome& outcome, const Failure& lost);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
