// `runledger types`: the catalog.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "jobs/builtin_catalog.h"
#include "tools/cli/event_text.h"
#include "tools/cli/subcommand.h"
#include "tools/cli/table.h"

namespace runledger {
namespace {

using nlohmann::ordered_json;

std::string_view to_string(TypeScope scope) {
  switch (scope) {
    case TypeScope::kAny:
      return "any";
    case TypeScope::kTenant:
      return "tenant";
    case TypeScope::kWorkspace:
      return "workspace";
  }
  return {};
}

double seconds(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

// In the form that import --catalog reads.
ordered_json entry_to_json(const CatalogEntry& entry) {
  ordered_json json = {{"type", entry.type.str()},
                       {"label", entry.label},
                       {"scope", to_string(entry.scope)},
                       {"max_attempts", entry.policy.max_attempts},
                       {"backoff_seconds", seconds(entry.policy.backoff.initial)},
                       {"backoff_max_seconds", seconds(entry.policy.backoff.max)},
                       {"lease_seconds", seconds(entry.policy.lease)},
                       {"cooldown_seconds", seconds(entry.policy.cooldown.length)}};
  const bool from_completion = entry.policy.cooldown.from == CooldownFrom::kCompletion;
  json["cooldown_from"] = from_completion ? "completion" : "request";
  json["cooldown_after"] = ordered_json::array();
  for (const RunOutcome outcome : {RunOutcome::kSucceeded, RunOutcome::kPartiallySucceeded, RunOutcome::kBlocked,
                                   RunOutcome::kFailed, RunOutcome::kCancelled}) {
    const OutcomeSet& after = entry.policy.cooldown.after;
    if (after.bits != 0 && after.contains(outcome)) json["cooldown_after"].push_back(to_string(outcome));
  }
  json["identity_fields"] = entry.identity_fields;
  json["summary_keys"] = ordered_json::array();
  for (const CountKey& key : entry.summary_keys) json["summary_keys"].push_back(key.str());
  json["outcomes"] = entry.outcomes;
  return json;
}

void print_table(const Catalog& catalog, Output& out) {
  Table table({"TYPE", "LABEL", "SCOPE", "ATTEMPTS", "LEASE", "COOLDOWN", "IDENTITY"});
  for (const auto& [type, entry] : catalog.entries()) {
    std::string identity;
    for (const std::string& field : entry.identity_fields) identity += (identity.empty() ? "" : ",") + field;
    table.row({{type.str()},
               {entry.label},
               {std::string(to_string(entry.scope))},
               {std::to_string(entry.policy.max_attempts)},
               {duration_text(entry.policy.lease)},
               {duration_text(entry.policy.cooldown.length)},
               {identity.empty() ? "whole input" : identity}});
  }
  table.print(out);
}

class Types final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "types",
            .summary = "The catalog: the known types of operations, with their policies",
            .example = "  runledger --format json types"};
  }

  void declare(Options&) override {}

  ExitStatus run(const Context& context) override {
    const Catalog catalog = builtin_catalog();
    if (!context.json()) {
      print_table(catalog, context.out);
      return ExitStatus::kDone;
    }
    for (const auto& [type, entry] : catalog.entries()) context.out.line(entry_to_json(entry).dump());
    return ExitStatus::kDone;
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_types() {
  return std::make_unique<Types>();
}

}  // namespace runledger
