// Compares the stored rows, index entries and totals with the fold of the log, byte by byte.
//
// RowStore calls check_rows() for verify and for rebuild, each with its own visitor and a snapshot at the checkpoint.
// The rows of a large ledger do not fit in memory, so PartFold splits the run ids into parts. For each part the check
// does five things in this order:
// 1. It passes over all events and folds those of the runs in the part into a row and a tally of events.
// 2. It visits the stored rows of the range of ids. A row without a folded run is extra, one with other bytes differs,
//    and a folded run that the visit did not meet is missing.
// 3. It visits all index entries and takes those whose value is a run of the part. An entry that all_entries() of the
//    folded row does not list is extra. If fewer of them than are listed were there, the missing ones are looked for.
// 4. It does the same with the milestones.
// 5. It adds the row and the tally to the totals of its scope and type, and its times to the span of its block.
//
// The entries of events are compared in the first pass, event by event, since they depend on one event alone.
//
// After the last part the totals, the spans and the roll-ups are complete and are compared, too: they are few enough to
// stay in memory.
//
// The bounds of a part are certain only after the pass over the events, so nothing is compared before. Every stored key
// then belongs to exactly one part, hence every difference is visited once. A run can differ in several places but
// counts once in a RebuildReport: `counted_` remembers this, and later differences of the run have no counts_as. The
// milestones of a run that the log does not have are visited one after the other, so `counted_stray_` is enough for
// them.
#include "projections/rows/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <unordered_set>

#include "ledger/base/failure.h"
#include "projections/folds/part_fold.h"
#include "projections/folds/statistics.h"
#include "projections/rows/codec.h"
#include "projections/rows/event_index.h"
#include "projections/rows/json.h"
#include "projections/rows/list_index.h"
#include "projections/rows/rollup_index.h"

namespace runledger {
namespace {

using Part = RowDifference::Part;
using Kind = RowDifference::Kind;

constexpr std::size_t kValueShownMax = 100;

std::string shown(std::string json) {
  if (json.size() > kValueShownMax) json = json.substr(0, kValueShownMax) + "...";
  return json;
}

// Lists the columns that differ.
std::string describe(const OperationRun::Row& expected, std::string_view stored) {
  try {
    const std::vector<RowMember> right = row_members(expected);
    const std::vector<RowMember> wrong = row_members(RowCodec::decode(expected.id, stored));
    std::string detail;
    for (std::size_t i = 0; i < right.size(); ++i) {
      if (right[i].json == wrong[i].json) continue;
      detail += fmt::format("{}{}: expected {}, found {}", detail.empty() ? "" : "; ", right[i].name,
                            shown(right[i].json), shown(wrong[i].json));
    }
    return detail.empty() ? "differs only in values that are not columns" : detail;
  } catch (const std::exception& broken) {  // Any exception means that the stored bytes are not a row.
    return fmt::format("expected a row, found bytes that do not decode: {}", broken.what());
  }
}

// When the last event was recorded that the rows hold.
Time recorded_until(const RowTable& table, const rocksdb::Snapshot* snapshot) {
  const std::optional<row_index::Metadata> metadata = table.metadata(snapshot);
  return metadata ? metadata->recorded_at : Time{};
}

// The roll-ups that are kept at a time, folded from events in the order of the log.
class RollupFold {
 public:
  explicit RollupFold(Time head) : head_(head) {}

  void fold(const std::optional<Standing>& before, const OperationRun::Row& after, const Envelope& envelope) {
    deltas_.of(after, envelope.recorded_at).evolve(before, after, envelope);
    if (deltas_.size() >= kDeltasMax) settle();
  }
  void clear() {
    deltas_.clear();
    rollups_.clear();
  }
  // All of them, by key.
  std::map<std::string, Rollup, std::less<>>& finish() {
    settle();
    return rollups_;
  }

 private:
  static constexpr std::size_t kDeltasMax = 20'000;

  void settle() {
    deltas_.visit(head_, [this](std::string key, const Rollup& delta) { rollups_[std::move(key)].add(delta); });
    deltas_.clear();
  }

  Time head_;
  row_index::RollupDeltas deltas_;
  std::map<std::string, Rollup, std::less<>> rollups_;
};

class RowCheck {
 public:
  RowCheck(const RowTable& table, const rocksdb::Snapshot* snapshot, const EventSource& events,
           const std::function<void(const RowDifference&)>& visit, std::size_t rows_max)
      : table_(table),
        snapshot_(snapshot),
        events_(events),
        visit_(visit),
        part_(rows_max),
        rollups_(recorded_until(table, snapshot)) {}

