// Folds the states of runs and identities from the log and compares them with the stored ones.
//
// Decisions are made on these states, so a wrong one would let the ledger accept or refuse the wrong command. RunCheck
// and IdentityCheck work alike: PartFold splits the keys into parts that fit in memory, and for each part
// 1. all readable events pass by and are folded into the states of the part, which also shows illegal streams;
// 2. the stored states are visited and compared, which also shows extra ones;
// 3. each folded state that the visit did not meet is loaded by its key. It is missing, or it is stored after an entry
//    that ended the visit because it could not be read.
//
// Findings about a stream are kept with its state and are reported in step 3. A state may be deferred to a later part
// in the middle of a pass and is then folded again from its first event, so a finding that is reported at once would
// appear twice.
//
// RunCheck compares nothing for a run with a gap in its versions: the fold of the remaining events proves nothing about
// the stored state, and the gap is reported already.
//
// IdentityCheck is keyed by identity, but only a request names it. So `runs_` remembers the state of every active run,
// with its identity. All runs of an identity are in the same part, hence a pass sees every event that can change it.
// When an identity is deferred, its runs are dropped at their next event. A run that has ended no longer changes its
// identity, so memory holds active runs only.
#include "projections/verify/state_check.h"

#include <fmt/format.h>

#include <unordered_map>

#include "ledger/base/failure.h"
#include "ledger/log/decision_states.h"
#include "ledger/log/log_inspection.h"
#include "ledger/log/state_codec.h"
#include "projections/folds/event_source.h"
#include "projections/folds/part_fold.h"

namespace runledger {
namespace {

// A stream that is broken in many places would fill the memory with its findings.
constexpr std::size_t kFindingsPerStreamMax = 100;

// Keeps a finding with its state: the state may be deferred to a later part, where the same finding is made again.
void keep(std::vector<Finding>& findings, std::string code, const Envelope& envelope, std::string detail) {
  if (findings.size() >= kFindingsPerStreamMax) return;
  findings.push_back({std::move(code), envelope.sequence, envelope.run, std::move(detail)});
}

void report_all(VerifyReport& report, std::vector<Finding>& findings) {
  for (Finding& finding : findings) report.add(std::move(finding));
}

// Calls `visit`. Damage ends the visit, but not the check, and is reported with the first part only.
template <class Visit>
void visit_stored(VerifyReport& report, bool first_part, const char* code, const Visit& visit) {
  try {
    visit();
  } catch (const Failure& failure) {
    if (failure.remedy() != Remedy::kDamageFound) throw;
    if (first_part) report.add({code, {}, {}, failure.what()});
  }
}

std::string describe(const RunState& state) {
  return fmt::format("version {} ({}, {}, {} attempts, event {})", state.version.value, to_string(state.status),
                     to_string(state.outcome), state.attempts.size(), state.last_sequence.value);
}

std::string differences(const RunState& expected, const RunState& found) {
  const std::string right = describe(expected);
  const std::string wrong = describe(found);
  if (right != wrong) return fmt::format("expected {}, found {}", right, wrong);
  return fmt::format("expected what the events fold to at {}, found other content", right);
}

class RunCheck {
 public:
  RunCheck(const EventLog& log, EventSource events, VerifyReport& report, std::size_t states_max)
      : inspection_(log.store()),
        states_(log.store()),
        events_(std::move(events)),
        report_(report),
        part_(states_max) {}

  void run() {
    while (part_.next_part()) {
      events_([this](const Envelope& envelope) { fold(envelope); });
      visit_stored(report_, !part_.from(), "run_state.unreadable", [this] {
        inspection_.visit_runs([this](RunId run, const std::optional<RunState>& stored) { compare(run, stored); });
      });
      part_.visit([this](RunId run, Folded& folded) { conclude(run, folded); });
    }
  }

 private:
  struct Folded {
    RunState state;
    bool compared = false;
    bool broken = false;  // Events are missing, so the fold of the others proves nothing.
    std::vector<Finding> findings;
  };

  void fold(const Envelope& envelope) {
    Folded* folded = part_.state_of(envelope.run);
    if (folded == nullptr) return;
    RunState& state = folded->state;
    if (envelope.run_version != state.version.next()) {
      keep(folded->findings, "stream.version_gap", envelope,
           fmt::format("expected event {} of the run, found event {}", state.version.next().value,
                       envelope.run_version.value));
      folded->broken = true;
    } else if (!folded->broken) {
      if (auto reason = illegal_step(state, envelope)) {
        keep(folded->findings, "stream.illegal", envelope, *std::move(reason));
      }
    }
    evolve(state, envelope);
  }

  // An absent state is left to the events of the run.
  void compare(RunId run, const std::optional<RunState>& stored) {
    if (!part_.holds(run)) return;
    Folded* folded = part_.find(run);
    if (folded == nullptr) {
      return report_.add({"run_state.extra", {}, run, "expected no state, as the log has no such run"});
    }
    folded->compared = true;
    const RunState& expected = folded->state;
    if (folded->broken || (stored ? expected == *stored : is_left_to_events(expected))) return;
    report_.add({"run_state.differs", expected.last_sequence, run,
                 stored ? differences(expected, *stored)
                        : fmt::format("expected {}, found an empty entry", describe(expected))});
  }

