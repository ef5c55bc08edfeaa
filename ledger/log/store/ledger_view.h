// A view of a ledger that another process may be using, made of its files alone.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ledger/base/posix_file.h"

namespace runledger {

// What a ledger held at one moment, as a directory of its own among the temporary files. Making it takes no lock and
// writes nothing into the ledger's directory, so it works on a file system that is read-only, and for a user who may
// only read; nobody waits for it. What is in it is durable. The destructor removes it.
//
// It is opened as a store whose StoreOptions::view_of is the ledger, because the keys stay there. It must outlive that
// store. For one thread.
class LedgerView {
 public:
  // Throws Failure as require_ledger() does, "ledger.wrong_user" when this user may not read the ledger's files,
  // "ledger.busy" when they change faster than they can be taken, "storage.full" and "storage.failed". Removes the
  // views that killed processes of this user have left.
  explicit LedgerView(std::filesystem::path ledger);
  ~LedgerView();
  LedgerView(const LedgerView&) = delete;
  LedgerView& operator=(const LedgerView&) = delete;

  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  // Whether files of the ledger's store have changed since.
  [[nodiscard]] bool is_outdated() const;
  // The text with the ledger's path in place of the view's.
  [[nodiscard]] std::string in_terms_of_ledger(std::string text) const;

 private:
  void take();
  void take_database(const std::filesystem::path& name);
  // Takes what is not taken yet; `tables` are. Returns false if the files changed meanwhile.
  [[nodiscard]] bool try_to_take(const std::filesystem::path& from, const std::filesystem::path& to,
                                 std::set<std::string>& tables);

  std::filesystem::path ledger_;
  std::filesystem::path path_;
  std::optional<PosixFile> in_use_;             // Locked, so that nobody takes the view for an abandoned one.
  std::vector<PosixFile> tables_;               // Open, so that they can be read when the ledger no longer needs them.
  std::map<std::string, std::uintmax_t> seen_;  // The files of the store and their sizes.
};

}  // namespace runledger
