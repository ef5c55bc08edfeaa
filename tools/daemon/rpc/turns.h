// Turns, by which the reads of one connection follow one another. Only tools/daemon/rpc/ uses it.
#pragma once

#include <kj/async-io.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>

namespace runledger {

// Allows one read at a time, and none while the caller has too many bytes of earlier answers to take. So a caller that
// requests much and takes nothing costs at most the limit of its queued bytes and one further answer. Used by the event
// loop's thread only.
class RpcTurns final : public kj::Refcounted {
 public:
  // Whether the next read may begin.
  enum class Room : std::uint8_t {
    kFree,
    kFull,        // Not yet: this caller has too many bytes to take, or reads of others may fill the memory.
    kOverloaded,  // Never: all callers together have too many bytes to take, and this one is the cause.
  };

  // The permission to read; it ends when it is destroyed.
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

  // Sets the function that decides whether another read may begin. Before it, take() fails.
  void open(std::function<Room()> room) { room_ = std::move(room); }
  // The connection is closed: every waiting read fails as disconnected, and so does every later take().
  void close();

  // Returns a turn, in the order of the calls. Fails as overloaded when room is kOverloaded.
  [[nodiscard]] kj::Promise<Turn> take();
  // Whether a read has the turn.
  [[nodiscard]] bool is_taken() const { return taken_; }
  // How many reads wait for a turn.
  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  // Gives the next turn if there is room. Must be called when the caller has taken bytes; further calls are harmless.
  void look_again();

 private:
  using Waiting = kj::Own<kj::PromiseFulfiller<Turn>>;

  void end();
  [[nodiscard]] Waiting next();

  std::function<Room()> room_;
  bool taken_ = false;
  std::deque<Waiting> waiting_;  // Bounded by the calls and subscriptions of the connection.
};

}  // namespace runledger
