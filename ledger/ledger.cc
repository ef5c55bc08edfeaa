// Builds the parts of a ledger in the order in which they depend on each other, and destroys them in reverse.
#include "ledger/ledger.h"

#include <optional>
#include <utility>

#include "ledger/current_catalog.h"
#include "ledger/log/mark_keeper.h"
#include "ledger/rules/facts.h"
#include "ledger/values/forward_clock.h"

namespace runledger {

struct Ledger::Impl {
  SystemClock system_clock;
  CurrentCatalog catalog;
  Store store;
  EventLog log;
  DecisionStates states;
  PositionSeal position_seal;
  std::optional<MarkKeeper> mark;
  ForwardClock clock;
  Sequencer sequencer;  // The last member, because its thread uses all others until it is destroyed.

  explicit Impl(const Options& options)
      : catalog(options.catalog),
        store(Store::Options{.directory = options.directory,
                             .is_copy = options.is_copy,
                             .view_of = options.view_of,
                             .env = options.env,
                             .on_fatal = options.on_fatal}),
        log(store),
        states(store),
        position_seal(view_of(store.identity_key().bytes), "runledger position"),
        clock(options.clock != nullptr ? *options.clock : system_clock, log.head().recorded_at),
        sequencer(log, states, clock, catalog, options.sequencer) {
    // A copy will be removed: a mark, and tables made at its end, would only cost time and space.
    if (!options.is_copy) mark.emplace(store, log, options.on_mark_failed);
  }
};

Ledger::Ledger(const Options& options) : impl_(std::make_unique<Impl>(options)) {}
Ledger::~Ledger() = default;

void Ledger::submit(Ask ask, const CommandOptions& options, const Caller& caller, Sequencer::Completion complete) {
  submit(std::move(ask), options, caller, catalog(), std::move(complete));
}

void Ledger::submit(Ask ask, const CommandOptions& options, const Caller& caller, std::shared_ptr<const Catalog> rules,
                    Sequencer::Completion complete) {
  Result<Submission> submission = prepare(std::move(ask), options, identity_key(), *rules);
  if (!submission) return complete(submission.rejection());
  submission->caller = caller;
  if (request_in(submission->command) != nullptr) submission->rules = std::move(rules);
  impl_->sequencer.submit(*std::move(submission), std::move(complete));
}

std::future<Answer> Ledger::submit(Ask ask, const CommandOptions& options, const Caller& caller) {
  // A completion is a std::function, which must be copyable; a promise is not.
  const auto promise = std::make_shared<std::promise<Answer>>();
  std::future<Answer> future = promise->get_future();
  submit(std::move(ask), options, caller, [promise](Answer answer) { promise->set_value(std::move(answer)); });
  return future;
}

Sequencer& Ledger::sequencer() noexcept {
  return impl_->sequencer;
}
EventLog& Ledger::log() noexcept {
  return impl_->log;
}
const DecisionStates& Ledger::states() const noexcept {
  return impl_->states;
}
std::shared_ptr<const Catalog> Ledger::catalog() const {
  return impl_->catalog.read();
}
void Ledger::replace_catalog(Catalog catalog) {
  impl_->catalog.replace(std::move(catalog));
}
const IdentityKey& Ledger::identity_key() const noexcept {
  return impl_->store.identity_key();
}
const PositionSeal& Ledger::position_seal() const noexcept {
  return impl_->position_seal;
}
const Clock& Ledger::clock() const noexcept {
  return impl_->clock;
}

}  // namespace runledger
