// The other end of an RPC connection, made by hand, which can send messages that no library would send.
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
  // Aborts when no daemon listens on the socket.
  explicit RpcPeer(const std::filesystem::path& socket);
  // Connects over TCP on this machine.
  explicit RpcPeer(std::uint16_t port);
  ~RpcPeer();
  RpcPeer(const RpcPeer&) = delete;
  RpcPeer& operator=(const RpcPeer&) = delete;

  // Returns false when the daemon has closed the connection.
  bool send(std::string_view bytes) const;

  // Returns the next message; nullopt when the daemon has closed the connection. Fails the test after a minute of
  // silence.
  [[nodiscard]] std::optional<std::string> next();

  // Waits for the answer to a question and returns "results" or "exception: TEXT"; "abort: TEXT" or "closed" when the
  // connection ends; "unimplemented" when the daemon did not understand a message.
  [[nodiscard]] std::string answer_to(std::uint32_t question);
  // Reads and drops messages until the daemon closes the connection.
  [[nodiscard]] bool is_closed();

 private:
  struct Connected {
    int socket = -1;
  };
  explicit RpcPeer(Connected connected);

  int socket_;
  std::string received_;
};

// --- messages that a peer may send, as bytes -------------------------------------------------------------------------

using FillMessage = std::function<void(capnp::rpc::Message::Builder)>;
using FillParams = std::function<void(capnp::AnyPointer::Builder)>;

[[nodiscard]] std::string rpc_message(const FillMessage& fill);

// Question 0 of every conversation. Its answer is the Gate.
[[nodiscard]] std::string rpc_bootstrap(std::uint32_t question = 0);

struct RpcCall {
  std::uint32_t question = 0;
  std::uint32_t on = 0;  // The method is called on the first capability in the answer to this question.
  std::uint64_t interface = 0;
  std::uint16_t method = 0;
};
[[nodiscard]] std::string rpc_call(const RpcCall& call, const FillParams& fill = {});
[[nodiscard]] std::string rpc_finish(std::uint32_t question);

// A good opening: the bootstrap is question 0, the session question 1, and its Requester question 2. An empty `token`
// means the owner.
[[nodiscard]] std::string rpc_opening(const std::string& token = "");
// A good request to the Requester of rpc_opening().
[[nodiscard]] std::string rpc_request(std::uint32_t question, unsigned number);
// Asks for an Auditor of the session, and in the next question for a subscription of it without a sink.
[[nodiscard]] std::string rpc_subscription(std::uint32_t question);
// Asks the Auditor of question `on` for a subscription to a sink of the peer, which never answers.
[[nodiscard]] std::string rpc_subscription_to_sink(std::uint32_t question, std::uint32_t on);

}  // namespace runledger