  void conclude(RunId run, Folded& folded) {
    ++report_.runs;
    report_all(report_, folded.findings);
    if (!folded.compared) compare_unvisited(run, folded);
  }

  // The state is missing, or is stored after an entry that could not be read.
  void compare_unvisited(RunId run, const Folded& folded) {
    try {
      const RunState stored = states_.load_run(run);
      if (stored.exists()) return compare(run, stored);
      report_.add({"run_state.missing", folded.state.last_sequence, run, "expected a state, found none"});
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) throw;
      report_.add({"run_state.differs", folded.state.last_sequence, run, failure.what()});
    }
  }

  const LogInspection inspection_;
  const DecisionStates states_;
  EventSource events_;
  VerifyReport& report_;
  PartFold<RunId, Folded> part_;
};

// A run belongs to the part of its identity, so that all events of an identity are folded in one pass.
class IdentityCheck {
 public:
  IdentityCheck(const EventLog& log, EventSource events, VerifyReport& report, std::size_t states_max)
      : inspection_(log.store()),
        states_(log.store()),
        events_(std::move(events)),
        report_(report),
        part_(states_max) {}

  void run() {
    while (part_.next_part()) {
      runs_.clear();
      events_([this](const Envelope& envelope) { fold(envelope); });
      visit_stored(report_, !part_.from(), "identity_state.unreadable", [this] {
        inspection_.visit_identities(
            [this](const Identity& identity, const IdentityState& stored) { compare(identity, stored); });
      });
      part_.visit([this](const Identity& identity, Folded& folded) {
        report_all(report_, folded.findings);
        if (!folded.compared) compare_unvisited(identity, folded);
      });
    }
  }

 private:
  struct Folded {
    IdentityState state;
    bool compared = false;
    std::vector<Finding> findings;
  };

  void fold(const Envelope& envelope) {
    if (const auto* requested = std::get_if<Requested>(&envelope.event)) begin(envelope, requested->identity);
    const auto run = runs_.find(envelope.run);
    if (run == runs_.end()) return;
    Folded* folded = part_.find(run->second.identity);
    if (folded == nullptr) {  // The identity was deferred to a later part.
      runs_.erase(run);
      return;
    }
    evolve(run->second, envelope);
    evolve(folded->state, run->second, envelope);
    if (!run->second.active()) runs_.erase(run);  // Later events of the run do not change the identity.
  }

  void begin(const Envelope& envelope, const Identity& identity) {
    Folded* folded = part_.state_of(identity);
    if (folded == nullptr) return;
    const std::optional<RunId>& holder = folded->state.holder(envelope.origin);
    if (holder && *holder != envelope.run) {
      keep(folded->findings, "identity.two_active", envelope,
           fmt::format("expected no active run of identity {}, found {}", format_identity(identity),
                       format_uuid(holder->value)));
    }
    runs_[envelope.run].identity = identity;
  }

  void compare(const Identity& identity, const IdentityState& stored) {
    if (!part_.holds(identity)) return;
    Folded* folded = part_.find(identity);
    if (folded == nullptr) {
      return report_.add(
          {"identity_state.extra",
           {},
           stored.last,
           fmt::format("expected no state of identity {}, as no run has it", format_identity(identity))});
    }
    folded->compared = true;
    if (folded->state == stored) return;
    report_.add({"identity_state.differs", folded->state.decided_by, folded->state.last,
                 fmt::format("identity {}: expected what event {} left, found other content (by event {})",
                             format_identity(identity), folded->state.decided_by.value, stored.decided_by.value)});
  }

  void compare_unvisited(const Identity& identity, const Folded& folded) {
    const std::string name = format_identity(identity);
    try {
      const IdentityState stored = states_.load_identity(identity);
      if (stored.last) return compare(identity, stored);
      report_.add({"identity_state.missing", folded.state.decided_by, folded.state.last,
                   fmt::format("expected a state of identity {}, found none", name)});
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) throw;
      report_.add({"identity_state.differs", folded.state.decided_by, folded.state.last,
                   fmt::format("identity {}: {}", name, failure.what())});
    }
  }

  const LogInspection inspection_;
  const DecisionStates states_;
  EventSource events_;
  VerifyReport& report_;
  PartFold<Identity, Folded> part_;
  std::unordered_map<RunId, RunState> runs_;  // The active runs of the part.
};

}  // namespace

void check_run_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                      std::size_t states_max) {
  RunCheck(log, with_progress(readable_events(log, to), to, progress), report, states_max).run();
}

void check_identity_states(const EventLog& log, Sequence to, VerifyReport& report, const Progress& progress,
                           std::size_t states_max) {
  IdentityCheck(log, with_progress(readable_events(log, to), to, progress), report, states_max).run();
}

}  // namespace runledger
