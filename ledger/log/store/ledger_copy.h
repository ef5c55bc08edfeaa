// A point-in-time copy of a live ledger, for tools that need it not to change.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/log/store/store.h"

namespace runledger {

// The copy is a ledger of its own, in the directory "copies" inside the ledger's directory. The destructor removes it.
class LedgerCopy {
 public:
  // Copies the store as it is now. Throws as Store::copy_to() does, and then leaves no copy.
  explicit LedgerCopy(const Store& store, CopyOf what = CopyOf::kLogAndDerived);
  ~LedgerCopy();
  LedgerCopy(const LedgerCopy&) = delete;
  LedgerCopy& operator=(const LedgerCopy&) = delete;

  // The name of the copy: a random UUID.
  [[nodiscard]] std::string name() const { return path_.filename(); }
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // The path of the copy with that name, given the ledger's directory.
  [[nodiscard]] static std::filesystem::path path_of(const std::filesystem::path& ledger, const std::string& name);

  // Removes the copies of a ledger that no process has open: a process that was killed leaves its copies. Must not be
  // called while a copy is being made, because an unfinished copy counts as abandoned. A copy that cannot be removed
  // stays.
  static void remove_abandoned(const std::filesystem::path& ledger);

 private:
  std::filesystem::path path_;
};

}  // namespace runledger
