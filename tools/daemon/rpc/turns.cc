// The queue of reads that wait for their turn, and the rule for giving the next one.
#include "tools/daemon/rpc/turns.h"

namespace runledger {
namespace {

kj::Exception overloaded() {
  return {kj::Exception::Type::OVERLOADED, __FILE__, __LINE__,
          kj::heapString("overloaded: too many answers that were not taken")};
}

kj::Exception lost() {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::heapString("the connection is closed")};
}

}  // namespace

kj::Promise<RpcTurns::Turn> RpcTurns::take() {
  auto pair = kj::newPromiseAndFulfiller<Turn>();
  if (!room_) return lost();
  waiting_.push_back(kj::mv(pair.fulfiller));
  look_again();
  return kj::mv(pair.promise);
}

void RpcTurns::look_again() {
  while (!taken_ && !waiting_.empty()) {
    switch (room_()) {
      case Room::kFull:
        return;
      case Room::kOverloaded:
        next()->reject(overloaded());
        break;
      case Room::kFree:
        taken_ = true;
        next()->fulfill(Turn(kj::addRef(*this)));  // If the caller no longer waits, the turn ends immediately.
        break;
    }
  }
}

RpcTurns::Waiting RpcTurns::next() {
  Waiting first = kj::mv(waiting_.front());
  waiting_.pop_front();
  return first;
}

void RpcTurns::end() {
  taken_ = false;
  if (room_) look_again();
}

void RpcTurns::close() {
  room_ = nullptr;
  while (!waiting_.empty()) next()->reject(lost());
}

}  // namespace runledger
