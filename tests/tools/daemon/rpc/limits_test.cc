// The daemon closes RPC connections that stand still, but not those that wait for an answer.
//
// Each test makes an RpcServer of its own on the authenticator of a TestDaemon, with one limit set low and all other
// deadlines off, so that only this limit can close a connection. Callers are RpcPeers and plain sockets, which can stop
// in the middle of a message or a handshake. The reason for a closed connection is read from the metrics: cut_for()
// returns the line that must be there. A bystander shows in most tests that well-behaved callers are served at the same
// time.
#include <arpa/inet.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "clients/cpp/connect.h"
#include "clients/cpp/rpc_link.h"
#include "ledger/client.h"
#include "projections/reader/ledger_reader.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/certificates.h"
#include "tests/fixtures/world/tls_client.h"
#include "tests/fixtures/world/unix_socket.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"
#include "tests/tools/daemon/test_daemon.h"
#include "tools/daemon/rpc/connection.h"
#include "tools/daemon/rpc/server.h"
#include "tools/daemon/rpc/stream.h"

namespace runledger {
namespace {

using std::chrono::milliseconds;
using testing::HasSubstr;
using testing::Not;

constexpr milliseconds kShortDeadline{60};
constexpr milliseconds kNever{600'000};

bool comes_to(const std::function<bool()>& what) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (!what()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

class RpcLimits : public testing::Test {
 protected:
  TestDaemon daemon;
  std::filesystem::path socket = daemon.socket();

  // Options without any deadline.
  RpcServer::Options options() {
    return {.socket = socket,
            .authentication_deadline = kNever,
            .stall_deadline = kNever,
            .idle_deadline = kNever,
            .watch = &daemon.watch()};
  }
  [[nodiscard]] std::string owners_token() {
    const Grant grant{.workspace = {}, .tenant = {}, .rights = {Right::kRequest}};
    return daemon.tokens().issue(grant, {}, daemon.ledger().clock().now())->secret;
  }
  // The same options, with TLS on a TCP port.
  RpcServer::Options over_tls(CertificateAuthority& authority) {
    const CertificateAuthority::Issued own = authority.issue("DNS:localhost");
    RpcServer::Options secured = options();
    secured.endpoints = {{"127.0.0.1", 0}};
    secured.tls = read_tls({.certificate = own.certificate, .key = own.key, .authorities = {}});
    return secured;
  }
  [[nodiscard]] std::unique_ptr<LedgerClient> client() const { return connect_client({.socket = socket, .token = {}}); }
  static RunRequest run_request(int number) {
    RunRequest request;
    request.workspace = examples::workspace();
    request.type = examples::type();
    request.input = examples::input(fmt::format("{{\"n\":{}}}", number));
    return request;
  }
  static RunRequest large_request(int number) {
    RunRequest request = RpcLimits::run_request(number);
    request.input = examples::input(fmt::format("{{\"n\":{},\"text\":\"{}\"}}", number, std::string(60'000, 'x')));
    return request;
  }
  [[nodiscard]] std::string counted() { return daemon.operations().metrics(); }
  static std::string cut_for(const std::string& reason, int times) {
    return fmt::format("runledger_connections_cut_total{{reason=\"{}\",way=\"rpc\"}} {}\n", reason, times);
  }
  // Opens a conversation up to a Requester.
  [[nodiscard]] std::unique_ptr<RpcPeer> opened(const std::string& token = "") const {
    auto peer = std::make_unique<RpcPeer>(socket);
    EXPECT_TRUE(peer->send(rpc_opening(token)));
    EXPECT_EQ(peer->answer_to(2), "results");
    return peer;
  }
  static constexpr unsigned kAuditor = 3;
  // Subscribes as often as a connection may. A caller that reads no more now takes no event.
  static void subscribe(const RpcPeer& peer) {
    peer.send(rpc_call({.question = kAuditor, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 2}));
    for (unsigned n = 1; n <= kSubscriptionsMax; ++n) peer.send(rpc_subscription_to_sink(kAuditor + n, kAuditor));
  }
  [[nodiscard]] std::string token_of(std::string_view tenant) {
    const Grant grant{.workspace = examples::workspace(),
                      .tenant = examples::tenant(tenant),
                      .rights = {Right::kRequest, Right::kAudit}};
    return daemon.tokens().issue(grant, {}, daemon.ledger().clock().now())->secret;
  }
};

TEST_F(RpcLimits, WhoNeverSaysWhoItIsIsLetGo) {
  RpcServer::Options limits = options();
  limits.authentication_deadline = kShortDeadline;
  const RpcServer server(limits, daemon.authenticator());
  RpcPeer silent(socket);
  RpcPeer asking(socket);
  EXPECT_TRUE(asking.send(rpc_bootstrap()));
  EXPECT_TRUE(silent.is_closed());
  EXPECT_TRUE(asking.is_closed()) << "a gate is not a session";
  EXPECT_THAT(counted(), HasSubstr(cut_for("unauthenticated", 2)));
}

TEST_F(RpcLimits, WhoAsksForNothingIsLetGoAndComesBackUnnoticed) {
  RpcServer::Options limits = options();
  limits.idle_deadline = kShortDeadline;
  const RpcServer server(limits, daemon.authenticator());
  const auto remote = client();
  ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(1), {})));
  EXPECT_TRUE(opened()->is_closed());
  EXPECT_THAT(counted(), HasSubstr(cut_for("idle", 2))) << "the client has been idle for longer";
  EXPECT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(2), {})));
  EXPECT_THAT(counted(), HasSubstr("runledger_connections_opened_total{way=\"rpc\"} 3\n"));
}

TEST_F(RpcLimits, WhoHasASubscriptionIsNotIdle) {
  RpcServer::Options limits = options();
  limits.idle_deadline = kShortDeadline;
  const RpcServer server(limits, daemon.authenticator());
  const auto subscribed = opened();
  subscribed->send(rpc_subscription(3));
  ASSERT_EQ(subscribed->answer_to(4), "results");
  EXPECT_TRUE(opened()->is_closed());
  EXPECT_THAT(counted(), HasSubstr(cut_for("idle", 1)));
  subscribed->send(rpc_request(5, 1));
  EXPECT_EQ(subscribed->answer_to(5), "results");
}

TEST_F(RpcLimits, AMessageThatComesByteByByteIsCut) {
  RpcServer::Options limits = options();
  limits.stall_deadline = kShortDeadline;
  const RpcServer server(limits, daemon.authenticator());
  const auto quiet = opened();
  const auto trickling = opened();
  const std::string message = rpc_request(3, 1);
  for (std::size_t i = 0; i < message.size() / 2; ++i) trickling->send(message.substr(i, 1));
  EXPECT_TRUE(trickling->is_closed());
  EXPECT_THAT(counted(), HasSubstr(cut_for("slow-sender", 1)));
  quiet->send(rpc_request(3, 1));
  EXPECT_EQ(quiet->answer_to(3), "results") << "a caller that sends nothing is not a slow sender";
}

TEST_F(RpcLimits, WhoDoesNotTakeItsAnswersIsReadNoFurtherAndCut) {
  RpcServer::Options limits = options();
  limits.stall_deadline = milliseconds(500);
  const RpcServer server(limits, daemon.authenticator());
  const RpcPeer peer(socket);
  const std::string sent_back = rpc_message([](auto message) {
    // The protocol requires to send this message back whole.
    message.initObsoleteSave().template initAs<capnp::Data>(64 * 1024);
  });
  std::string conversation;
  for (int i = 0; i < 64; ++i) conversation += sent_back;  // This is more than the system and the server hold together.
  EXPECT_FALSE(peer.send(conversation)) << "the connection was closed while the caller was sending";
  EXPECT_THAT(counted(), HasSubstr(cut_for("slow-reader", 1)));
  const auto remote = client();
  EXPECT_TRUE(std::holds_alternative<Reply>(remote->submit(run_request(1), {})));
}

// A subscriber that reads nothing holds a page and its queued answers. Several of them hold more than is allowed in
// total.
TEST_F(RpcLimits, WhoTakesNothingMakesRoomForWhoDoes) {
  constexpr int kDeaf = 6;
  RpcServer::Options limits = options();
  limits.queued_bytes_max = 64 * 1024;
  limits.queued_bytes_of_all_max = 1024 * 1024;
  const RpcServer server(limits, daemon.authenticator());
  const auto reader = remote_reader(std::make_shared<RpcLink>(DaemonAddress{.socket = socket, .token = {}}));
  const auto remote = client();
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(large_request(i), {})));
  std::vector<std::unique_ptr<RpcPeer>> callers;
  for (int i = 0; i < kDeaf; ++i) {
    callers.push_back(opened());
    subscribe(*callers.back());
    for (unsigned n = 1; n <= kSubscriptionsMax; ++n) ASSERT_EQ(callers.back()->answer_to(kAuditor + n), "results");
  }
  for (int i = 0; i < 3 * kDeaf; ++i) {
    const auto page = reader->list({}, 10, "");
    ASSERT_TRUE(page) << page.rejection().detail.str();
  }
  EXPECT_THAT(counted(), HasSubstr("reason=\"slow-reader\",way=\"rpc\"} "));
  EXPECT_THAT(counted(), Not(HasSubstr(cut_for("slow-reader", 0))));
  EXPECT_THAT(counted(), Not(HasSubstr("code=\"overloaded\"")));
}

