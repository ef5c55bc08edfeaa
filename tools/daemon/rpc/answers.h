// The answers of one call's commands, gathered and sent. For tools/daemon/rpc_*.cc alone.
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

// Fails the call where it carries more.
inline void need_batch(DaemonWatch* watch, std::size_t size) {
  if (size > kCommandsPerCallMax)
    fail_call(watch, "batch.too_large",
              fmt::format("expected at most {} commands, found {}", kCommandsPerCallMax, size));
}

// Gathers the answers of one call's commands, which arrive on the sequencer's thread, and then wakes the event loop.
class Gathering {
 public:
  using Fulfiller = kj::Own<kj::CrossThreadPromiseFulfiller<void>>;
  Gathering(std::size_t count, Fulfiller done) : answers_(count), missing_(count), done_(kj::mv(done)) {
    if (count == 0) done_->fulfill();
  }

  [[nodiscard]] Sequencer::Completion slot(std::size_t index, std::shared_ptr<Gathering> self) {
    return [self = std::move(self), index](Answer answer) {
      self->answers_[index] = std::move(answer);
      if (self->missing_.fetch_sub(1, std::memory_order_acq_rel) == 1) self->done_->fulfill();
    };
  }
  // Once done.
  [[nodiscard]] const std::vector<Answer>& answers() const { return answers_; }

 private:
  std::vector<Answer> answers_;
  std::atomic<std::size_t> missing_;
  Fulfiller done_;
};

inline void tell_failed(DaemonWatch* watch, const std::exception& error) {
  const auto* failure = dynamic_cast<const Failure*>(&error);
  if (watch != nullptr) watch->failed(failure == nullptr ? "internal" : failure->code(), error.what());
}

// Of one command or claim. Why an outcome is unknown may name files, so that it is not for the caller.
template <class Out, class Answered>
void write_answer(Out out, const Answered& answer, DaemonWatch* watch) {
  const auto* unknown = std::get_if<UnknownOutcome>(&answer);
  wire::write(out, unknown == nullptr ? answer : Answered(UnknownOutcome{kOperatorIsTold}));
  if (watch == nullptr) return;
  if (const auto* rejection = std::get_if<Rejection>(&answer)) watch->rejected(rejection->code);
  if (unknown != nullptr && unknown->what != kOperatorIsTold) watch->failed("outcome.unknown", unknown->what);
}

}  // namespace runledger
