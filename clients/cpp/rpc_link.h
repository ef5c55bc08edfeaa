// The connection to a daemon: a thread with an event loop, which reconnects when the connection is lost.
//
// Only the clients and readers in this folder use it, and they may share one link.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <variant>

#include "clients/cpp/connect.h"
#include "ledger/base/failure.h"
#include "schema/rpc.capnp.h"

namespace runledger {

// Any number of threads may call at the same time.
class RpcLink {
 public:
  // The daemon's capabilities, each of which is requested at its first use. If the caller lacks the right to one, the
  // calls on it fail. Used on the link's thread only.
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

  // The outcome of a call:
  // - Done: the daemon carried it out;
  // - Rejection: the daemon refused the call as a whole;
  // - Failure: the daemon failed; or, with "daemon.unreachable", the call was never sent, because there was no
  //   connection until the time was up;
  // - Lost: the call may have been sent, and no answer came.
  struct Done {};
  struct Lost {};
  using Outcome = std::variant<Done, Rejection, Failure, Lost>;

  using Send = std::function<kj::Promise<void>(Capabilities&)>;
  // Runs `send` on the link's thread and waits for its promise. If the connection is lost, `send` runs again over a new
  // one, so its request must be repeatable; `send` stores its result for the caller, possibly more than once.
  //
  // `timeout` is how long the link tries to reconnect. The time limit for an answer is the longer of `timeout` and
  // the address's timeout, plus `pause`, which is for calls that the daemon delays on purpose.
  [[nodiscard]] Outcome call(const Send& send, std::chrono::milliseconds timeout, std::chrono::milliseconds pause = {});

  // Throws unless the outcome is Done: the Failure itself, a Rejection as a Failure (kCorrectInput), `lost` for Lost.
  static void need_done(const Outcome& outcome, const Failure& lost);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