// Sixteen callers with one token could hold a page each, which is as much as is allowed for all. A fourth of it is for
// them, so nothing has to be closed for the reads of another token.
TEST_F(RpcLimits, OfOneTokenLeaveMostAnswersToOthers) {
  RpcServer::Options limits = options();
  limits.queued_bytes_max = 64 * 1024;
  limits.queued_bytes_of_all_max = 12 * 1024 * 1024;
  const RpcServer server(limits, daemon.authenticator());
  const std::string greedy = token_of("north");
  const DaemonAddress north{.socket = socket, .token = greedy};
  const DaemonAddress south{.socket = socket, .token = token_of("south")};
  for (const DaemonAddress& address : {north, south}) {
    const auto remote = connect_client(address);
    for (int i = 0; i < 30; ++i) {
      RunRequest request = large_request(i);
      request.tenant = address.token == greedy ? examples::tenant("north") : examples::tenant("south");
      ASSERT_TRUE(std::holds_alternative<Reply>(remote->submit(request, {})));
    }
  }
  std::vector<std::unique_ptr<RpcPeer>> callers;
  for (int i = 0; i < 16; ++i) {
    callers.push_back(opened(greedy));
    subscribe(*callers.back());
  }
  const auto own = connect_client(north);
  const auto reader = remote_reader(std::make_shared<RpcLink>(south));
  for (int i = 0; i < 32; ++i) {
    const auto page = reader->list({}, 10, "");
    ASSERT_TRUE(page) << page.rejection().detail.str();
    EXPECT_TRUE(std::holds_alternative<Reply>(own->submit(run_request(100 + i), {})))
        << "a caller of the same token that takes its answers is served";
  }
  EXPECT_THAT(counted(), HasSubstr(cut_for("slow-reader", 0)));
  EXPECT_THAT(counted(), Not(HasSubstr("code=\"overloaded\"")));
}

