// Gathering and sending the answers to the commands of one call. Only tools/daemon/rpc/ uses it.
#pragma once

#include <fmt/format.h>
#include <kj/async-io.h>

#include <atomic>
#include <exception>
#include <memory>
#include <utility>
#include <vector>

#include "clients/cpp/claim_wire.h"
#include "clients/cpp/command_wire.h"
#include "tools/daemon/rpc/connection.h"

namespace runledger {

inline constexpr std::size_t kCommandsPerCallMax = 4096;

// Fails the call with "batch.too_large" when it carries more than kCommandsPerCallMax commands.
inline void need_batch(DaemonWatch* watch, std::size_t size) {
  if (size > kCommandsPerCallMax)
    fail_call(watch, "batch.too_large",
              fmt::format("expected at most {} commands, found {}", kCommandsPerCallMax, size));
}

// Collects the answers to the commands of one call. Answers arrive in any order, on the sequencer's thread or on the
// event loop's; the last one wakes the event loop.
class Gathering {
 public:
  using Fulfiller = kj::Own<kj::CrossThreadPromiseFulfiller<void>>;
  Gathering(std::size_t count, Fulfiller done) : answers_(count), missing_(count), done_(kj::mv(done)) {
    if (count == 0) done_->fulfill();
  }

  // Returns the completion of the command at `index`, to be called exactly once. `self` is this object: each completion
  // keeps it alive.
  [[nodiscard]] Sequencer::Completion slot(std::size_t index, std::shared_ptr<Gathering> self) {
    return [self = std::move(self), index](Answer answer) {
      self->answers_[index] = std::move(answer);
      if (self->missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) self->done_->fulfill();
    };
  }
  // In the order of the commands. Requires that the promise of `done` is fulfilled.
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }

 private:
  std::vector<Answer> answers_;
  std::atomic<std::size_t> missing_;
  Fulfiller done_;
};

// Reports an error of which the caller sees no more than its code, or that the outcome is unknown. `watch` may be null.
inline void report_failed(DaemonWatch* watch, const std::exception& error) {
  const auto* failure = dynamic_cast<const Failure*>(&error);
  if (watch != nullptr) watch->failed(failure == nullptr ? "internal" : failure->code(), error.what());
}

// Writes the answer to one command or claim, and counts it. The reason for an unknown outcome may name files, so it
// goes to `watch`, which may be null, and not to the caller.
template <class Out, class Answered>
void write_answer(Out out, const Answered& answer, DaemonWatch* watch) {
  const auto* unknown = std::get_if<UnknownOutcome>(&answer);
  wire::write(out, unknown == nullptr ? answer : Answered(UnknownOutcome{kSeeDaemonLog}));
  if (watch == nullptr) return;
  if (const auto* rejection = std::get_if<Rejection>(&answer)) watch->rejected(rejection->code);
  if (unknown != nullptr && unknown->what != kSeeDaemonLog) watch->failed("outcome.unknown", unknown->what);
}

}  // namespace runledger
