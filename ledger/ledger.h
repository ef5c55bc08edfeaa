// A ledger opened in this process: store, log, sequencer and catalog put together.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "ledger/log/event_log.h"
#include "ledger/rules/catalog.h"
#include "ledger/rules/run_request.h"
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

  // Adds the identity and the type's policy. Codes: "workspace.required", and by the type's scope "tenant.required" and
  // "tenant.not_allowed".
  [[nodiscard]] Result<RequestRun> prepare_request(RunRequest order) const;
  // The same by other rules than the ledger's own.
  [[nodiscard]] Result<RequestRun> prepare_request(RunRequest order, const Catalog& catalog) const;

  [[nodiscard]] Sequencer& sequencer() noexcept;
  [[nodiscard]] EventLog& log() noexcept;
  [[nodiscard]] const Catalog& catalog() const noexcept;
  // The one that decisions are made by: never goes back, and not before the last event (ledger/values/forward_clock.h).
  [[nodiscard]] const Clock& clock() const noexcept;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
