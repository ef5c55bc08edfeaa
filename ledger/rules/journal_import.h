// The state that all lines of one journal import share.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <utility>

#include "ledger/rules/catalog.h"
#include "ledger/values/caller.h"

namespace runledger {

// What becomes of a line that was rejected before, by its command id: it gets the same rejection, or is decided anew.
enum class RememberedRejections : std::uint8_t { kStand, kDecideAnew };

// The submissions of an import's lines own it together. Any thread may read it; the flags are atomic.
struct JournalImport {
  // Requires that `rules` is not null.
  explicit JournalImport(std::shared_ptr<const Catalog> rules, const Caller& importer = {},
                         RememberedRejections rejections = RememberedRejections::kStand)
      : catalog(std::move(rules)), caller(importer), remembered(rejections) {}
  explicit JournalImport(Catalog rules, const Caller& importer = {},
                         RememberedRejections rejections = RememberedRejections::kStand)
      : JournalImport(std::make_shared<const Catalog>(std::move(rules)), importer, rejections) {}

  std::shared_ptr<const Catalog> catalog;  // The rules for the import's runs, in place of the ledger's own.
  const Caller caller;                     // Who imports.
  const RememberedRejections remembered;
  // True once the sequencer refused a line for now ("overloaded", "storage.full"). A line depends on the lines before
  // it, so the sequencer then refuses every later line of the import too, and the client can resume at the first
  // refused line with the same result. Only the sequencer sets the flags: the first when its queue had no room for a
  // line, and the second when it could not carry a line out, which applies to lines that already wait in the queue too.
  std::atomic<bool> deferred_at_queue = false;
  std::atomic<bool> deferred_at_commit = false;
};

}  // namespace runledger
