// Checks the number of keys before it reads any of them.
#include "ledger/exchange/report_json.h"

#include "ledger/rules/report.h"
#include "ledger/values/json_writer.h"

namespace runledger {

Counts read_counts(const JsonObject& counts) {
  require_few_counts(counts.members().size());
  Counts read;
  for (const auto& [key, value] : counts.members())
    add_count(read, key, counts.with_code("counts.invalid").number(key, {.max = kCountMax}));
  return read;
}

std::string counts_to_json(const Counts& counts) {
  JsonWriter json;
  json.begin_object();
  for (const auto& [key, count] : counts) json.key(key.str()).number(count);
  json.end_object();
  return json.take();
}

std::string failures_to_json(const std::vector<FailureNote>& failures) {
  JsonWriter json;
  json.begin_array();
  for (const FailureNote& failure : failures) {
    json.begin_object().member("reason_code", failure.reason_code).member("message", failure.message).end_object();
  }
  json.end_array();
  return json.take();
}

}  // namespace runledger
