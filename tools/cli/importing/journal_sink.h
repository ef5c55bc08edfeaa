// Where the lines of a journal go: into the ledger of this process, or to a daemon.
#pragma once

#include <functional>
#include <memory>
#include <string_view>

#include "clients/cpp/connect.h"
#include "clients/cpp/remote_journal.h"
#include "tools/cli/importing/window.h"

namespace runledger {

// So few that the callers between two calls hardly wait for longer than without.
inline constexpr std::size_t kLinesPerCallMax = 512;

// For one thread.
class JournalSink {
 public:
  virtual ~JournalSink() = default;

  // Takes the line over; older ones may be settled meanwhile. Its kind is not looked at.
  virtual void add(PendingLine line, std::string_view text) = 0;
  // Settles every line.
  virtual void drain() = 0;
};

// Throws Refused where the daemon would take no line of that source, and as import_remotely().
void need_import(RpcLink& link, const JournalSource& source);

// Both call `settle` for every line, in order, on the thread that uses them; it may throw. `batch`: how many
// lines a commit has at most, or a call, of which there are never more than kLinesPerCallMax; 1 or more.
[[nodiscard]] std::unique_ptr<JournalSink> embedded_journal(Ledger& ledger, const JournalSource& source,
                                                            const Catalog& catalog, std::size_t batch,
                                                            ImportWindow::Settle settle);
// Lines that a busy daemon puts off are given to it again, until it has taken none for a minute.
[[nodiscard]] std::unique_ptr<JournalSink> remote_journal(std::shared_ptr<RpcLink> link, JournalSource source,
                                                          std::size_t batch, ImportWindow::Settle settle);

}  // namespace runledger
