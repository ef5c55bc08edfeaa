// What is known of erasures that a backup does not know, because it was made before them.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ledger/evidence/erased_keys.h"
#include "ledger/log/event_log.h"
#include "ledger/values/caller.h"
#include "ledger/values/time.h"

namespace runledger {

// The keys that newer evidence of the same ledger names as erased: its checkpoints, and newer backups. A value.
class KnownErasures {
 public:
  // What `source` says of the events up to the one at `to`. `source` completes "as … says", for people.
  void add(const std::string& source, Sequence to, const ErasedKeys& named);

  [[nodiscard]] bool empty() const { return sources_.empty(); }
  [[nodiscard]] std::vector<SealKeyId> keys() const;
  // The first source that named the key; empty for a key that none has named.
  [[nodiscard]] std::string source_of(SealKeyId key) const;
  // The newest event up to which a source knows; zero without one.
  [[nodiscard]] Sequence known_to() const { return known_to_; }
  // How many keys were erased after the first `held` ones, as the sources count them, without being named by any: a
  // checkpoint names the newest only.
  [[nodiscard]] std::uint64_t unnamed(std::uint64_t held) const;

 private:
  std::map<SealKeyId, std::string> sources_;
  std::map<std::uint64_t, std::uint64_t> named_;  // The keys from the first number on, up to the second, were named.
  Sequence known_to_;
};

// Appends an event `erased` for each tenant that has content in the log under keys that are known to be erased,
// although no event of the log says so. Its reason says how that is known. Returns the events. Requires that nothing
// else appends to the log.
std::vector<Erased> append_erasures(EventLog& log, const KnownErasures& known, const Caller& caller, Time now);

}  // namespace runledger
