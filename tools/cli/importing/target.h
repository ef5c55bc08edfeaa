// Where the lines of an import go: a daemon, the ledger in the data directory, or a copy of it that is dropped.
#pragma once

#include <memory>
#include <optional>

#include "clients/cpp/remote_journal.h"
#include "ledger/ledger.h"
#include "ledger/log/store/ledger_copy.h"
#include "tools/cli/context.h"

namespace runledger {

// Owns what it opened. Used by one thread.
class ImportTarget {
 public:
  struct Options {
    bool verbatim = false;  // The lines are those of an export; they never go to a daemon.
    bool dry_run = false;   // The lines go into a copy of the ledger, which the destructor removes.
    std::size_t batch_max = 1;
  };

  // Finds the daemon or opens the ledger, and asks a daemon whether it takes the source. Throws as open_ledger(),
  // find_daemon(), need_import() and make_remote_copy() do.
  ImportTarget(const Context& context, const JournalSource& source, const Options& options);
  // Lets the local rows of the ledger follow.
  ~ImportTarget();
  ImportTarget(const ImportTarget&) = delete;
  ImportTarget& operator=(const ImportTarget&) = delete;

  // Exactly one of the two is not null.
  [[nodiscard]] const std::shared_ptr<RpcLink>& daemon() const { return takes_lines_ ? daemon_ : no_daemon_; }
  [[nodiscard]] Ledger* ledger() { return ledger_.get(); }
  // The policies of the journal's runs; a daemon that takes the lines has its own.
  [[nodiscard]] const Catalog& rules() const { return rules_; }

 private:
  void open_copy(const Context& context, const Sequencer::Options& options);

  std::shared_ptr<RpcLink> daemon_;  // Of the daemon that takes the lines, or that keeps the copy.
  bool takes_lines_;
  bool is_dry_run_;
  std::shared_ptr<RpcLink> no_daemon_;
  std::optional<LedgerCopy> copy_;
  Catalog rules_;
  std::unique_ptr<Ledger> ledger_;
  Sequence opened_at_;  // The last event when `ledger_` was opened.
};

}  // namespace runledger
