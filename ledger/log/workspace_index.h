// The index of the events of each workspace, by which a workspace numbers its own events: 1, 2, 3… in log order.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "ledger/base/bounded_cache.h"
#include "ledger/log/append_batch.h"
#include "ledger/log/store/store.h"
#include "ledger/rules/event.h"
#include "ledger/values/sequence.h"

namespace runledger {

// Reads the index. Its entry for an event is found under the workspace and the event's position, and holds the event's
// number among all events of the workspace, those of its tenants included. Unlike a ScopeSequence, this number is not
// part of the event (docs/decisions/0008-workspace-numbering.md).
//
// Any thread may use it, also while the log is being appended to. Throws Failure "storage.damaged" when the index does
// not have the form that it must have, and "storage.failed" when the engine cannot read.
class WorkspaceIndex {
 public:
  // `store` is not owned and must outlive it.
  explicit WorkspaceIndex(const Store& store) : store_(store) {}

  // Returns the number of the event at `position`. Requires an event of `workspace` there; throws "storage.damaged" if
  // the index has none.
  [[nodiscard]] WorkspaceSequence number_of(const Workspace& workspace, Sequence position) const;

  // Returns how many events `workspace` has up to and including the position `to`.
  [[nodiscard]] WorkspaceSequence count_at(const Workspace& workspace, Sequence to) const;

  // The reverse of number_of(). Returns zero when `workspace` has no event with that number up to and including the
  // position `to`, and for the number zero.
  [[nodiscard]] Sequence find(const Workspace& workspace, WorkspaceSequence number, Sequence to) const;

  // Visits the events of `workspace` with the numbers after `after`, up to and including the position `to` of the log,
  // in order, each with its number. Ends early when the visitor returns false. The stored bytes are valid during the
  // visit. Throws "storage.damaged" where the index and the events do not agree.
  using Visitor = std::function<bool(WorkspaceSequence number, const Envelope& envelope, std::string_view stored)>;
  void scan(const Workspace& workspace, WorkspaceSequence after, Sequence to, const Visitor& visit) const;

 private:
  const Store& store_;
};

// Numbers the events of a log while they are appended, each in its workspace. For the appending thread only. Throws as
// WorkspaceIndex does.
class WorkspaceNumbering {
 public:
  // `store` is not owned and must outlive it.
  explicit WorkspaceNumbering(const Store& store) : store_(store) {}

  struct Entry {
    std::string key;
    std::string value;
  };
  // To be called before the first event of each append. Forgets the numbers of an append that was not stored.
  void start();
  // Returns the index entry of the next event of the log.
  [[nodiscard]] Entry number_next(const Envelope& envelope);
  // To be called once all entries of an append are stored.
  void finish();

 private:
  static constexpr std::size_t kWorkspacesPerGeneration = 4096;

  struct Counted {
    ContentDigest workspace;
    WorkspaceSequence last;
  };

  const Store& store_;
  BoundedCache<std::string, Counted> counted_{kWorkspacesPerGeneration};  // By the name of the workspace.
  bool is_ahead_ = false;  // `counted_` has numbers that are not stored yet.
};

}  // namespace runledger
