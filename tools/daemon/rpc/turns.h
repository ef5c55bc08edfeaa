// The reads of one connection take turns. For tools/daemon/rpc_*.cc alone; of the event loop's thread.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

namespace runledger {

// One read at a time, and none while the other end has not taken what it was answered before: so that whoever asks for
// much and takes nothing costs no more than what may wait for it, and one answer on top.
class RpcTurns final : public kj::Refcounted {
 public:
  enum class Room : std::uint8_t {
    kFree,
    kFull,        // Too much waits for this caller to take it, or is being read for others.
    kOverloaded,  // Too much waits for callers in all.
  };

  // Over when it is destroyed.
  class Turn {
   public:
    explicit Turn(kj::Own<RpcTurns> of) : of_(kj::mv(of)) {}
    ~Turn() noexcept {
      if (of_.get() != nullptr) of_->end();
    }
    Turn(Turn&&) = default;
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    kj::Own<RpcTurns> of_;
  };

  // From now on `room` says whether another read may begin.
  void open(std::function<Room()> room) { room_ = std::move(room); }
  // The connection is gone. Whoever waits is told so, and nobody gets a turn any more.
  void close();

  // In the order in which it was asked for. Fails as overloaded.
  [[nodiscard]] kj::Promise<Turn> take();
  // Whether one reads.
  [[nodiscard]] bool is_taken() const { return taken_; }
  // How many wait for theirs.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // Gives the next turn, where there is room. To be called when something was taken; more often does no harm.
  void look_again();

 private:
  using Waiting = kj::Own<kj::PromiseFulfiller<Turn>>;

  void end();
  [[nodiscard]] Waiting next();

  std::function<Room()> room_;
  bool taken_ = false;
  std::deque<Waiting> waiting_;  // At most as many as there may be calls and subscriptions.
};

}  // namespace runledger
