// What the lines of one import have in common.
#pragma once

#include <atomic>
#include <memory>
#include <utility>

#include "ledger/rules/catalog.h"

namespace runledger {

// Shared by the submissions of its lines.
struct JournalImport {
  // `rules` is not null.
  explicit JournalImport(std::shared_ptr<const Catalog> rules) : catalog(std::move(rules)) {}
  explicit JournalImport(Catalog rules) : catalog(std::make_shared<const Catalog>(std::move(rules))) {}

  std::shared_ptr<const Catalog> catalog;  // The rules that its runs were made under, in place of the ledger's own.
  // A line was answered "not now" ("overloaded", "storage.full"). Lines rest on those before them, so every later one
  // is then, and the import can be begun again at the first of them and ends the same. Set by the sequencer alone:
  // where it had no room for the line; and where it could not carry it out, which goes for those that wait as well.
  std::atomic<bool> deferred_at_queue = false;
  std::atomic<bool> deferred_at_commit = false;
};

}  // namespace runledger
