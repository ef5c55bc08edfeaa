// How a store is opened, and how the process ends when its disk fails.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace rocksdb {
class Env;
}

namespace runledger {

struct StoreOptions {
  std::filesystem::path directory;
  // Of the database only; lock and key are always real files. Not owned; must outlive the store. Null: real files.
  rocksdb::Env* env = nullptr;
  // Called by a thread of the engine on its first background error. Empty: prints one line and ends the process.
  std::function<void(const std::string& what)> on_fatal = {};
};

// Ends the process with status 1 in two seconds, in which those who wait are told that their outcome is unknown.
void end_process_soon();

}  // namespace runledger