// The message of a failure names files and addresses.
TEST_F(RpcLimits, AFailureIsToldToItsCallerByItsCodeAlone) {
  std::filesystem::create_directory(daemon.directory.path() / "ledger" / "access-tokens");
  const RpcServer server(options(), daemon.authenticator());
  RpcPeer peer(socket);
  peer.send(rpc_opening("rlt_" + std::string(64, 'a')));
  const std::string answer = peer.answer_to(1);
  EXPECT_THAT(answer, HasSubstr("ledger.insecure: "));
  EXPECT_THAT(answer, HasSubstr(kSeeDaemonLog));
  EXPECT_THAT(answer, Not(HasSubstr(daemon.directory.path().native())));
}

TEST_F(RpcLimits, AClaimThatItsCallerWithdrawsHasNotFailed) {
  const RpcServer server(options(), daemon.authenticator());
  const auto peer = opened();
  peer->send(
      rpc_call({.question = 3, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 1}) +
      rpc_call({.question = 4, .on = 3, .interface = capnp::typeId<rpc::Worker>(), .method = 5}, [](auto params) {
        auto claim = params.template initAs<rpc::Worker::ClaimParams>().initClaim();
        claim.initTypes(1).set(0, "demo.sync");
        claim.setWaitMs(60'000);
      }));
  ASSERT_TRUE(comes_to([&] { return daemon.claims().waiting() == 1; }));
  peer->send(rpc_finish(4));
  EXPECT_TRUE(comes_to([&] {
    return counted().find("runledger_rpc_calls_total{method=\"claim\",result=\"cancelled\"} 1\n") != std::string::npos;
  }));
}

TEST_F(RpcLimits, AConnectionHasFewSubscriptions) {
  const RpcServer server(options(), daemon.authenticator());
  const auto peer = opened();
  peer->send(rpc_call({.question = kAuditor, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 2}));
  for (unsigned n = 1; n <= kSubscriptionsMax; ++n) {
    peer->send(rpc_subscription_to_sink(kAuditor + n, kAuditor));
    ASSERT_EQ(peer->answer_to(kAuditor + n), "results");
  }
  peer->send(rpc_subscription_to_sink(100, kAuditor));
  EXPECT_THAT(peer->answer_to(100), HasSubstr("overloaded: too many subscriptions"));
  EXPECT_THAT(counted(), HasSubstr("runledger_rejected_total{code=\"overloaded\"} 1\n"));
}

// Returns the first bytes of a message with one segment.
std::string start_of_message(std::uint32_t bytes) {
  const std::uint32_t words = bytes / 8;
  std::string start(4, '\0');
  for (unsigned shift = 0; shift < 32; shift += 8) start += static_cast<char>((words >> shift) & 0xFFU);
  return start;
}

TEST_F(RpcLimits, AStrangersMessageIsShort) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}};
  const RpcServer server(limits, daemon.authenticator());
  RpcPeer stranger(server.endpoints().front().port);
  stranger.send(start_of_message(1024 * 1024));
  EXPECT_TRUE(stranger.is_closed());
  RpcPeer known(server.endpoints().front().port);
  const std::string batch =
      rpc_call({.question = 3, .on = 2, .interface = capnp::typeId<rpc::Requester>(), .method = 0},
               [](auto params) { params.template initAs<rpc::Requester::RequestParams>().initOrders(4000); });
  ASSERT_GT(batch.size(), 8 * RpcStream::kUnauthenticatedMessageMax)
      << "the message is longer than an unauthenticated caller may send";
  EXPECT_TRUE(known.send(rpc_opening(owners_token()) + batch))
      << "it is sent after the token, and before the answer to it";
  EXPECT_EQ(known.answer_to(3), "results");
}

