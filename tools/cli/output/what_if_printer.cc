// One form for each format.
#include "tools/cli/output/what_if_printer.h"

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "ledger/values/json_writer.h"
#include "tools/cli/output/answer_table.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/table.h"

namespace runledger {
namespace {

const std::vector<std::string_view> kMembers = {"sequence",  "recorded_at", "run_id", "workspace_id",
                                                "tenant_id", "type",        "was",    "would_be"};

// The rule by which a request was answered with an existing run, or that it made one.
std::string_view word_of(const std::optional<DedupeRule>& rule) {
  return rule ? to_string(*rule) : "requested";
}

std::string answer_text(const std::optional<DedupeRule>& rule) {
  return rule ? fmt::format("deduped ({})", to_string(*rule)) : "requested";
}

std::string to_json(const OtherAnswer& answer) {
  JsonWriter out;
  out.begin_object().member("sequence", answer.sequence.value).member("recorded_at", answer.recorded_at);
  out.member("run_id", answer.run).member("workspace_id", answer.scope.workspace);
  out.member("tenant_id", answer.scope.tenant).member("type", answer.type);
  out.member("was", word_of(answer.was)).member("would_be", word_of(answer.would_be)).end_object();
  return out.take();
}

std::string sums_to_json(const WhatIf& what_if) {
  JsonWriter out;
  out.begin_object().key("by_type").begin_array();
  for (const auto& [type, counts] : what_if.counts()) {
    out.begin_object().member("type", type).member("requests", counts.requests);
    out.member("deduped", counts.deduped).member("would_deduped", counts.would_deduped).end_object();
  }
  out.end_array().member("unreadable", what_if.unreadable()).end_object();
  return out.take();
}

}  // namespace

WhatIfPrinter::WhatIfPrinter(const Context& context) : context_(context) {
  if (const auto separation = context.separation()) separated_.emplace(*separation, kMembers, context.out);
}

void WhatIfPrinter::print(const OtherAnswer& answer) {
  if (separated_) return separated_->row(parse_answer(to_json(answer)));
  if (context_.json()) return context_.out.line(to_json(answer));
  context_.out.line(fmt::format("{}  {}  {}  {}  {}: {}, would be {}", answer.sequence.value,
                                format_time(answer.recorded_at), format_uuid(answer.run.value),
                                scope_text(answer.scope), answer.type.str(), answer_text(answer.was),
                                answer_text(answer.would_be)));
}

void WhatIfPrinter::print_sums(const WhatIf& what_if) {
  if (separated_) return;
  if (context_.json()) return context_.out.line(sums_to_json(what_if));
  Table table({{"TYPE", Fit::kText}, {"REQUESTS", Fit::kWhole}, {"DEDUPED", Fit::kWhole}, {"WOULD BE", Fit::kWhole}});
  for (const auto& [type, counts] : what_if.counts())
    table.row({{type.str()},
               {std::to_string(counts.requests)},
               {std::to_string(counts.deduped)},
               {std::to_string(counts.would_deduped)}});
  table.print(context_.out);
  if (what_if.unreadable() > 0)
    context_.out.line(fmt::format("{} requests were erased, and are not among these", what_if.unreadable()));
}

}  // namespace runledger
