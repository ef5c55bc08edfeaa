// The admission rule: which records of a shard's log count.
//
// An engine keeps records in one order, and does not ask who writes them. A node that was suspected wrongly, stopped or
// cut off goes on writing, and records arrive late or twice. Every reader therefore folds the log with this rule, and
// all of them pass over the same records.
#pragma once

#include <cstdint>

#include "ledger/base/enum_words.h"
#include "ledger/log/merkle.h"
#include "ledger/shard/record.h"

namespace runledger {

// What a record is to a reader.
enum class RecordVerdict : std::uint8_t {
  kAdmitted,    // It counts, and the fold has taken it in.
  kPassedOver,  // It does not count for any reader: a deposed leader wrote it, or it is a second copy.
  kForeign,     // A fence of another shard or ledger. The reader must stop: this is not its log.
  kDiverged,    // No leader can have written it after what this reader has read. The reader must stop: the log has lost
                // records, or what the reader has stored of it is not what it read.
};
template <>
inline constexpr auto kEnumWords<RecordVerdict> = enum_words<RecordVerdict>({{RecordVerdict::kAdmitted, "admitted"},
                                                                             {RecordVerdict::kPassedOver,
                                                                              "passed-over"},
                                                                             {RecordVerdict::kForeign, "foreign"},
                                                                             {RecordVerdict::kDiverged, "diverged"}});

// What every reader knows after the same records. A value; the fold reads no clock and no disk.
struct Admission {
  ShardId shard;
  ShardOwner owner;           // Of the last admitted fence.
  bool resigned = false;      // The owner has resigned.
  std::uint64_t commits = 0;  // The number of the owner's last admitted commit.
  MerkleFrontier tree;        // Over the events of all admitted commits.

  // The sequence of the last event.
  [[nodiscard]] Sequence head() const { return Sequence{tree.size()}; }

  // Takes in the next record of the log. Only kAdmitted changes the state.
  [[nodiscard]] RecordVerdict take(const ShardRecord& record);

  friend bool operator==(const Admission&, const Admission&) = default;
};

}  // namespace runledger
