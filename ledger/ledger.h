// A ledger opened in this process: store, log, sequencer and catalog put together.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <optional>

#include "ledger/log/decision_states.h"
#include "ledger/log/event_log.h"
#include "ledger/rules/ask.h"
#include "ledger/rules/catalog.h"
#include "ledger/sequencer.h"

namespace runledger {

// Any thread may use it.
class Ledger {
 public:
  struct Options {
    std::filesystem::path directory;
    Catalog catalog;
    const Clock* clock = nullptr;  // Not owned. Null: the system's clock.
    rocksdb::Env* env = nullptr;   // Not owned. Null: real files.
    Sequencer::Options sequencer;
    std::function<void(const std::string& what)> on_fatal = {};  // As Store::Options::on_fatal.
  };

  // Throws as Store and EventLog do.
  explicit Ledger(const Options& options);
  ~Ledger();

  // Carries out what is asked, as Sequencer::submit does. Codes besides those of the rules: those of prepare_request()
  // (ledger/rules/ask.h), with which `complete` is called at once.
  void submit(Ask ask, const CommandOptions& options, Sequencer::Completion complete);
  [[nodiscard]] std::future<Answer> submit(Ask ask, const CommandOptions& options);

  [[nodiscard]] Sequencer& sequencer() noexcept;
  [[nodiscard]] EventLog& log() noexcept;
  [[nodiscard]] const DecisionStates& states() const noexcept;
  [[nodiscard]] const Catalog& catalog() const noexcept;
  [[nodiscard]] const IdentityKey& identity_key() const noexcept;
  // The one that decisions are made by: never goes back, and not before the last event (ledger/values/forward_clock.h).
  [[nodiscard]] const Clock& clock() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