TEST_F(RpcLimits, MessagesThatDoNotComeWholeTakeLimitedMemory) {
  RpcServer::Options limits = options();
  limits.unread_bytes_of_all_max = 1024 * 1024;
  const RpcServer server(limits, daemon.authenticator());
  std::vector<std::unique_ptr<RpcPeer>> slow;
  for (int i = 0; i < 4; ++i) {
    slow.push_back(opened());
    slow.back()->send(start_of_message(1024 * 1024) + std::string(400 * 1024, '\0'));
  }
  EXPECT_TRUE(comes_to([&] { return counted().find(cut_for("slow-sender", 0)) == std::string::npos; }));
  EXPECT_TRUE(std::holds_alternative<Reply>(client()->submit(run_request(1), {})));
}

TEST_F(RpcLimits, AHandshakeThatStandsStillIsCutAndLeavesItsPlace) {
  CertificateAuthority authority(daemon.directory.path(), "ca");
  RpcServer::Options limits = over_tls(authority);
  limits.authentication_deadline = milliseconds(500);
  limits.connections_max = 2;
  const RpcServer server(limits, daemon.authenticator());
  const std::uint16_t port = server.endpoints().front().port;
  const int silent = connect_to_port(port);
  const int halfway = connect_to_port(port);
  // A handshake record of 255 bytes, which never arrive.
  constexpr std::string_view kRecord("\x16\x03\x01\x00\xff", 5);
  ASSERT_TRUE(send_all(halfway, kRecord));
  for (const int caller : {silent, halfway}) {
    std::array<char, 65536> buffer{};
    EXPECT_TRUE(receive(caller, buffer).empty());
    ::close(caller);
  }
  EXPECT_THAT(counted(), HasSubstr(cut_for("unauthenticated", 2)));
  const int good = connect_to_port(port);
  EXPECT_TRUE(TlsClient(good, {.authority = authority.file()}).is_secured());
  ::close(good);
}

