// After any bytes on its socket, the daemon still runs, serves other callers, and holds little memory.
//
// An RpcPeer sends bytes that no library would send, to a real daemon. After each of them serve_and_measure() checks
// that another caller is served, and how much memory the daemon has.
//
// Most messages are built by Cap'n Proto and then damaged. For hostile pointers the message is built with a blob of the
// right size, and with_words() replaces the blob, and the pointer to it, by words that struct_pointer() and
// list_pointer() make by hand. That is how a list can contain itself, or end far outside of the message. The last tests
// send good conversations after a Mutator has changed them at random.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cstring>
#include <fstream>
#include <random>

#include "clients/cpp/connect.h"
#include "ledger/client.h"
#include "tests/fixtures/data/examples.h"
#include "tests/fixtures/world/cli_ledger.h"
#include "tests/fixtures/world/long_runs.h"
#include "tests/fixtures/world/memory.h"
#include "tests/tools/daemon/rpc/rpc_peer.h"

namespace runledger {
namespace {

using std::string_literals::operator""s;
using testing::AnyOf;
using testing::Eq;
using testing::HasSubstr;
using testing::StartsWith;

class RpcBadInput : public testing::Test {
 protected:
  CliLedger ledger;
  Program daemon{ledger.command({"serve", "--format", "json"})};
  bool listening = daemon.wait_for_output("\"listening\"");
  std::unique_ptr<LedgerClient> bystander = connect_client({.socket = socket(), .token = {}});
  std::size_t resident_before = serve_and_measure();
  std::size_t growth_max = 64 * kMib;

  void TearDown() override {
    EXPECT_LT(serve_and_measure(), resident_before + growth_max);
    daemon.signal(SIGTERM);
    EXPECT_EQ(daemon.wait().status, 0);
  }

  [[nodiscard]] std::filesystem::path socket() const { return ledger.data() / "socket"; }

  // Checks that another caller is served, and returns the memory of the daemon in KiB.
  std::size_t serve_and_measure() {
    RunRequest request;
    request.workspace = examples::workspace();
    request.type = examples::type("demo.sync");
    EXPECT_TRUE(std::holds_alternative<Reply>(bystander->submit(request, {})));
    std::ifstream status(fmt::format("/proc/{}/status", daemon.id()));
    std::string word;
    while (status >> word && word != "VmRSS:") {
    }
    std::size_t kib = 0;
    status >> kib;
    EXPECT_GT(kib, 0U);
    return kib;
  }