  std::uint64_t run() {
    while (part_.next_part()) {
      events_([this](const Envelope& envelope) {
        if (!part_.from()) compare_event_entries(envelope);
        fold(envelope);
      });
      parts_.emplace_back(part_.from(), part_.until());
      compare_rows();
      compare_entries();
      compare_milestones();
      part_.visit([this](RunId, const Folded& folded) {
        ++runs_;
        include_in_span(folded.row);
        add_run(totals_[row_index::totals_key(folded.row.scope, folded.row.type)], folded.row, folded.tally);
      });
    }
    find_extra_event_entries();
    compare_spans();
    compare_totals();
    if (parts_.size() > 1) roll_up_parts();
    compare_rollups();
    return runs_;
  }

 private:
  struct Folded {
    OperationRun::Row row;
    EventTally tally;
    bool stored = false;                                         // A stored row of the run was found.
    std::size_t entries_seen = 0;                                // How many of all_entries() are there.
    std::vector<SanitizedText> workers;                          // Those that started an attempt, each once.
    std::map<std::string, std::string, std::less<>> milestones;  // Those that no stored entry has matched yet.
  };

  void fold(const Envelope& envelope) {
    Folded* folded = part_.state_of(envelope.run);
    if (folded == nullptr) return;
    std::optional<Standing> before;
    if (folded->row.run_version.value != 0) before = standing(folded->row);
    OperationRun::evolve(folded->row, envelope);
    folded->tally.count(envelope);
    if (!part_.from()) rollups_.fold(before, folded->row, envelope);
    if (const auto* started = std::get_if<AttemptStarted>(&envelope.event)) {
      std::vector<SanitizedText>& workers = folded->workers;
      if (std::find(workers.begin(), workers.end(), started->worker) == workers.end())
        workers.push_back(started->worker);
    }
    if (row_index::is_milestone(envelope))
      folded->milestones.emplace(row_index::milestone_key(envelope.run, envelope.run_version),
                                 row_index::encode_milestone(envelope, folded->row));
  }

  void include_in_span(const OperationRun::Row& row) {
    row_index::Span& span = spans_[row_index::span_key(row.first_sequence)];
    span.include(row.requested_at);
    if (row.completed_at) span.complete(*row.completed_at);
  }

  // Reports a difference of a run that the log has. Only the first one of a run keeps its counts_as.
  void report(RowDifference difference, const Folded& folded) {
    if (!counted_.insert(folded.row.id).second) difference.counts_as = nullptr;
    visit_(difference);
  }

  // Where the runs are in several parts, the first pass has rolled up events of runs that were deferred later. The
  // bounds of the parts are known now, so each event can be rolled up in one of them.
  void roll_up_parts() {
    rollups_.clear();
    for (const auto& [from, until] : parts_) {
      std::unordered_map<RunId, OperationRun::Row> rows;
      events_([&, from = from, until = until](const Envelope& envelope) {
        if ((from && envelope.run < *from) || (until && envelope.run >= *until)) return;
        OperationRun::Row& row = rows[envelope.run];
        std::optional<Standing> before;
        if (row.run_version.value != 0) before = standing(row);
        OperationRun::evolve(row, envelope);
        rollups_.fold(before, row, envelope);
      });
    }
  }

  void compare_rollups() {
    std::map<std::string, Rollup, std::less<>>& expected = rollups_.finish();
    const auto report_rollup = [this](Kind kind, std::string_view key, std::string right, std::string_view found) {
      report_totals(kind, key, std::move(right), found, "roll-up {} is not that of its events");
    };
    table_.visit(row_index::kRollupPrefix, prefix_end(row_index::kRollupPrefix), snapshot_,
                 [&](std::string_view key, std::string_view stored) {
                   const auto place = expected.find(key);
                   if (place == expected.end()) {
                     report_rollup(Kind::kExtra, key, "", stored);
                     return Scan::kContinue;
                   }
                   std::string right = place->second.encode();
                   if (right != stored) report_rollup(Kind::kDiffers, key, std::move(right), stored);
                   expected.erase(place);
                   return Scan::kContinue;
                 });
    for (const auto& [key, rollup] : expected) report_rollup(Kind::kMissing, key, rollup.encode(), "");
  }

