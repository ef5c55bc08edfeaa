// `runledger types`: prints the catalog.
#include <fmt/format.h>

#include "ledger/exchange/catalog_json.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/output/event_text.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

void print_table(const Catalog& catalog, Output& out) {
  Table table({{"TYPE", Fit::kWhole},
               "LABEL",
               {"SCOPE", Fit::kWhole},
               {"ATTEMPTS", Fit::kWhole},
               {"LEASE", Fit::kWhole},
               {"COOLDOWN", Fit::kWhole},
               {"EXPECTED", Fit::kWhole},
               "IDENTITY"});
  for (const auto& [type, entry] : catalog.entries()) {
    std::string identity;
    for (const std::string& field : entry.identity.names) identity += (identity.empty() ? "" : ",") + field;
    table.row({{type.str()},
               {entry.label},
               {std::string(to_string(entry.scope))},
               {std::to_string(entry.policy.max_attempts)},
               {duration_text(entry.policy.lease)},
               {duration_text(entry.policy.cooldown.length)},
               {entry.expect_every ? "every " + duration_text(*entry.expect_every) : "-"},
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
    // Without a daemon, the catalog is known without opening a ledger.
    const std::unique_ptr<LedgerReader> daemon = reader_of_daemon(context);
    const Catalog catalog = daemon ? require_answer(daemon->catalog()) : catalog_of(context);
    if (!context.json()) {
      print_table(catalog, context.out);
      return ExitStatus::kDone;
    }
    for (const auto& [type, entry] : catalog.entries()) context.out.line(entry_to_json(entry));
    return ExitStatus::kDone;
  }
};

}  // namespace

std::unique_ptr<Subcommand> make_types() {
  return std::make_unique<Types>();
}

}  // namespace runledger