  // Sends `message` after a good opening, and returns the answer to question 3.
  std::string answer_of(const std::string& message) {
    RpcPeer peer(socket());
    EXPECT_TRUE(peer.send(rpc_opening()));
    peer.send(message);
    return peer.answer_to(3);
  }
};

// --- pointers made by hand -------------------------------------------------------------------------------------------

using Words = std::vector<std::uint64_t>;

// See https://capnproto.org/encoding.html. Offsets count words from the end of the pointer.
constexpr std::uint64_t struct_pointer(std::int32_t offset, std::uint16_t data, std::uint16_t pointers) {
  return (static_cast<std::uint32_t>(offset) << 2U) | (std::uint64_t{data} << 32U) | (std::uint64_t{pointers} << 48U);
}
constexpr std::uint64_t list_pointer(std::int32_t offset, unsigned element, std::uint32_t count) {
  return (static_cast<std::uint32_t>(offset) << 2U) | 1U | (std::uint64_t{element} << 32U) |
         (std::uint64_t{count} << 35U);
}
constexpr unsigned kVoids = 0;
constexpr unsigned kBytes = 2;
constexpr unsigned kPointers = 6;
constexpr unsigned kStructs = 7;
constexpr std::uint32_t kListMax = (1U << 29U) - 1;

// Replaces the only blob of `message` by `words` without the first, and the pointer to the blob by the first of
// `words`. So a message that was built with a blob gets hand-made pointers in its place.
std::string with_words(std::string message, const Words& words) {
  const std::size_t blob = message.find("BLOBBLOB");
  const std::size_t at = blob / sizeof(words[0]);
  for (std::size_t i = 0; i < at; ++i) {
    std::uint64_t word = 0;
    std::memcpy(&word, message.data() + i * sizeof(word), sizeof(word));
    const auto offset = static_cast<std::int32_t>(static_cast<std::uint32_t>(word)) >> 2;
    if ((word & 3U) != 1 || static_cast<std::int64_t>(i) + 1 + offset != static_cast<std::int64_t>(at)) continue;
    const std::uint64_t pointer = words[0] + (std::uint64_t{at - i - 1} << 2U);
    std::memcpy(message.data() + i * sizeof(word), &pointer, sizeof(pointer));
    std::memcpy(message.data() + blob, words.data() + 1, (words.size() - 1) * sizeof(word));
    return message;
  }
  ADD_FAILURE() << "no pointer to the blob";
  return message;
}

std::string blob_for(const Words& words) {
  std::string blob;
  while (blob.size() < (words.size() - 1) * sizeof(words[0])) blob += "BLOBBLOB";
  return blob;
}

capnp::Data::Reader to_data(const std::string& bytes) {
  return kj::arrayPtr(reinterpret_cast<const kj::byte*>(bytes.data()), bytes.size());
}

// Returns a request whose list of orders is given by `words`: a pointer, whose offset 0 is the word after it, and the
// words that follow.
std::string request_with(const Words& words) {
  const std::string blob = blob_for(words);
  return with_words(rpc_call({.question = 3, .on = 2, .interface = capnp::typeId<rpc::Requester>(), .method = 0},
                             [&](auto params) {
                               capnp::AnyStruct::Builder any = params.initAsAnyStruct(0, 1);
                               any.getPointerSection()[0].template setAs<capnp::Data>(to_data(blob));
                             }),
                    words);
}

// Returns a message of an obsolete kind, which the daemon must send back whole.
std::string echoed(const Words& words) {
  const std::string blob = blob_for(words);
  return with_words(
      rpc_message([&](auto message) { message.initObsoleteSave().template setAs<capnp::Data>(to_data(blob)); }), words);
}

// --- cases -----------------------------------------------------------------------------------------------------------

TEST_F(RpcBadInput, OfNoProtocolEndsTheConnection) {
  const std::string zeros(4096, '\0');
  for (const std::string& bytes : {
           "\xFF\xFF\xFF\xFF\0\0\0\0"s + zeros,                  // The number of segments is 2^32.
           "\xFF\xFF\xFF\x7F\0\0\0\0"s + zeros,                  // 2^31 segments.
           "\xFF\x03\0\0\0\0\0\0"s + zeros,                      // 1024 segments.
           "\0\0\0\0\xFF\xFF\xFF\xFF"s + zeros,                  // One segment of 32 GiB.
           "\0\0\0\0\x01\0\x10\0"s + zeros,                      // One segment of 8 MiB and a word.
           "\1\0\0\0\xFF\xFF\x0F\0\xFF\xFF\x0F\0\0\0\0\0"s,      // Two segments of almost 8 MiB.
           "\0\0\0\0\1\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF"s,  // A root that is not a pointer.
           "\0\0\0\0\0\0\0\0"s,                                  // No root.
           "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"s,
           "POST /v1/runs HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"s,
           std::string(65536, '\xFF'),
       }) {
    RpcPeer peer(socket());
    (void)peer.send(bytes);
    EXPECT_TRUE(peer.is_closed()) << testing::PrintToString(bytes.substr(0, 16));
  }
}

TEST_F(RpcBadInput, ThatAnnouncesMuchAndSendsLittleTakesLittle) {
  std::vector<std::unique_ptr<RpcPeer>> peers;
  for (int i = 0; i < 100; ++i) {
    peers.push_back(std::make_unique<RpcPeer>(socket()));
    EXPECT_TRUE(peers.back()->send("\0\0\0\0\xFF\xFF\x0F\0\0"s));
  }
  EXPECT_LT(serve_and_measure(), resident_before + growth_max);
}

TEST_F(RpcBadInput, WithHostilePointersIsRefused) {
  const auto refused = AnyOf(StartsWith("exception: "), StartsWith("abort: "), Eq("results"));
  // The elements of this list of structs are the list itself.
  EXPECT_THAT(
      answer_of(request_with({list_pointer(0, kStructs, 8), struct_pointer(1, 0, 8), list_pointer(-2, kStructs, 8),
                              list_pointer(-3, kStructs, 8), list_pointer(-4, kStructs, 8), 0, 0, 0, 0, 0})),
      refused);
  // The lists have as many elements as possible, which take no bytes.
  EXPECT_THAT(answer_of(request_with({list_pointer(0, kVoids, kListMax), 0})), refused);
  EXPECT_THAT(answer_of(request_with({list_pointer(0, kStructs, 0), struct_pointer(0x1FFFFFFF, 0, 0), 0})), refused);
  // The pointers lead after the end and before the beginning.
  EXPECT_THAT(answer_of(request_with({list_pointer(1000, kPointers, 1000), 0})), refused);
  EXPECT_THAT(answer_of(request_with({list_pointer(-1000, kPointers, 1000), 0})), refused);
  EXPECT_THAT(answer_of(request_with({list_pointer(0, kBytes, kListMax), 0})), refused);
}

TEST_F(RpcBadInput, ThatHasToBeSentBackIsNotAmplified) {
  const auto ended = AnyOf(StartsWith("abort: "), Eq("closed"), Eq("unimplemented"));
  EXPECT_THAT(answer_of(echoed({struct_pointer(0, 0, 1), struct_pointer(-1, 0, 1)})), ended)
      << "the pointers form a circle";
  Words fan{list_pointer(0, kPointers, 4096)};  // All 4096 pointers lead to the same 32 KiB.
  for (int i = 0; i < 4096; ++i) fan.push_back(list_pointer(4095 - i, kBytes, 32 * 1024));
  fan.insert(fan.end(), 4096, 0);
  EXPECT_THAT(answer_of(echoed(fan)), ended) << "128 MiB out of 64 KiB";
  Words deep{struct_pointer(0, 0, 1)};
  deep.insert(deep.end(), 100'000, struct_pointer(0, 0, 1));
  EXPECT_THAT(answer_of(echoed(deep)), ended) << "100,000 levels";
  EXPECT_THAT(answer_of(echoed({list_pointer(0, kVoids, kListMax), 0})), ended);
}

TEST_F(RpcBadInput, ThatNobodyKnowsIsRefusedAndTheConnectionGoesOn) {
  RpcPeer peer(socket());
  ASSERT_TRUE(peer.send(rpc_opening()));
  peer.send(rpc_call({.question = 3, .on = 2, .interface = capnp::typeId<rpc::Requester>(), .method = 99}));
  EXPECT_THAT(peer.answer_to(3), HasSubstr("not implemented"));
  peer.send(rpc_call({.question = 4, .on = 2, .interface = 0xDEADBEEF, .method = 0}));
  EXPECT_THAT(peer.answer_to(4), HasSubstr("not implement"));
  std::string unknown = rpc_finish(77);  // The kind is in the first two bytes of the root, after two words of framing.
  unknown[16] = 99;
  peer.send(unknown);
  EXPECT_EQ(peer.answer_to(5), "unimplemented");
  peer.send(rpc_request(6, 1));
  EXPECT_EQ(peer.answer_to(6), "results");
}

TEST_F(RpcBadInput, AboutWhatIsNotThereEndsTheConnection) {
  const auto call_on_import = [](std::uint32_t capability) {
    return rpc_message([&](auto message) {
      auto call = message.initCall();
      call.setQuestionId(3);
      call.initTarget().setImportedCap(capability);
      call.setInterfaceId(capnp::typeId<rpc::Requester>());
    });
  };
  EXPECT_THAT(answer_of(call_on_import(77)), StartsWith("abort: ")) << "a capability that was never given out";
  EXPECT_THAT(answer_of(rpc_finish(2) + rpc_request(3, 1)), StartsWith("abort: ")) << "a capability that was released";
  EXPECT_THAT(answer_of(rpc_bootstrap(2)), StartsWith("abort: ")) << "a question id that is in use";
  EXPECT_THAT(answer_of(rpc_message([](auto message) { message.initReturn().setAnswerId(77); })), StartsWith("abort: "))
      << "an answer without a question";
  EXPECT_THAT(answer_of(rpc_message([](auto message) {
                auto release = message.initRelease();
                release.setId(0);
                release.setReferenceCount(1'000'000);
              })),
              StartsWith("abort: "))
      << "more references are released than exist";
}

TEST_F(RpcBadInput, OfTextWithoutAnEndIsRefusedByItself) {
  const std::string call =
      rpc_call({.question = 3, .on = 2, .interface = capnp::typeId<rpc::Requester>(), .method = 0}, [](auto params) {
        auto orders = params.template initAs<rpc::Requester::RequestParams>().initOrders(2);
        for (auto order : orders) {
          order.setWorkspace("acme");
          order.setType("demo.sync");
          order.setInput(R"({"of":"the good one"})");
        }
        orders[0].setWorkspace("acmeEND");
      });
  std::string broken = call;
  broken[broken.find("acmeEND") + 7] = '!';  // Overwrites the zero byte at the end.
  RpcPeer peer(socket());
  ASSERT_TRUE(peer.send(rpc_opening() + broken));
  EXPECT_EQ(peer.answer_to(3), "results");
  peer.send(rpc_request(4, 1));
  EXPECT_EQ(peer.answer_to(4), "results");
  RunRequest good;
  good.workspace = examples::workspace();
  good.type = examples::type("demo.sync");
  good.input = examples::input(R"({"of":"the good one"})");
  const Answer answer = bystander->submit(good, {});
  EXPECT_EQ(std::get<Reply>(answer).verdict, Verdict::kDeduped) << "the good order was carried out";
}

TEST_F(RpcBadInput, OfCallsThatAreNeverFinishedIsBounded) {
  RpcPeer peer(socket());
  ASSERT_TRUE(peer.send(rpc_opening()));
  bool open = true;
  for (std::uint32_t question = 3; open && question < 100'000; ++question) {
    open =
        peer.send(rpc_call({.question = question, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 0}));
    if (open && question % 100 == 0) open = !peer.answer_to(question).starts_with("abort: overloaded");
  }
  EXPECT_LT(serve_and_measure(), resident_before + growth_max);
  EXPECT_TRUE(peer.is_closed());
}

TEST_F(RpcBadInput, OfCapabilitiesThatAreNeverLetGoIsBounded) {
  RpcPeer peer(socket());
  ASSERT_TRUE(peer.send(rpc_opening()));
  std::string answer = "results";
  std::uint32_t question = 3;
  for (; answer == "results" && question < 10'000; ++question) {
    peer.send(rpc_call({.question = question, .on = 1, .interface = capnp::typeId<rpc::Session>(), .method = 0}));
    answer = peer.answer_to(question);
    peer.send(rpc_message([&](auto message) {
      auto finish = message.initFinish();
      finish.setQuestionId(question);
      finish.setReleaseResultCaps(false);
    }));
  }
  EXPECT_THAT(answer, HasSubstr("overloaded: too many capabilities"));
  EXPECT_LT(question, 300U);
  peer.send(rpc_request(question, 1));
  EXPECT_EQ(peer.answer_to(question), "results") << "the capabilities that it has still work";
}

// Changes good conversations: flips bits, replaces words, and removes, doubles or swaps parts.
class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  std::string mutate(std::string bytes) {
    for (auto changes = 1 + random_() % 4; changes > 0 && !bytes.empty(); --changes) change(bytes);
    return bytes;
  }
  unsigned below(std::size_t limit) { return static_cast<unsigned>(random_() % limit); }

 private:
  void change(std::string& bytes) {
    const std::size_t at = below(bytes.size());
    switch (below(6)) {
      case 0:
        bytes[at] = static_cast<char>(bytes[at] ^ static_cast<char>(1U << below(8)));
        break;
      case 1:
        bytes[at] = static_cast<char>(below(256));
        break;
      case 2: {
        const std::uint64_t words[] = {0, ~std::uint64_t{0}, list_pointer(-1, kStructs, kListMax),
                                       list_pointer(0, kVoids, kListMax), struct_pointer(-1, 0xFFFF, 0xFFFF)};
        const std::size_t word = at / 8 * 8;
        if (word + 8 <= bytes.size()) std::memcpy(bytes.data() + word, &words[below(std::size(words))], 8);
        break;
      }
      case 3:
        bytes.erase(at, 1 + below(16));
        break;
      case 4:
        bytes.insert(at, bytes.substr(below(bytes.size()), 1 + below(64)));
        break;
      default:
        std::swap(bytes[at], bytes[below(bytes.size())]);
    }
  }

  std::mt19937 random_;
};

TEST_F(RpcBadInput, OfSeededChangesToGoodConversationsIsSurvived) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  Mutator mutator(seed);
  const std::vector<std::string> good = {
      rpc_opening(), rpc_opening() + rpc_request(3, 1) + rpc_finish(3),
      rpc_opening() + rpc_request(3, 2) + rpc_request(4, 3) + rpc_finish(2) + rpc_finish(4)};
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(short_or_long(3, 60));
  // Every look at the daemon and every good conversation is a request. In the long form they fill the write buffers and
  // caches of log and rows.
  growth_max = 256 * kMib;
  int conversations = 0;
  for (; std::chrono::steady_clock::now() < deadline; ++conversations) {
    const RpcPeer peer(socket());
    (void)peer.send(mutator.mutate(good[mutator.below(good.size())]));
    if (conversations % 100 == 0) {
      EXPECT_LT(serve_and_measure(), resident_before + growth_max);
    }
  }
  fmt::print("seed {}: {} conversations\n", seed, conversations);
}

}  // namespace
}  // namespace runledger
