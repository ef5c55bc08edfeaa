// The other end of an RPC connection, played by hand: it can say what no library would.
#pragma once

#include <capnp/rpc.capnp.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "schema/rpc.capnp.h"

namespace runledger {

class RpcPeer {
 public:
  // Aborts when nobody listens there.
  explicit RpcPeer(const std::filesystem::path& socket);
  // Over TCP, on this machine.
  explicit RpcPeer(std::uint16_t port);
  ~RpcPeer();
  RpcPeer(const RpcPeer&) = delete;
  RpcPeer& operator=(const RpcPeer&) = delete;

  // False: the other side has closed.
  bool send(std::string_view bytes) const;

  // The next message that comes; nothing when the other side has closed. Fails the test after a minute of silence.
  [[nodiscard]] std::optional<std::string> next();

  // What the question is answered with: "results"; "exception: TEXT"; "abort: TEXT" or "closed" where that ends the
  // connection; "unimplemented" where a message was not understood.
  [[nodiscard]] std::string answer_to(std::uint32_t question);
  // Until the other side has closed, whatever it still says.
  [[nodiscard]] bool is_closed();

 private:
  struct Connected {
    int socket = -1;
  };
  explicit RpcPeer(Connected connected);

  int socket_;
  std::string received_;
};

// --- messages that it may send, as bytes -----------------------------------------------------------------------------

using FillMessage = std::function<void(capnp::rpc::Message::Builder)>;
using FillParams = std::function<void(capnp::AnyPointer::Builder)>;

[[nodiscard]] std::string rpc_message(const FillMessage& fill);

// Question 0 of every conversation; its answer is the Gate.
[[nodiscard]] std::string rpc_bootstrap(std::uint32_t question = 0);

struct RpcCall {
  std::uint32_t question = 0;
  std::uint32_t on = 0;  // The question whose answer's first capability is called.
  std::uint64_t interface = 0;
  std::uint16_t method = 0;
};
[[nodiscard]] std::string rpc_call(const RpcCall& call, const FillParams& fill = {});
[[nodiscard]] std::string rpc_finish(std::uint32_t question);

// Bootstrap as question 0, the session as 1, its Requester as 2: what a good conversation begins with.
// `token` empty: the owner's.
[[nodiscard]] std::string rpc_opening(const std::string& token = "");
// A good request on the Requester of rpc_opening().
[[nodiscard]] std::string rpc_request(std::uint32_t question, unsigned number);
// An Auditor of the session as the question, and as the next one a subscription of it, with no sink.
[[nodiscard]] std::string rpc_subscription(std::uint32_t question);
// A subscription of the Auditor that question `on` gave, to a sink of the peer's own, which takes what nobody answers.
[[nodiscard]] std::string rpc_subscription_to_sink(std::uint32_t question, std::uint32_t on);

}  // namespace runledger
