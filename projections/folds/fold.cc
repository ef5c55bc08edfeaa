// Folds one run through the index of its events, and all runs part by part.
#include "projections/folds/fold.h"

#include "projections/folds/part_fold.h"

namespace runledger {
namespace {

void evolve(OperationRun::Row& row, const Envelope& envelope) {
  OperationRun::evolve(row, envelope);
}

template <class State>
std::optional<State> fold_one(const EventLog& log, RunId run, Sequence to) {
  const std::vector<Envelope> events = log.read_run(run, to);
  if (events.empty() || is_of_ledger(events.front().event)) return std::nullopt;
  State state;
  for (const Envelope& envelope : events) evolve(state, envelope);
  return state;
}

template <class State>
void fold_each(const EventSource& events, const std::function<void(const State&)>& visit, std::size_t states_max) {
  PartFold<RunId, State> part(states_max);
  while (part.next_part()) {
    events([&](const Envelope& envelope) {
      if (State* state = part.state_of(envelope.run)) evolve(*state, envelope);
    });
    part.visit([&](RunId, const State& state) { visit(state); });
  }
}

}  // namespace

std::optional<OperationRun::Row> fold_run(const EventLog& log, RunId run, Sequence to) {
  return fold_one<OperationRun::Row>(log, run, to);
}

std::optional<RunWithAttempts> fold_run_with_attempts(const EventLog& log, RunId run, Sequence to) {
  return fold_one<RunWithAttempts>(log, run, to);
}

void fold_all(const EventLog& log, Sequence to, const std::function<void(const OperationRun::Row&)>& visit,
              const std::function<void(std::uint64_t done, std::uint64_t total)>& progress, std::size_t rows_max) {
  fold_all(with_progress(sound_events(log, to), to, progress), visit, rows_max);
}

void fold_all(const EventSource& events, const std::function<void(const OperationRun::Row&)>& visit,
              std::size_t rows_max) {
  fold_each(events, visit, rows_max);
}

void fold_all_with_attempts(const EventSource& events, const std::function<void(const RunWithAttempts&)>& visit,
                            std::size_t runs_max) {
  fold_each(events, visit, runs_max);
}

}  // namespace runledger