  void report_event_entry(Kind kind, RowDifference difference) {
    difference.part = Part::kIndex;
    difference.kind = kind;
    if (difference.run && counted_.insert(*difference.run).second) difference.counts_as = &RebuildReport::updated;
    difference.detail = fmt::format("entry {} does not lead to the run of its event", printable(difference.key));
    visit_(difference);
  }

  void compare_event_entries(const Envelope& envelope) {
    for (std::string& entry : row_index::event_entries(envelope)) {
      ++event_entries_;
      std::string run = row_index::encode_run(envelope.run);
      std::optional<std::string> stored = table_.read(entry, snapshot_);
      if (stored == run) continue;
      const Kind kind = stored ? Kind::kDiffers : Kind::kMissing;
      if (!stored) --event_entries_;
      report_event_entry(kind, {.key = std::move(entry),
                                .expected = std::move(run),
                                .found = std::move(stored).value_or(""),
                                .run = envelope.run});
    }
  }

  // Only if there are more entries than events made, each is compared with its event.
  void find_extra_event_entries() {
    const std::string end = prefix_end(row_index::kEventEntryPrefix);
    std::uint64_t stored = 0;
    const auto count = [&stored](std::string_view, std::string_view) {
      ++stored;
      return Scan::kContinue;
    };
    table_.visit(row_index::kEventEntryPrefix, end, snapshot_, count);
    if (stored == event_entries_) return;
    const auto compare = [this](std::string_view key, std::string_view value) {
      if (!is_made_by_its_event(key))
        report_event_entry(Kind::kExtra,
                           {.key = std::string(key), .found = std::string(value), .run = row_index::parse_run(value)});
      return Scan::kContinue;
    };
    table_.visit(row_index::kEventEntryPrefix, end, snapshot_, compare);
  }

  // An event that cannot be read makes none.
  bool is_made_by_its_event(std::string_view key) const {
    if (key.size() < sizeof(Sequence) + row_index::kEventEntryPrefix.size()) return false;
    try {
      const std::optional<Envelope> envelope = table_.log.find(row_index::age_of(key));
      if (!envelope) return false;
      const std::vector<std::string> entries = row_index::event_entries(*envelope);
      return std::find(entries.begin(), entries.end(), key) != entries.end();
    } catch (const Failure& failure) {
      if (failure.remedy() != Remedy::kDamageFound) throw;
      return false;
    }
  }

  void compare_rows() {
    const std::string from = part_.from() ? row_index::row_key(*part_.from()) : std::string(row_index::kRowPrefix);
    const std::string until = part_.until() ? row_index::row_key(*part_.until()) : prefix_end(row_index::kRowPrefix);
    table_.visit(from, until, snapshot_, [this](std::string_view key, std::string_view stored) {
      compare_row(key, stored);
      return Scan::kContinue;
    });
    part_.visit([this](RunId run, Folded& folded) {
      if (folded.stored) return;
      report({.part = Part::kRow,
              .kind = Kind::kMissing,
              .key = row_index::row_key(run),
              .expected = RowCodec::encode(folded.row),
              .run = run,
              .counts_as = &RebuildReport::inserted,
              .detail = fmt::format("expected a row as of event {}, found none", folded.row.last_sequence.value)},
             folded);
    });
  }

  void compare_row(std::string_view key, std::string_view stored) {
    const std::optional<RunId> run = row_index::run_of_row(key);
    Folded* folded = run ? part_.find(*run) : nullptr;
    if (folded == nullptr) {
      return visit_({.part = Part::kRow,
                     .kind = Kind::kExtra,
                     .key = std::string(key),
                     .found = std::string(stored),
                     .run = run,
                     .counts_as = &RebuildReport::deleted,
                     .detail = "expected no row, as the log has no such run"});
    }
    folded->stored = true;
    std::string expected = RowCodec::encode(folded->row);
    if (expected == stored) return;
    std::string detail = describe(folded->row, stored);
    report({.part = Part::kRow,
            .kind = Kind::kDiffers,
            .key = std::string(key),
            .expected = std::move(expected),
            .found = std::string(stored),
            .run = run,
            .counts_as = &RebuildReport::updated,
            .detail = std::move(detail)},
           *folded);
  }

