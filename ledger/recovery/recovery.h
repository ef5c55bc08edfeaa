// A new ledger that is made of the good events of a damaged one, and goes on as its successor.
#pragma once

#include <filesystem>
#include <optional>

#include "ledger/log/store/data_directory.h"
#include "ledger/recovery/damaged_ledger.h"
#include "ledger/values/caller.h"

namespace runledger {

// Makes the ledger in a directory that is empty, or does not exist, as a Restoration does: it is put together in the
// directory "restoring" inside it, and only finish() makes it the ledger of the directory. The damaged ledger is only
// read.
//
// The events are appended as an export is imported: states and indexes are made again from them. What does not follow
// from events is lost: the answers to commands of the last day, and the signs of life of open attempts.
class Recovery {
 public:
  // Makes the empty ledger aside, with the id, the identity key and the keys of tenants of the damaged one. Throws
  // Failure as DataDirectory does for kCreate, "ledger.key_missing" when there is no identity key, and as
  // durable_file.h says. Requires that `from` has an id and a format, or that both are set.
  Recovery(const DamagedLedger& from, const std::filesystem::path& into);

  // The ledger aside. It must be closed when finish() is called.
  [[nodiscard]] std::filesystem::path aside() const { return directory_.path() / kRestoringDirectory; }

  // Appends the good events. Returns what ended them early: an event that cannot follow the ones before it. `from` then
  // has fewer good ones. Throws Failure as Ledger does.
  void append_events(const Salvage& salvage, DamagedLedger& from, const Progress& progress) const;

  // Copies the access tokens, the audit key and what belongs to it, and the last signed checkpoint if the events that
  // are kept have it.
  void take_keys(const DamagedLedger& from) const;

  void finish() { directory_.adopt(aside()); }

 private:
  DataDirectory directory_;
};

// Appends the event by which the ledger goes on as its own successor, above `from.named`. Requires that nothing else
// appends to the log. Refuses as append_restored() does (ledger/backup/restoration.h).
Recovered append_recovered(EventLog& log, const DamagedLedger& from, const Caller& caller, Time now);

}  // namespace runledger
