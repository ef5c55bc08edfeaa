// Checks the events, their indexes and the head in one pass over the log.
//
// verify_ledger() calls check_log() before the checks of states and rows, which skip unreadable events. Damage never
// ends the check: scan_with_damage() reports each position that has no readable event and goes on.
//
// The log is cut into windows of `window` events, so memory is bounded however long the log is. `places_` has one Place
// per event of the window: the entries that it should have. For each window three things happen in this order:
// 1. The events pass by. Each must encode to its stored bytes, its time must not be earlier than the one before, and
//    its scope sequence must follow the last one of its scope. Its Place is filled in, and its stored bytes go into the
//    Merkle tree.
// 2. The whole run index is visited. An entry that points into the window must agree with the Place there, which is
//    then marked. Places without a mark have no entry.
// 3. The same for the scope index and the workspace index. The numbers in the latter are checked against each other,
//    in the first window: those of one workspace must be 1, 2, 3… in the order of its entries.
//
// So each index is visited once per window, and every entry is compared in exactly one of them. Findings that belong to
// no event of the log (entries past its end, an unreadable index) are reported with the first window. There is always a
// first window, even when the log is empty.
//
// Three things are carried from window to window: the last number of each scope, the last time, and the tree. In the
// end check_head() compares the stored head with them. The numbering of runs is left to state_check.cc.
#include "projections/verify/log_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_map>

#include "ledger/base/failure.h"
#include "ledger/log/codec.h"
#include "ledger/log/entries.h"
#include "ledger/log/ledger_events.h"
#include "ledger/log/log_inspection.h"
#include "projections/folds/event_source.h"

namespace runledger {
namespace {

constexpr std::uint64_t kEventsPerProgress = 4096;

class LogCheck {
 public:
  LogCheck(const EventLog& log, const Head& head, VerifyReport& report, const Progress& progress, std::uint64_t window)
      : log_(log), inspection_(log.store()), head_(head), report_(report), progress_(progress), window_(window) {}

  void run() {
    do {
      check_window();
      window_start_ = Sequence{std::min(head_.sequence.value, window_start_.value + window_)};
    } while (window_start_ < head_.sequence);
    check_keys();
    check_head();
    if (progress_) progress_(head_.sequence.value, head_.sequence.value);
  }

 private:
  // The index entries that one event should have, and whether they were found.
  struct Place {
    bool readable = false;
    bool in_run_index = false;
    bool in_scope_index = false;
    bool in_workspace_index = false;
    RunId run;
    RunVersion version;
    ContentDigest scope;
    ScopeSequence scope_sequence;
    ContentDigest workspace;
  };

  void check_window() {
    const Sequence to{std::min(head_.sequence.value, window_start_.value + window_)};
    places_.assign(to.value - window_start_.value, Place{});
    scan_with_damage(
        log_, window_start_, to,
        [this](const Envelope* envelope, std::string_view stored) {
          ++report_.events;
          tree_.append(stored);
          if (envelope != nullptr) check_event(*envelope, stored);
          if (progress_ && report_.events % kEventsPerProgress == 0) progress_(report_.events, head_.sequence.value);
        },
        [this](const LogDamage& damage) {
          report_.add({damage.code, damage.sequence, {}, damage.detail});
        });
    check_run_index();
    check_scope_index();
    check_workspace_index();
  }

  void check_event(const Envelope& envelope, std::string_view stored) {
    if (encode(envelope) != stored) {
      add("event.not_canonical", envelope, "expected the bytes that its content encodes to, found others");
    }
    if (envelope.recorded_at < recorded_at_) {
      add("event.time_went_back", envelope,
          fmt::format("expected recorded_at at or after {}, found {}", format_time(recorded_at_),
                      format_time(envelope.recorded_at)));
    }
    recorded_at_ = envelope.recorded_at;

    Place& place = places_[envelope.sequence.value - window_start_.value - 1];
    place.readable = true;
    place.run = envelope.run;
    place.version = envelope.run_version;
    place.scope = scope_digest(envelope.scope);
    place.scope_sequence = envelope.scope_sequence;
    place.workspace = workspace_digest(envelope.scope.workspace);
    if (!envelope.sealed.is_readable) note_unreadable(envelope);
    if (is_of_ledger(envelope.event)) return check_ledger_event(envelope);
    ScopeNumber& last = scopes_[place.scope];
    const ScopeSequence expected{last.number.value + 1 + (ledger_events_.skipped() - last.skipped)};
    if (envelope.scope_sequence != expected) {
      add("scope.gap", envelope,
          fmt::format("expected number {} of its scope, found {}", expected.value, envelope.scope_sequence.value));
    }
    last = {envelope.scope_sequence, ledger_events_.skipped()};
  }

  // Whether the key was destroyed on purpose is known only when the whole log has been read.
  void note_unreadable(const Envelope& envelope) {
    const auto [place, is_new] = unreadable_.try_emplace(key_of(envelope.sealed.bytes), Unreadable{});
    if (is_new) place->second.first = envelope.sequence;
    ++place->second.events;
  }

  void check_keys() {
    for (const LedgerEvents::Erasure& erasure : ledger_events_.erasures()) {
      for (const std::uint64_t key : erasure.what.keys) unreadable_.erase(SealKeyId{key});
    }
    const SealKeys* const keys = log_.store().seal_keys();
    if (keys != nullptr && !keys->has_file()) return;  // One finding says so for all of them.
    for (const auto& [key, found] : unreadable_)
      report_.add({"seal.key_missing",
                   found.first,
                   {},
                   fmt::format("expected the key {}, under which the content of this event and of {} others is sealed, "
                               "found none, and no event that it was destroyed",
                               format_key_id(key), found.events - 1)});
  }

