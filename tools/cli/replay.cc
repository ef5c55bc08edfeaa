// `runledger replay`: the events as they happened, or the rows that they made.
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "ledger/envelope_json.h"
#include "projections/fold.h"
#include "projections/row_json.h"
#include "tools/cli/arguments.h"
#include "tools/cli/event_text.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

struct ReplayFilter {
  std::optional<RunId> run;
  std::optional<Tenant> tenant;
  std::optional<RunType> type;
  std::optional<std::string> kind;

  [[nodiscard]] bool shows(const OperationRun::Row& row) const {
    return (!run || row.id == *run) && (!tenant || row.scope.tenant == tenant) && (!type || row.type == *type);
  }
  // All but the type, which most events do not carry.
  [[nodiscard]] bool shows(const Envelope& envelope) const {
    return (!run || envelope.run == *run) && (!tenant || envelope.scope.tenant == tenant) &&
           (!kind || kind_name(envelope.event) == *kind);
  }
};

// Which runs are of the wanted type. Asks the log once for each run, since only its first event tells the type.
class TypeFilter {
 public:
  TypeFilter(const EventLog& log, const std::optional<RunType>& type) : log_(log), type_(type) {}

  bool shows(const Envelope& envelope) {
    if (!type_) return true;
    if (known_.size() >= kKnownMax) known_.clear();
    const auto [entry, added] = known_.try_emplace(envelope.run, false);
    if (added) entry->second = log_.load_run(envelope.run).type == *type_;
    return entry->second;
  }

 private:
  static constexpr std::size_t kKnownMax = 1'000'000;

  const EventLog& log_;
  const std::optional<RunType>& type_;
  std::unordered_map<RunId, bool> known_;
};

std::string row_text(const OperationRun::Row& row) {
  return fmt::format("{}  {}  {}  {}  {}  attempt {}  {}", format_uuid(row.id.value), scope_text(row.scope),
                     row.type.str(), to_string(row.status), to_string(row.outcome), row.attempt.value,
                     counts_text(row.summary_counts));
}

void print_row(const Context& context, const OperationRun::Row& row) {
  context.out.line(context.json() ? row_to_json(row).dump() : row_text(row));
}

void replay_events(const Context& context, const EventLog& log, const ReplayFilter& filter, SequenceRange range) {
  TypeFilter type_filter(log, filter.type);
  const Progress progress = context.out.terminal() ? Progress([](auto, auto) {}) : progress_bar(context, "replaying");
  log.scan(Sequence{range.from.value - 1}, range.to, [&](const Envelope& envelope, std::string_view) {
    if (filter.shows(envelope) && type_filter.shows(envelope))
      context.out.line(context.json() ? envelope_to_json(envelope) : envelope_text(envelope));
    progress(envelope.sequence.value - range.from.value + 1, range.to.value - range.from.value + 1);
    return Scan::kContinue;
  });
}

void replay_state(const Context& context, const EventLog& log, const ReplayFilter& filter, Sequence to) {
  const auto print_if_shown = [&](const OperationRun::Row& row) {
    if (filter.shows(row)) print_row(context, row);
  };
  if (!filter.run) return fold_all(log, to, print_if_shown, progress_bar(context, "folding"));
  if (const std::optional<OperationRun::Row> row = fold_run(log, *filter.run, to)) print_if_shown(*row);
}

class Replay final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "replay",
            .summary = "The events as they happened, or the rows that they had made by then",
            .example =
                "  runledger replay --from 1 --to 100 --kind attempt-finished\n"
                "  runledger --format json replay --state --to 100"};
  }

  void declare(Options& options) override {
    options.value("--from", "SEQ", "The first event (default 1)", from_);
    options.value("--to", "SEQ", "The last event (default: the last there is)", to_);
    options.value("--run", "UUID", "Only of this run", run_);
    options.value("--tenant", "T", "Only of this tenant", tenant_);
    options.value("--type", "TYPE", "Only of runs of this type", type_);
    options.value("--kind", "KIND",
                  "Only events of this kind: requested, deduped, attempt-started, "
                  "attempt-finished, failed",
                  kind_);
    options.flag("--state", "The rows as of --to instead, in the order of their ids", state_);
  }

  ExitStatus run(const Context& context) override {
    const ReplayFilter filter = require_filter();
    if (state_ && (from_ || kind_)) refuse_input("usage", "--state folds every event up to --to: no --from, no --kind");
    Ledger ledger = open_ledger(context);
    const SequenceRange range = require_range(from_, to_, ledger.log().last());
    if (state_) {
      replay_state(context, ledger.log(), filter, range.to);
    } else if (range.from <= range.to) {
      replay_events(context, ledger.log(), filter, range);
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] ReplayFilter require_filter() const {
    ReplayFilter filter;
    if (run_) filter.run = require_run_id(*run_);
    if (tenant_) filter.tenant = require(parse_tenant(*tenant_));
    if (type_) filter.type = require(parse_run_type(*type_));
    filter.kind = kind_;
    if (kind_ && std::find(std::begin(kEventKinds), std::end(kEventKinds), *kind_) == std::end(kEventKinds))
      refuse_input("kind.invalid", fmt::format("expected requested, deduped, attempt-started, attempt-finished or "
                                               "failed, found \"{}\"",
                                               *kind_));
    return filter;
  }

  Typed from_;
  Typed to_;
  Typed run_;
  Typed tenant_;
  Typed type_;
  Typed kind_;
  bool state_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_replay() {
  return std::make_unique<Replay>();
}

}  // namespace runledger
