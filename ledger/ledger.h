// A ledger that is open in this process: its store, log, sequencer, catalog and clock.
#pragma once

#include <filesystem>
#include <functional>
#include <future>
#include <memory>

#include "ledger/log/decision_states.h"
#include "ledger/log/event_log.h"
#include "ledger/rules/ask.h"
#include "ledger/rules/catalog.h"
#include "ledger/sequencer.h"
#include "ledger/values/position_seal.h"

namespace runledger {

// Owns the parts and connects them. Any thread may use it. Only one process at a time can have a ledger open.
class Ledger {
 public:
  struct Options {
    std::filesystem::path directory;     // Must hold a ledger; locked while open.
    bool is_copy = false;                // As Store::Options::is_copy.
    std::filesystem::path view_of = {};  // As Store::Options::view_of.
    Catalog catalog = {};                // The types of runs and their policies, until replace_catalog().
    const Clock* clock = nullptr;        // Not owned; must outlive the ledger. Null: the system's clock.
    rocksdb::Env* env = nullptr;         // Not owned; must outlive the ledger. Null: real files.
    Sequencer::Options sequencer = {};
    std::function<void(const std::string& what)> on_fatal = {};  // As Store::Options::on_fatal.
    // As of MarkKeeper (ledger/log/mark_keeper.h). Called on another thread, or by the destructor.
    std::function<void(const std::string& what)> on_mark_failed = {};
  };

  // Opens the ledger. Throws Failure as Store and EventLog do.
  explicit Ledger(const Options& options);
  ~Ledger();  // Waits until the queued commands are answered.

  // Turns `ask` of `caller` into a command and submits it, with the contract of Sequencer::submit(). An ask that is not
  // complete is refused with a code of prepare_request() (ledger/rules/ask.h); `complete` is then called immediately,
  // on the calling thread. The future is the same for callers that want to wait.
  void submit(Ask ask, const CommandOptions& options, const Caller& caller, Sequencer::Completion complete);
  // The same under this catalog, from which the caller has already read. Requires one that catalog() returned.
  void submit(Ask ask, const CommandOptions& options, const Caller& caller, std::shared_ptr<const Catalog> rules,
              Sequencer::Completion complete);
  [[nodiscard]] std::future<Answer> submit(Ask ask, const CommandOptions& options, const Caller& caller = {});

  [[nodiscard]] Sequencer& sequencer() noexcept;
  [[nodiscard]] EventLog& log() noexcept;
  [[nodiscard]] const DecisionStates& states() const noexcept;
  // The catalog in force; never null. It stays as it is when another one comes into force.
  [[nodiscard]] std::shared_ptr<const Catalog> catalog() const;
  // From now on another catalog is in force. A command that was submitted before is decided under the one that its ask
  // was prepared with; the ledger's own commands and reports of workers under that of the commit that decides them.
  // Runs keep the policy with which they were requested, so a type that the new catalog does not list is treated as
  // after an opening with that catalog.
  void replace_catalog(Catalog catalog);
  [[nodiscard]] const IdentityKey& identity_key() const noexcept;
  // Seals positions for callers that may not see how many events there are.
  [[nodiscard]] const PositionSeal& position_seal() const noexcept;
  // The clock by which decisions are made. It never goes back, and is never before the last event
  // (ledger/values/forward_clock.h).
  [[nodiscard]] const Clock& clock() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
