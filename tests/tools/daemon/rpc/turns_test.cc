// Tests which caller gets the next turn to read, and which callers get none.
#include "tools/daemon/rpc/turns.h"

#include <gtest/gtest.h>

#include <optional>

namespace runledger {
namespace {

using Room = RpcTurns::Room;

class Turns : public testing::Test {
 protected:
  kj::EventLoop loop;
  kj::WaitScope scope{loop};
  kj::Own<RpcTurns> turns = kj::refcounted<RpcTurns>();
  Room room = Room::kFree;

  Turns() {
    turns->open([this] { return room; });
  }
  ~Turns() noexcept override = default;
  static std::optional<kj::Exception::Type> failure_of(kj::Promise<RpcTurns::Turn> turn, kj::WaitScope& scope) {
    try {
      (void)turn.wait(scope);
      return std::nullopt;
    } catch (const kj::Exception& error) {
      return error.getType();
    }
  }
};

TEST_F(Turns, AreGivenOneAfterTheOtherInOrder) {
  kj::Maybe<RpcTurns::Turn> first = turns->take().wait(scope);
  auto second = turns->take();
  auto third = turns->take();
  EXPECT_FALSE(second.poll(scope));
  first = nullptr;
  EXPECT_TRUE(second.poll(scope));
  EXPECT_FALSE(third.poll(scope));
  (void)second.wait(scope);
  EXPECT_TRUE(third.poll(scope));
}

TEST_F(Turns, AreNotGivenWhileTooMuchWaitsToBeTaken) {
  room = Room::kFull;
  auto turn = turns->take();
  turns->look_again();
  EXPECT_FALSE(turn.poll(scope));
  room = Room::kFree;
  EXPECT_FALSE(turn.poll(scope)) << "look_again() has not been called";
  turns->look_again();
  EXPECT_TRUE(turn.poll(scope));
}

TEST_F(Turns, OfSomebodyWhoHasGoneAreTheNexts) {
  kj::Maybe<RpcTurns::Turn> first = turns->take().wait(scope);
  kj::Maybe<kj::Promise<RpcTurns::Turn>> gone = turns->take();
  auto third = turns->take();
  gone = nullptr;
  first = nullptr;
  EXPECT_TRUE(third.poll(scope));
}

TEST_F(Turns, AreRefusedWhereCallersTogetherTakeTooLittle) {
  room = Room::kFull;
  auto waiting = turns->take();
  room = Room::kOverloaded;
  turns->look_again();
  EXPECT_EQ(failure_of(kj::mv(waiting), scope), kj::Exception::Type::OVERLOADED);
  EXPECT_EQ(failure_of(turns->take(), scope), kj::Exception::Type::OVERLOADED);
  room = Room::kFree;
  EXPECT_EQ(failure_of(turns->take(), scope), std::nullopt);
}

TEST_F(Turns, EndWithTheConnection) {
  kj::Maybe<RpcTurns::Turn> first = turns->take().wait(scope);
  auto waiting = turns->take();
  turns->close();
  EXPECT_EQ(failure_of(kj::mv(waiting), scope), kj::Exception::Type::DISCONNECTED);
  EXPECT_EQ(failure_of(turns->take(), scope), kj::Exception::Type::DISCONNECTED);
  first = nullptr;
}

}  // namespace
}  // namespace runledger
