// Folds one run through the index of its events, and all runs part by part.
#include "projections/folds/fold.h"

#include "projections/folds/part_fold.h"

namespace runledger {

std::optional<OperationRun::Row> fold_run(const EventLog& log, RunId run, Sequence to) {
  const std::vector<Envelope> events = log.read_run(run, to);
  if (events.empty() || is_of_ledger(events.front().event)) return std::nullopt;
  OperationRun::Row row;
  for (const Envelope& envelope : events) OperationRun::evolve(row, envelope);
  return row;
}

void fold_all(const EventLog& log, Sequence to, const std::function<void(const OperationRun::Row&)>& visit,
              const std::function<void(std::uint64_t done, std::uint64_t total)>& progress, std::size_t rows_max) {
  fold_all(with_progress(sound_events(log, to), to, progress), visit, rows_max);
}

void fold_all(const EventSource& events, const std::function<void(const OperationRun::Row&)>& visit,
              std::size_t rows_max) {
  PartFold<RunId, OperationRun::Row> part(rows_max);
  while (part.next_part()) {
    events([&](const Envelope& envelope) {
      if (OperationRun::Row* row = part.state_of(envelope.run)) OperationRun::evolve(*row, envelope);
    });
    part.visit([&](RunId, const OperationRun::Row& row) { visit(row); });
  }
}

}  // namespace runledger