  void compare_entries() {
    table_.visit(row_index::kEntriesFrom, row_index::kEntriesTo, snapshot_,
                 [this](std::string_view key, std::string_view value) {
                   compare_entry(key, value);
                   return Scan::kContinue;
                 });
    part_.visit([this](RunId run, Folded& folded) {
      const std::vector<std::string> entries = row_index::all_entries(folded.row, folded.workers);
      if (folded.entries_seen == entries.size()) return;
      for (const std::string& entry : entries) {
        if (table_.read(entry, snapshot_) == row_index::encode_run(run)) continue;
        report({.part = Part::kIndex,
                .kind = Kind::kMissing,
                .key = entry,
                .expected = row_index::encode_run(run),
                .run = run,
                .counts_as = &RebuildReport::updated,
                .detail = fmt::format("expected entry {} of the run, found none", printable(entry))},
               folded);
      }
    });
  }

  void compare_entry(std::string_view key, std::string_view value) {
    const std::optional<RunId> run = row_index::parse_run(value);
    // An entry that names no run belongs to no part; it is reported with the first one.
    if (run ? !part_.holds(*run) : part_.from().has_value()) return;
    Folded* folded = run ? part_.find(*run) : nullptr;
    if (folded != nullptr && row_index::has_entry(folded->row, folded->workers, key)) {
      ++folded->entries_seen;
      return;
    }
    RowDifference extra{.part = Part::kIndex,
                        .kind = Kind::kExtra,
                        .key = std::string(key),
                        .found = std::string(value),
                        .run = run,
                        .counts_as = &RebuildReport::updated,
                        .detail = fmt::format("expected no entry {}, found one", printable(key))};
    if (folded != nullptr) return report(std::move(extra), *folded);
    // A stored row of a run that the log does not have was counted as extra already.
    const bool has_row = run && table_.read(row_index::row_key(*run), snapshot_);
    extra.counts_as = has_row ? nullptr : &RebuildReport::deleted;
    visit_(extra);
  }

  void compare_milestones() {
    const auto compare = [this](std::string_view key, std::string_view value) {
      compare_milestone(key, value);
      return Scan::kContinue;
    };
    table_.visit(row_index::kMilestonePrefix, prefix_end(row_index::kMilestonePrefix), snapshot_, compare);
    part_.visit([this](RunId run, Folded& folded) {
      for (const auto& [key, value] : folded.milestones)
        report_milestone(Kind::kMissing, {.key = key, .expected = value, .run = run}, &folded);
    });
  }

  void compare_milestone(std::string_view key, std::string_view value) {
    const std::optional<RunId> run = row_index::run_of_milestone(key);
    if (run ? !part_.holds(*run) : part_.from().has_value()) return;
    Folded* const folded = run ? part_.find(*run) : nullptr;
    RowDifference found{.key = std::string(key), .found = std::string(value), .run = run};
    if (folded == nullptr) return report_milestone(Kind::kExtra, std::move(found), nullptr);
    const auto expected = folded->milestones.find(key);
    if (expected == folded->milestones.end()) return report_milestone(Kind::kExtra, std::move(found), folded);
    found.expected = expected->second;
    folded->milestones.erase(expected);
    if (found.expected != value) report_milestone(Kind::kDiffers, std::move(found), folded);
  }

  void report_milestone(Kind kind, RowDifference difference, Folded* folded) {
    difference.part = Part::kIndex;
    difference.kind = kind;
    difference.counts_as = folded != nullptr ? &RebuildReport::updated : &RebuildReport::deleted;
    difference.detail = fmt::format("milestone {} of a run does not lead to its event", printable(difference.key));
    if (folded != nullptr) return report(std::move(difference), *folded);
    const bool has_row = difference.run && table_.read(row_index::row_key(*difference.run), snapshot_);
    const bool is_counted = difference.run && std::exchange(counted_stray_, difference.run) == difference.run;
    if (has_row || is_counted) difference.counts_as = nullptr;
    visit_(difference);
  }

  void compare_spans() {
    table_.visit(row_index::kSpanPrefix, prefix_end(row_index::kSpanPrefix), snapshot_,
                 [this](std::string_view key, std::string_view stored) {
                   const auto place = spans_.find(key);
                   const std::string expected = place == spans_.end() ? "" : row_index::encode_span(place->second);
                   if (expected.empty()) report_span(Kind::kExtra, key, "", stored);
                   if (!expected.empty() && expected != stored) report_span(Kind::kDiffers, key, expected, stored);
                   if (place != spans_.end()) spans_.erase(place);
                   return Scan::kContinue;
                 });
    for (const auto& [key, span] : spans_) report_span(Kind::kMissing, key, row_index::encode_span(span), "");
  }

