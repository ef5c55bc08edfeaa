// What can be read of the store of a damaged ledger, without changing it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ledger/log/append_batch.h"
#include "ledger/log/event_log.h"
#include "ledger/log/store/store.h"

namespace runledger {

// One thing that is not as it was written.
struct LedgerDamage {
  std::string code;  // As of a finding of `verify`, or of the Failure with which the ledger does not open.
  std::optional<Sequence> sequence;
  std::string what;
};

// Reads each table and each file of the engine's own log by itself, whatever manifest there is, so that one damaged
// file costs only what was in it. The entries of an event never change, so it does not matter that some files may be
// older than others. Beside that it opens the store as the engine does, to read only, and compares: a store that cannot
// be opened is damaged even if every event can be read.
//
// Writes nothing, not even the engine's LOG, and takes no lock: nobody may use the ledger. The constructor throws
// Failure "ledger.not_found" when there is no store, "ledger.format_newer" and "ledger.format_older" as Store does, and
// "storage.failed" when the directory cannot be read. For one thread.
class Salvage {
 public:
  // `needed` are the files of the engine's log that the ledger's mark names, if there is one.
  Salvage(const std::filesystem::path& ledger, const std::optional<NeededLogs>& needed);
  ~Salvage();
  Salvage(const Salvage&) = delete;
  Salvage& operator=(const Salvage&) = delete;

  [[nodiscard]] const std::vector<LedgerDamage>& damage() const;

  // What the store says of itself; absent when no readable file says it.
  [[nodiscard]] std::optional<std::uint32_t> format() const;
  [[nodiscard]] std::optional<LedgerId> ledger_id() const;
  [[nodiscard]] std::optional<Digest<8>> identity_key_id() const;

  // The heads that were stored with the events, in no order.
  [[nodiscard]] const std::vector<Head>& heads() const;

  // Visits the events that can be read, in order, each with its position; gaps are passed over. The bytes are neither
  // decoded nor checked, and valid during the visit.
  using Visitor = std::function<Scan(Sequence position, std::string_view stored)>;
  void scan(const Visitor& visit) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace runledger
