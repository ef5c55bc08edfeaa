// A copy of a ledger that goes on working: for who wants to look at all of it at rest.
#pragma once

#include <filesystem>
#include <string>

#include "ledger/log/store/store.h"

namespace runledger {

// Lives in directory "copies" of the ledger's own, and is removed with this object.
class LedgerCopy {
 public:
  // As the store stands now. Throws as Store::copy_to() does.
  explicit LedgerCopy(const Store& store);
  ~LedgerCopy();
  LedgerCopy(const LedgerCopy&) = delete;
  LedgerCopy& operator=(const LedgerCopy&) = delete;

  [[nodiscard]] std::string name() const { return path_.filename(); }
  // Where the copy of that name is, in the ledger's directory.
  [[nodiscard]] static std::filesystem::path path_of(const std::filesystem::path& ledger, const std::string& name);

  // Removes those of a ledger that nobody has open: what was left behind by a process that was killed.
  static void remove_abandoned(const std::filesystem::path& ledger);

 private:
  std::filesystem::path path_;
};

}  // namespace runledger
