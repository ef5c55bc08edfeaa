// Makes and removes the directories of copies.
//
// A finished copy is in use exactly if its lock is held, so an abandoned copy is recognised by taking that lock. What
// is not a finished copy was left by a creation that was killed. Any other failure says nothing, so the copy stays.
#include "ledger/log/store/ledger_copy.h"

#include <system_error>

#include "ledger/base/directory.h"
#include "ledger/base/failure.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/log/store/ledger_files.h"
#include "ledger/values/uuid.h"

namespace runledger {
namespace {

namespace fs = std::filesystem;

bool is_in_use(const fs::path& copy) {
  try {
    const DataDirectory lock(copy, DataDirectory::Purpose::kUseCopy);
    return false;
  } catch (const Failure& failure) {
    return failure.code() != "ledger.not_found";
  }
}

}  // namespace

fs::path LedgerCopy::path_of(const fs::path& ledger, const std::string& name) {
  return ledger / kCopiesDirectory / name;
}

LedgerCopy::LedgerCopy(const Store& store, CopyOf what)
    : path_(path_of(store.directory(), format_uuid(random_uuid()))) {
  try {
    store.copy_to(path_, what);
  } catch (...) {
    remove_quietly(path_);
    throw;
  }
}

LedgerCopy::~LedgerCopy() {
  remove_quietly(path_);
}

void LedgerCopy::remove_abandoned(const fs::path& ledger) {
  std::error_code none;
  for (fs::directory_iterator entry(ledger / kCopiesDirectory, none), end; !none && entry != end;
       entry.increment(none)) {
    if (!is_in_use(entry->path())) remove_quietly(entry->path());
  }
}

}  // namespace runledger
