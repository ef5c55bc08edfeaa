// Writes messages with the library's own builder, and reads answers with its reader.
#include "tests/tools/daemon/rpc/rpc_peer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "ledger/base/assert.h"
#include "tests/fixtures/world/rpc_wire.h"
#include "tests/fixtures/world/tls_client.h"
#include "tests/fixtures/world/unix_socket.h"

namespace runledger {
namespace {

constexpr timeval kSocketTimeout = {.tv_sec = 60, .tv_usec = 0};

}  // namespace

RpcPeer::RpcPeer(const std::filesystem::path& socket) : RpcPeer(Connected{connect_to_unix_socket(socket)}) {}

RpcPeer::RpcPeer(std::uint16_t port) : RpcPeer(Connected{connect_to_port(port)}) {}

RpcPeer::RpcPeer(Connected connected) : socket_(connected.socket) {
  RUNLEDGER_ASSERT(socket_ >= 0);
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &kSocketTimeout, sizeof(kSocketTimeout));
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &kSocketTimeout, sizeof(kSocketTimeout));
}

RpcPeer::~RpcPeer() {
  ::close(socket_);
}

bool RpcPeer::send(std::string_view bytes) const {
  return send_all(socket_, bytes);
}

std::optional<std::string> RpcPeer::next() {
  std::array<char, 65536> buffer{};
  for (;;) {
    if (const std::size_t size = wire_format::first_message(received_); size > 0) {
      std::string message = received_.substr(0, size);
      received_.erase(0, size);
      return message;
    }
    errno = 0;
    const std::string_view bytes = receive(socket_, buffer);
    if (bytes.empty()) {
      EXPECT_NE(errno, EAGAIN) << "neither an answer nor an end arrived";
      return std::nullopt;
    }
    received_ += bytes;
  }
}

std::string RpcPeer::answer_to(std::uint32_t question) {
  while (const std::optional<std::string> message = next()) {
    const std::string answer = wire_format::read_message(*message, [&](capnp::MessageReader& reader) -> std::string {
      const auto root = reader.getRoot<capnp::rpc::Message>();
      if (root.isAbort()) return fmt::format("abort: {}", root.getAbort().getReason().cStr());
      if (root.isUnimplemented()) return "unimplemented";
      if (!root.isReturn() || root.getReturn().getAnswerId() != question) return "";
      if (!root.getReturn().isException()) return "results";
      return fmt::format("exception: {}", root.getReturn().getException().getReason().cStr());
    });
    if (!answer.empty()) return answer;
  }
  return "closed";
}

bool RpcPeer::is_closed() {
  while (next()) {
  }
  return errno != EAGAIN;
}

std::string rpc_message(const FillMessage& fill) {
  capnp::MallocMessageBuilder message;
  fill(message.initRoot<capnp::rpc::Message>());
  return wire_format::to_bytes(message);
}

std::string rpc_bootstrap(std::uint32_t question) {
  return rpc_message([&](auto message) { message.initBootstrap().setQuestionId(question); });
}

std::string rpc_call(const RpcCall& call, const FillParams& fill) {
  return rpc_message([&](auto message) {
    auto out = message.initCall();
    out.setQuestionId(call.question);
    auto answer = out.initTarget().initPromisedAnswer();
    answer.setQuestionId(call.on);
    // The answer of the bootstrap is the capability itself. Other answers are structs that contain one.
    if (call.on != 0) answer.initTransform(1)[0].setGetPointerField(0);
    out.setInterfaceId(call.interface);
    out.setMethodId(call.method);
    if (fill) fill(out.initParams().getContent());
  });
}

std::string rpc_finish(std::uint32_t question) {
  return rpc_message([&](auto message) { message.initFinish().setQuestionId(question); });
}

std::string rpc_opening(const std::string& token) {
  return rpc_bootstrap() +
         rpc_call(
             {.question = 1, .on = 0, .interface = capnp::typeId<rpc::Gate>(), .method = 0},
             [&](auto params) { params.template initAs<rpc::Gate::AuthenticateParams>().setToken(token.c_str()); }) +
         rpc_call({.question = 2, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 0});
}

std::string rpc_request(std::uint32_t question, unsigned number) {
  return rpc_call({.question = question, .on = 2, .interface = capnp::typeId<rpc::Requester>(), .method = 0},
                  [&](auto params) {
                    auto order = params.template initAs<rpc::Requester::RequestParams>().initOrders(1)[0];
                    order.setWorkspace("acme");
                    order.setType("demo.sync");
                    order.setInput(fmt::format("{{\"n\":{}}}", number).c_str());
                  });
}

std::string rpc_subscription(std::uint32_t question) {
  return rpc_call({.question = question, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 2}) +
         rpc_call({.question = question + 1, .on = question, .interface = capnp::typeId<rpc::Auditor>(), .method = 1});
}

std::string rpc_subscription_to_sink(std::uint32_t question, std::uint32_t on) {
  return rpc_message([&](auto message) {
    auto call = message.initCall();
    call.setQuestionId(question);
    auto answer = call.initTarget().initPromisedAnswer();
    answer.setQuestionId(on);
    answer.initTransform(1)[0].setGetPointerField(0);
    call.setInterfaceId(capnp::typeId<rpc::Auditor>());
    call.setMethodId(1);
    capnp::BuilderCapabilityTable capabilities;
    auto params = call.initParams();
    auto subscribe =
        capabilities.imbue(capnp::AnyPointer::Builder(params.getContent())).initAs<rpc::Auditor::SubscribeParams>();
    subscribe.setSink(rpc::EventSink::Client(kj::Exception(kj::Exception::Type::FAILED, __FILE__, __LINE__)));
    params.initCapTable(1)[0].setSenderHosted(question);
  });
}

}  // namespace runledger
