// Counts lines, prints the counts.
#include "tools/cli/importing/report.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tools/cli/output/table.h"

namespace runledger {
namespace {

using nlohmann::ordered_json;

std::uint64_t lines_of(const ImportReport::Totals& totals) {
  return totals.applied + totals.repeated + totals.deduped + totals.late + totals.rejected;
}

ordered_json totals_to_json(const ImportReport::Totals& totals) {
  return {{"applied", totals.applied},
          {"repeated", totals.repeated},
          {"deduped", totals.deduped},
          {"late", totals.late},
          {"rejected", totals.rejected}};
}

ordered_json report_to_json(const ImportReport& report) {
  ordered_json json;
  json["lines"] = report.lines;
  json["applied"] = report.totals.applied;
  json["repeated"] = report.totals.repeated;
  json["deduped"] = report.deduped;
  json["late"] = report.totals.late;
  json["rejected"] = report.rejected;
  json["events"] = report.events;
  json["seconds"] = report.seconds;
  json["by_kind"] = ordered_json::object();
  for (std::size_t i = 0; i < report.by_kind.size(); ++i) {
    if (lines_of(report.by_kind[i]) > 0)
      json["by_kind"][std::string(kLineKindNames[i])] = totals_to_json(report.by_kind[i]);
  }
  return json;
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
  const double rate = report.seconds > 0 ? static_cast<double>(report.lines) / report.seconds : 0;
  out.line(fmt::format("{} events appended in {:.3f} s, {:.0f} lines/s", report.events, report.seconds, rate));
}

}  // namespace

void ImportReport::count(LineKind kind, const Reply& reply) {
  Totals& of_kind = by_kind[static_cast<std::size_t>(kind)];
  ++lines;
  events += reply.events;
  const auto add_one = [&](std::uint64_t Totals::*total) {
    ++(totals.*total);
    ++(of_kind.*total);
  };
  if (reply.repeated) return add_one(&Totals::repeated);
  switch (reply.verdict) {
    case Verdict::kDeduped:
    case Verdict::kSkipped:
      // A skipped start without a rule: its run failed in the same step, because its last attempt was lost.
      ++deduped[std::string(reply.rule ? to_string(*reply.rule) : to_string(DedupeRule::kRunCompleted))];
      return add_one(&Totals::deduped);
    case Verdict::kLate:
      return add_one(&Totals::late);
    case Verdict::kRequested:
    case Verdict::kStarted:
    case Verdict::kFinished:
    case Verdict::kFailed:
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

void print_report(const Context& context, const ImportReport& report) {
  if (context.json()) return context.out.line(report_to_json(report).dump());
  print_text(report, context.out);
}

}  // namespace runledger