  void check_ledger_event(const Envelope& envelope) {
    if (auto reason = illegal_ledger_event(ledger_events_, envelope))
      add("stream.illegal", envelope, *std::move(reason));
    ledger_events_.add(envelope);
  }

  void check_run_index() {
    visit_index("run_index", [this] {
      inspection_.visit_run_events([this](RunId run, RunVersion version, Sequence to) {
        Place* place = place_of("run_index", to, run);
        if (place == nullptr) return;
        if (place->run == run && place->version == version) {
          place->in_run_index = true;
        } else {
          report_.add({"run_index.differs", to, run,
                       fmt::format("expected event {} of run {}, found event {} of run {}", version.value,
                                   format_uuid(run.value), place->version.value, format_uuid(place->run.value))});
        }
      });
    });
    report_missing("run_index.missing", &Place::in_run_index);
  }

  void check_scope_index() {
    visit_index("scope_index", [this] {
      inspection_.visit_scope_events([this](const ContentDigest& scope, ScopeSequence number, Sequence to) {
        Place* place = place_of("scope_index", to, {});
        if (place == nullptr) return;
        if (place->scope == scope && place->scope_sequence == number) {
          place->in_scope_index = true;
        } else {
          report_.add({"scope_index.differs", to, place->run,
                       fmt::format("expected event {} of a scope, found event {} of it or of another", number.value,
                                   place->scope_sequence.value)});
        }
      });
    });
    report_missing("scope_index.missing", &Place::in_scope_index);
  }

  void check_workspace_index() {
    visit_index("workspace_index", [this] {
      ContentDigest counted;
      WorkspaceSequence last;
      inspection_.visit_workspace_events([&](const ContentDigest& workspace, Sequence to, WorkspaceSequence number) {
        if (workspace != counted) last = {};
        if (first_window() && number != last.next()) {
          report_.add({"workspace_index.differs",
                       to,
                       {},
                       fmt::format("expected number {} of its workspace, found {}", last.next().value, number.value)});
        }
        counted = workspace;
        last = number;
        Place* place = place_of("workspace_index", to, {});
        if (place == nullptr) return;
        if (place->workspace == workspace) {
          place->in_workspace_index = true;
        } else {
          report_.add({"workspace_index.differs", to, place->run,
                       "expected an event of the entry's workspace, found one of another"});
        }
      });
    });
    report_missing("workspace_index.missing", &Place::in_workspace_index);
  }

  // An entry that cannot be read ends the visit of its index, but not the check.
  void visit_index(const char* index, const std::function<void()>& visit) {
    try {
      visit();
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) throw;
      if (first_window()) report_.add({fmt::format("{}.unreadable", index), {}, {}, failure.what()});
    }
  }

  // The place that an index entry points to. Null when it is in another window, past the end, or at an event that could
  // not be read.
  Place* place_of(const char* index, Sequence to, std::optional<RunId> run) {
    if (to.value == 0 || to > head_.sequence) {
      if (first_window()) {
        report_.add(
            {fmt::format("{}.extra", index), to, run,
             fmt::format("expected entries of events 1 to {}, found one of event {}", head_.sequence.value, to.value)});
      }
      return nullptr;
    }
    if (to <= window_start_ || to.value > window_start_.value + places_.size()) return nullptr;
    Place& place = places_[to.value - window_start_.value - 1];
    return place.readable ? &place : nullptr;
  }

  void report_missing(const char* code, bool Place::*seen) {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      if (!places_[i].readable || places_[i].*seen) continue;
      report_.add({code, Sequence{window_start_.value + i + 1}, places_[i].run, "expected an entry, found none"});
    }
  }

  void check_head() {
    if (head_.tree.size() != head_.sequence.value) {
      report_.add(
          {"head.mismatch",
           head_.sequence,
           {},
           fmt::format("expected a tree of {} events, found one of {}", head_.sequence.value, head_.tree.size())});
    }
    if (head_.recorded_at != recorded_at_) {
      report_.add({"head.mismatch",
                   head_.sequence,
                   {},
                   fmt::format("expected the last event's time {}, found {}", format_time(recorded_at_),
                               format_time(head_.recorded_at))});
    }
    if (head_.tree != tree_) {
      report_.add({"tree.root_mismatch",
                   head_.sequence,
                   {},
                   fmt::format("expected root {}, found that the stored events have root {}",
                               format_hex(bytes_of(head_.tree.root())), format_hex(bytes_of(tree_.root())))});
    }
  }

  void add(const char* code, const Envelope& envelope, std::string detail) {
    report_.add({code, envelope.sequence, envelope.run, std::move(detail)});
  }

  [[nodiscard]] bool first_window() const { return window_start_.value == 0; }

  const EventLog& log_;
  const LogInspection inspection_;
  const Head& head_;
  VerifyReport& report_;
  const Progress& progress_;
  const std::uint64_t window_;
  Sequence window_start_;  // The position of the event before the window.
  std::vector<Place> places_;
  // The last number of each scope, and by how much the numbers had been moved on by then: 32 bytes per scope. There are
  // far fewer scopes than runs.
  struct ScopeNumber {
    ScopeSequence number;
    std::uint64_t skipped = 0;
  };
  std::unordered_map<ContentDigest, ScopeNumber> scopes_;
  LedgerEvents ledger_events_;
  struct Unreadable {
    Sequence first;
    std::uint64_t events = 0;
  };
  std::map<SealKeyId, Unreadable> unreadable_;  // By the key that is not here.
  Time recorded_at_;
  MerkleFrontier tree_;
};

}  // namespace

void check_log(const EventLog& log, const Head& head, VerifyReport& report, const Progress& progress,
               std::uint64_t window) {
  LogCheck(log, head, report, progress, window).run();
}

}  // namespace runledger
