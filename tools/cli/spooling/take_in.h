// Passes spooled runs on to the ledger that they are meant for.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "ledger/base/enum_words.h"
#include "ledger/client.h"
#include "tools/cli/context.h"
#include "tools/cli/spooling/record.h"
#include "tools/cli/spooling/spool.h"

namespace runledger {

// The name of the ledger that the command works on, as a spooled run has it: the address of --connect, or the path of
// the data directory.
[[nodiscard]] std::string ledger_name(const Context& context);

// The directory of --spool, or else `spool` in the data directory. Refuses with "usage" when there is none, because of
// --connect without --spool.
[[nodiscard]] std::filesystem::path require_spool_path(const Context& context);
// The same; empty when there is none.
[[nodiscard]] std::filesystem::path spool_path(const Context& context);

// What a file of the spool is, as long as it is not taken in.
enum class SpooledState {
  kRunning,    // Its process works on it, or was killed and the lease has not run out.
  kWaiting,    // It can be taken in.
  kElsewhere,  // It is meant for another ledger.
  kDamaged,    // It cannot be read as a run.
  kForeign,    // It is not the spool's: no regular file, of another user, or open to others.
};
template <>
inline constexpr auto kEnumWords<SpooledState> = enum_words<SpooledState>({
    {SpooledState::kRunning, "running"},
    {SpooledState::kWaiting, "waiting"},
    {SpooledState::kElsewhere, "elsewhere"},
    {SpooledState::kDamaged, "damaged"},
    {SpooledState::kForeign, "foreign"},
});

// A file of the spool as it was found.
struct SpooledItem {
  std::string name;
  SpooledState state = SpooledState::kWaiting;
  std::optional<SpooledRecord> record = {};  // Absent for a file that is damaged, foreign, or in use.
  std::string trouble = {};                  // Why it is damaged.
  std::optional<Answer> answer = {};         // The ledger's, if it was asked.
};

// Which runs are meant.
struct SpoolSelection {
  std::string ledger;         // Those that are meant for this one,
  bool every_ledger = false;  // or all.
};

// Calls `each` for every file of the spool, in the order of the requests. Changes nothing.
void list_spool(const Spool& spool, const SpoolSelection& selection,
                const std::function<void(const SpooledItem&)>& each);

// Submits every selected run that can be taken in, oldest first, and removes the file of a run that the ledger has
// recorded. Sets damaged files aside. Calls `each` for every file that it saw. Stops at an answer that says nothing
// about the run ("overloaded", "storage.full", UnknownOutcome). Throws as the client and the spool do.
void take_in_spool(const Spool& spool, const SpoolSelection& selection, LedgerClient& client,
                   const std::function<void(const SpooledItem&)>& each);

}  // namespace runledger