// OpenSSL keeps errors per thread and not per connection: the error of one connection must not end another.
TEST_F(RpcLimits, WhoBreaksTlsHarmsNobodyElse) {
  CertificateAuthority authority(daemon.directory.path(), "ca");
  const RpcServer server(over_tls(authority), daemon.authenticator());
  const std::uint16_t port = server.endpoints().front().port;
  const auto bystander = connect_client(
      {.token = owners_token(), .endpoint = {"localhost", port}, .tls = TlsFiles{{}, {}, authority.file()}});
  const auto with_raw = [&](const auto& act) {
    const int raw = connect_to_port(port);
    act(raw);
    ::close(raw);
  };
  const auto with_tls = [&](const TlsClient::Options& tls, const auto& act) {
    with_raw([&](int raw) {
      TlsClient client(raw, tls);
      act(client, raw);
    });
  };
  const TlsClient::Options trusting{.authority = authority.file()};
  const std::vector<std::function<void()>> offences = {
      [&] { with_raw([](int) {}); },
      [&] { with_raw([](int raw) { (void)send_all(raw, "GET / HTTP/1.1\r\n\r\n"); }); },
      [&] { with_raw([](int raw) { (void)send_all(raw, std::string_view("\x16\x03\x01\x00\x05\x01\x00", 7)); }); },
      [&] { with_tls({.version_max = TLS1_1_VERSION}, [](auto& client, int) { EXPECT_FALSE(client.is_secured()); }); },
      [&] { with_tls({.authority = authority.file(), .host = "elsewhere.example"}, [](auto&, int) {}); },
      [&] { with_tls(trusting, [](auto& client, int) { EXPECT_TRUE(client.is_secured()); }); },
      [&] { with_tls(trusting, [](auto&, int raw) { (void)send_all(raw, "no record of TLS"); }); },
      [&] { with_tls(trusting, [](auto& client, int) { client.end_sending(); }); },
      [&] {
        with_tls(trusting, [](auto& client, int) {
          client.send(std::string(1000, '\xff'));
          while (!client.receive().empty()) {
          }
        });
      }};
  int asked = 0;
  for (int round = 0; round < 10; ++round) {
    for (const auto& offend : offences) {
      offend();
      EXPECT_TRUE(std::holds_alternative<Reply>(bystander->submit(run_request(++asked), {})));
    }
  }
  // The last four offences of each round get as far as a connection, and the bystander has one.
  EXPECT_THAT(counted(), HasSubstr("runledger_connections_opened_total{way=\"rpc\"} 41\n"));
}

// A caller over TCP from the given address of this machine.
class TcpCaller {
 public:
  TcpCaller(std::uint16_t port, const std::string& from) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const timeval minute{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &minute, sizeof(minute));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    EXPECT_EQ(::inet_pton(AF_INET, from.c_str(), &address.sin_addr), 1);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  }
  ~TcpCaller() { ::close(socket_); }
  TcpCaller(const TcpCaller&) = delete;
  TcpCaller& operator=(const TcpCaller&) = delete;

  // Returns whether the daemon accepts the caller, which means that it answers with the gate. Otherwise it closes the
  // connection.
  [[nodiscard]] bool is_in() const {
    std::array<char, 65536> buffer{};
    return send_all(socket_, rpc_bootstrap()) && !receive(socket_, buffer).empty();
  }
  // Returns whether the daemon has closed the connection by now. Requires that the caller has taken its answers.
  [[nodiscard]] bool is_closed() const {
    char ignored = 0;
    return ::recv(socket_, &ignored, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
  }

 private:
  int socket_;
};

// Returns for each address whether the daemon accepts a caller from it while the earlier ones stay connected.
std::vector<bool> are_in(std::uint16_t port, const std::vector<std::string>& addresses) {
  std::vector<std::unique_ptr<TcpCaller>> callers;
  std::vector<bool> in;
  for (const std::string& address : addresses) {
    callers.push_back(std::make_unique<TcpCaller>(port, address));
    in.push_back(callers.back()->is_in());
  }
  return in;
}

