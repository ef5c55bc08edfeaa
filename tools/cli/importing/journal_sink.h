// Takes in the lines of a journal, either into the ledger of this process or through a daemon.
#pragma once

#include <memory>
#include <string_view>

#include "clients/cpp/connect.h"
#include "clients/cpp/remote_journal.h"
#include "tools/cli/importing/window.h"

namespace runledger {

// Small enough that live callers see no added latency between two calls.
inline constexpr std::size_t kLinesPerCallMax = 512;

// Used by one thread. Every line that is added is settled once, in the order of the lines: the sink calls the Settle
// function that it was made with, on the thread that uses it. When that function throws, the exception passes through
// add() or drain(), and the sink must not be used again. A line that the sink still holds on destruction is not
// settled, though the ledger may have taken it.
class JournalSink {
 public:
  virtual ~JournalSink() = default;

  // Takes the line over, and may settle older ones first. The sink sets `line.kind` itself. `text` is the line without
  // its end, and need not outlive the call.
  virtual void add(PendingLine line, std::string_view text) = 0;
  // Settles every line that was added, and returns when it has.
  virtual void drain() = 0;
};

// Asks the daemon whether it would take lines of that source, without sending any. Throws RefusedWith when it would
// not, and as import_remotely() does.
void need_import(RpcLink& link, const JournalSource& source);

// Makes a sink into the ledger of this process. `batch`, at least 1, is the number of lines that a commit has at most.
// `ledger` and `catalog` are not owned and must outlive the sink.
[[nodiscard]] std::unique_ptr<JournalSink> embedded_journal(Ledger& ledger, const JournalSource& source,
                                                            const Catalog& catalog, std::size_t batch,
                                                            ImportWindow::Settle settle);
// Makes a sink through a daemon. `batch`, at least 1, is the number of lines in a call, but a call never has more than
// kLinesPerCallMax. Lines that a busy daemon defers are sent again; only after a minute without a line taken are they
// settled with its answer "overloaded".
[[nodiscard]] std::unique_ptr<JournalSink> remote_journal(std::shared_ptr<RpcLink> link, JournalSource source,
                                                          std::size_t batch, ImportWindow::Settle settle);

}  // namespace runledger
