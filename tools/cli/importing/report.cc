// Counts lines and prints the counts.
#include "tools/cli/importing/report.h"

#include <fmt/format.h>

#include "ledger/values/json_writer.h"
#include "tools/cli/output/table.h"

namespace runledger {
namespace {

std::uint64_t lines_of(const ImportReport::Totals& totals) {
  return totals.applied + totals.repeated + totals.deduped + totals.late + totals.rejected;
}

void write_totals(JsonWriter& out, std::string_view name, const ImportReport::Totals& totals) {
  out.key(name).begin_object();
  out.member("applied", totals.applied).member("repeated", totals.repeated).member("deduped", totals.deduped);
  out.member("late", totals.late).member("rejected", totals.rejected).end_object();
}

void write_counts(JsonWriter& out, std::string_view name, const std::map<std::string, std::uint64_t>& counts) {
  out.key(name).begin_object();
  for (const auto& [key, count] : counts) out.member(key, count);
  out.end_object();
}

std::string report_to_json(const ImportReport& report) {
  JsonWriter out;
  out.begin_object();
  out.member("lines", report.lines);
  out.member("applied", report.totals.applied);
  out.member("repeated", report.totals.repeated);
  write_counts(out, "deduped", report.deduped);
  out.member("late", report.totals.late);
  write_counts(out, "rejected", report.rejected);
  write_counts(out, "warnings", report.warnings);
  out.member("adopted", report.adopted);
  write_counts(out, "not_adopted", report.not_adopted);
  out.member("events", report.events);
  out.member("seconds", report.seconds);
  out.member("dry_run", report.dry_run);
  out.key("by_kind").begin_object();
  for (std::size_t i = 0; i < report.by_kind.size(); ++i) {
    if (lines_of(report.by_kind[i]) > 0) write_totals(out, kLineKindNames[i], report.by_kind[i]);
  }
  out.end_object().end_object();
  return out.take();
}

void add_row(Table& table, std::string_view name, const ImportReport::Totals& totals) {
  table.row({{std::string(name)},
             {std::to_string(lines_of(totals))},
             {std::to_string(totals.applied)},
             {std::to_string(totals.repeated)},
             {std::to_string(totals.deduped)},
             {std::to_string(totals.late)},
             {std::to_string(totals.rejected), totals.rejected > 0 ? Colour::kRed : Colour::kNone}});
}

void print_text(const ImportReport& report, Output& out) {
  Table table({"LINES", "ALL", "APPLIED", "REPEATED", "DEDUPED", "LATE", "REJECTED"});
  for (std::size_t i = 0; i < report.by_kind.size(); ++i) {
    if (lines_of(report.by_kind[i]) > 0) add_row(table, kLineKindNames[i], report.by_kind[i]);
  }
  add_row(table, "all", report.totals);
  table.print(out);
  for (const auto& [rule, count] : report.deduped) out.line(fmt::format("deduped by {}: {}", rule, count));
  for (const auto& [code, count] : report.rejected) out.line(fmt::format("rejected with {}: {}", code, count));
  for (const auto& [code, count] : report.warnings) out.line(fmt::format("taken with a warning {}: {}", code, count));
  const double rate = report.seconds > 0 ? static_cast<double>(report.lines) / report.seconds : 0;
  if (report.adopted > 0) out.line(fmt::format("adopted: {}", report.adopted));
  for (const auto& [code, count] : report.not_adopted) out.line(fmt::format("not adopted with {}: {}", code, count));
  if (report.dry_run) out.line("dry run: nothing stays of this import");
  out.line(fmt::format("{} events appended in {:.3f} s, {:.0f} lines/s", report.events, report.seconds, rate));
}

}  // namespace

void ImportReport::count(LineKind kind, const Reply& reply) {
  Totals& of_kind = by_kind[static_cast<std::size_t>(kind)];
  ++lines;
  events += reply.events;
  for (const Warning& warning : reply.warnings) ++warnings[warning.code];
  const auto add_one = [&](std::uint64_t Totals::*total) {
    ++(totals.*total);
    ++(of_kind.*total);
  };
  if (reply.repeated) return add_one(&Totals::repeated);
  switch (reply.verdict) {
    case Verdict::kDeduped:
    case Verdict::kSkipped:
      ++deduped[std::string(to_string(reply.rule.value_or(DedupeRule::kRunCompleted)))];
      return add_one(&Totals::deduped);
    case Verdict::kLate:
      return add_one(&Totals::late);
    case Verdict::kRequested:
    case Verdict::kStarted:
    case Verdict::kFinished:
    case Verdict::kFailed:
    case Verdict::kCancelled:
    case Verdict::kAlive:
    case Verdict::kExpired:
      return add_one(&Totals::applied);
  }
}

void ImportReport::count(LineKind kind, const Rejection& rejection) {
  ++lines;
  ++totals.rejected;
  ++by_kind[static_cast<std::size_t>(kind)].rejected;
  ++rejected[rejection.code];
}

void ImportReport::uncount_rejected(LineKind kind, const std::string& code) {
  --lines;
  --totals.rejected;
  --by_kind[static_cast<std::size_t>(kind)].rejected;
  const auto found = rejected.find(code);
  if (--found->second == 0) rejected.erase(found);
}

void print_report(const Context& context, const ImportReport& report) {
  if (context.json()) return context.out.line(report_to_json(report));
  print_text(report, context.out);
}

}  // namespace runledger