  void report_span(Kind kind, std::string_view key, std::string expected, std::string_view found) {
    visit_({.part = Part::kIndex,
            .kind = kind,
            .key = std::string(key),
            .expected = std::move(expected),
            .found = std::string(found),
            .counts_as = &RebuildReport::updated,
            .detail = fmt::format("the times of block {} are not those of its runs", printable(key))});
  }

  // Covers every key that is neither a row, nor the metadata, nor a milestone, nor a span, nor a roll-up, nor an entry
  // of an event or of a list.
  void compare_totals() {
    const auto compare = [this](std::string_view key, std::string_view stored) {
      const bool is_other = key == row_index::kMetadataKey || key.starts_with(row_index::kMilestonePrefix) ||
                            key.starts_with(row_index::kSpanPrefix) || key.starts_with(row_index::kEventEntryPrefix) ||
                            key.starts_with(row_index::kRollupPrefix);
      if (!is_other) compare_total(key, stored);
      return Scan::kContinue;
    };
    table_.visit("", row_index::kRowPrefix, snapshot_, compare);
    table_.visit(prefix_end(row_index::kRowPrefix), row_index::kEntriesFrom, snapshot_, compare);
    table_.visit(row_index::kEntriesTo, "", snapshot_, compare);
    for (const auto& [key, totals] : totals_) {
      report_total(Kind::kMissing, key, RowCodec::encode(totals), "");
    }
  }

  // Removes compared groups from totals_, so that only missing ones remain in it.
  void compare_total(std::string_view key, std::string_view stored) {
    const auto found = totals_.find(key);
    if (found == totals_.end()) {
      return report_total(Kind::kExtra, key, "", stored);
    }
    const std::string expected = RowCodec::encode(found->second);
    if (expected != stored) {
      report_total(Kind::kDiffers, key, expected, stored);
    }
    totals_.erase(found);
  }

  void report_total(Kind kind, std::string_view key, std::string expected, std::string_view found) {
    report_totals(kind, key, std::move(expected), found, "totals {} are not those of the runs of their scope and type");
  }

  void report_totals(Kind kind, std::string_view key, std::string expected, std::string_view found,
                     fmt::format_string<std::string> detail) {
    const auto counts_as = kind == Kind::kMissing ? &RebuildReport::inserted
                           : kind == Kind::kExtra ? &RebuildReport::deleted
                                                  : &RebuildReport::updated;
    visit_({.part = Part::kTotals,
            .kind = kind,
            .key = std::string(key),
            .expected = std::move(expected),
            .found = std::string(found),
            .counts_as = counts_as,
            .detail = fmt::format(detail, printable(key))});
  }

  // The key with readable names; every other byte is written as hexadecimal digits.
  static std::string printable(std::string_view key) {
    std::string text;
    for (const char c : key) {
      if (c > ' ' && c < 0x7f) {
        text.push_back(c);
      } else {
        text += fmt::format("\\{:02x}", static_cast<unsigned char>(c));
      }
    }
    return text;
  }

  const RowTable& table_;
  const rocksdb::Snapshot* snapshot_;
  const EventSource& events_;
  const std::function<void(const RowDifference&)>& visit_;
  PartFold<RunId, Folded> part_;
  std::map<std::string, Statistics, std::less<>> totals_;
  std::map<std::string, row_index::Span, std::less<>> spans_;  // By span_key().
  RollupFold rollups_;
  std::vector<std::pair<std::optional<RunId>, std::optional<RunId>>> parts_;  // The bounds of each part.
  std::uint64_t runs_ = 0;
  std::uint64_t event_entries_ = 0;     // How many of those that events make are stored.
  std::unordered_set<RunId> counted_;   // Runs of which a difference was reported.
  std::optional<RunId> counted_stray_;  // The last run without events of which a milestone was found.
};

}  // namespace

std::uint64_t check_rows(const RowTable& table, const rocksdb::Snapshot* snapshot, const EventSource& events,
                         const std::function<void(const RowDifference&)>& visit, std::size_t rows_max) {
  return RowCheck(table, snapshot, events, visit, rows_max).run();
}

}  // namespace runledger