TEST_F(RpcLimits, OfOneAddressLeaveRoomForOthers) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}};
  limits.connections_of_address_max = 2;
  const RpcServer server(limits, daemon.authenticator());
  EXPECT_THAT(are_in(server.endpoints().front().port, {"127.0.0.1", "127.0.0.1", "127.0.0.1", "127.0.0.2"}),
              testing::ElementsAre(true, true, false, true));
  EXPECT_TRUE(std::holds_alternative<Reply>(client()->submit(run_request(1), {})));
}

TEST_F(RpcLimits, OfStrangersLeaveRoomForThoseWhoAreKnown) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}};
  limits.unauthenticated_max = 2;
  const RpcServer server(limits, daemon.authenticator());
  EXPECT_THAT(are_in(server.endpoints().front().port, {"127.0.0.1", "127.0.0.2", "127.0.0.3"}),
              testing::ElementsAre(true, true, false));
  EXPECT_TRUE(std::holds_alternative<Reply>(client()->submit(run_request(1), {}))) << "the owner is authenticated";
}

TEST_F(RpcLimits, OfAFullAddressAreNotMoreAtTheExpenseOfOthers) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}};
  limits.connections_of_address_max = 4;
  const RpcServer server(limits, daemon.authenticator());
  std::vector<std::string> addresses;
  for (const char* const address : {"127.0.0.3", "127.0.0.2", "127.0.0.1"})
    addresses.insert(addresses.end(), 4, address);
  std::vector<bool> expected(addresses.size(), true);
  addresses.emplace_back("127.0.0.1");
  expected.push_back(false);
  EXPECT_EQ(are_in(server.endpoints().front().port, addresses), expected);
  EXPECT_THAT(counted(), HasSubstr(cut_for("made-room", 0)));
}

TEST_F(RpcLimits, OfOneListenerMakeRoomThereOnly) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}, {"127.0.0.1", 0}};
  limits.connections_max = 10;
  const RpcServer server(limits, daemon.authenticator());
  std::vector<std::unique_ptr<TcpCaller>> callers;
  const auto come_to = [&](std::size_t listener, const std::string& from) {
    callers.push_back(std::make_unique<TcpCaller>(server.endpoints()[listener].port, from));
    return callers.back()->is_in();
  };
  for (const std::size_t listener : {0U, 1U})
    for (int i = 0; i < 10; ++i) EXPECT_TRUE(come_to(listener, fmt::format("127.0.0.{}", listener + 2)));
  EXPECT_TRUE(come_to(1, "127.0.0.4"));
  const auto is_closed = [](const auto& caller) { return caller->is_closed(); };
  EXPECT_TRUE(comes_to([&] { return std::any_of(callers.begin() + 10, callers.begin() + 20, is_closed); }));
  EXPECT_TRUE(std::none_of(callers.begin(), callers.begin() + 10, is_closed)) << "the other listener has its own limit";
  EXPECT_THAT(counted(), HasSubstr(cut_for("made-room", 1)));
}

TEST_F(RpcLimits, MakeRoomOneForOne) {
  RpcServer::Options limits = options();
  limits.endpoints = {{"127.0.0.1", 0}};
  limits.connections_of_address_max = 2;
  limits.unauthenticated_max = 2;
  const RpcServer server(limits, daemon.authenticator());
  EXPECT_THAT(are_in(server.endpoints().front().port, {"127.0.0.1", "127.0.0.1", "127.0.0.1"}),
              testing::ElementsAre(true, true, true));
  EXPECT_THAT(counted(), HasSubstr(cut_for("made-room", 1))) << "one frees a place under both limits";
}

TEST_F(RpcLimits, AboveThemAConnectionIsClosed) {
  RpcServer::Options limits = options();
  limits.files_max = 0;
  const RpcServer server(limits, daemon.authenticator());
  RpcPeer peer(socket);
  EXPECT_TRUE(peer.is_closed()) << "its descriptor is reserved for the store";
  EXPECT_THAT(counted(), HasSubstr("runledger_connections_refused_total{way=\"rpc\"} 1\n"));
}

}  // namespace
}  // namespace runledger
