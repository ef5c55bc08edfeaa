// The options with which a store is opened, and how the process ends when its disk fails.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace rocksdb {
class Env;
}

namespace runledger {

struct StoreOptions {
  std::filesystem::path directory;  // The ledger's directory (ledger/log/store/data_directory.h).
  bool is_copy = false;             // The directory is a LedgerCopy or a LedgerView: root may open it too.
  // The directory is a LedgerView of the ledger in this one, which has the keys. Nothing is written into its store.
  std::filesystem::path view_of = {};
  // The files of the database; the lock and the key are always real files. Not owned; must outlive the store. Null:
  // real files.
  rocksdb::Env* env = nullptr;
  // Called once, on a thread of the engine, with the engine's first background error. Empty: prints one line to
  // standard error and calls end_process_soon().
  std::function<void(const std::string& what)> on_fatal = {};
};

// Ends the process with status 1 after two seconds, and returns immediately. In these two seconds the sequencer answers
// the waiting callers that their outcome is unknown. Later calls have no effect. Any thread may call it.
void end_process_soon();

}  // namespace runledger
