// `runledger seed`: puts demo data into Postgres and into the ledger.
#include "jobs/seed.h"

#include <fmt/format.h>

#include <cstdlib>

#include "ledger/values/json_writer.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr const char* kGraphTenantId = "GRAPH_TENANT_ID";
constexpr std::uint64_t kEachMax = 1000;
constexpr std::uint64_t kTotalMax = 100'000;  // The limit for tenants, for policies and for runs, each.

class Seed final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "seed",
            .summary = "Demo workspaces, tenants and policies in Postgres, and demo runs; repeatable",
            .example = "  runledger seed --postgres 'host=/run/postgresql dbname=app' --schema demo --runs 12"};
  }

  void declare(Options& options) override {
    mirror_.declare(options);
    options.number("--workspaces", "N", "How many (default 2)", workspaces_);
    options.number("--tenants", "N", "How many a workspace (default 2)", tenants_);
    options.number("--policies", "N", "How many a tenant (default 4)", policies_);
    options.number("--runs", "N", "How many a tenant (default 6)", runs_);
  }

  ExitStatus run(const Context& context) override {
    const SeedSizes sizes = require_sizes();
    const std::optional<MirrorOptions> postgres = mirror_.options();
    const std::optional<std::string> graph_tenant_id = postgres ? require_graph_tenant_id() : std::nullopt;
    LedgerConnection ledger(context);
    std::optional<DemoRowsAdded> added;
    std::optional<LedgerId> id;  // A daemon does not say it.
    if (Ledger* embedded = ledger.embedded()) id = embedded->log().store().ledger_id();
    if (postgres) added = add_demo_rows(*postgres, id, demo_rows(sizes), graph_tenant_id);
    const Result<SeededRuns> runs =
        seed_runs(ledger.reader(), ledger.client(), sizes, progress_bar(context, "seeding"));
    if (!runs) throw RefusedWith(runs.rejection(), exit_status(runs.rejection()));
    report(context, sizes, added, *runs);
    return ExitStatus::kDone;
  }

 private:
  static std::uint64_t require_count(const Typed& typed, std::string_view field, std::uint64_t otherwise,
                                     std::uint64_t min) {
    return require_number(typed, field, {.min = min, .max = kEachMax}).value_or(otherwise);
  }

  [[nodiscard]] SeedSizes require_sizes() const {
    SeedSizes sizes;
    sizes.workspaces = require_count(workspaces_, "workspaces", sizes.workspaces, 1);
    sizes.tenants = require_count(tenants_, "tenants", sizes.tenants, 1);
    sizes.policies = require_count(policies_, "policies", sizes.policies, 0);
    sizes.runs = require_count(runs_, "runs", sizes.runs, 0);
    // The limits of the single options would still allow a thousand million runs.
    const std::uint64_t tenants = sizes.workspaces * sizes.tenants;
    if (tenants * std::max({std::uint64_t{1}, sizes.policies, sizes.runs}) > kTotalMax)
      refuse("usage", fmt::format("expected at most {} tenants, policies and runs each, found more", kTotalMax));
    return sizes;
  }

  // An invalid value is never shown, because it may be a secret that was put into the wrong variable.
  static std::optional<std::string> require_graph_tenant_id() {
    const char* found = std::getenv(kGraphTenantId);
    if (found == nullptr || *found == '\0') return std::nullopt;
    const Result<Tenant> id = parse_tenant(found);
    if (!id)
      refuse("graph_tenant_id.invalid",
             fmt::format("expected {} in the environment to be the id or the domain of a directory, found "
                         "something else",
                         kGraphTenantId));
    return id->str();
  }

  static void report(const Context& context, const SeedSizes& sizes, const std::optional<DemoRowsAdded>& added,
                     const SeededRuns& runs) {
    const std::uint64_t tenants = sizes.workspaces * sizes.tenants;
    const std::uint64_t policies = tenants * sizes.policies;
    if (context.json()) {
      JsonWriter out;
      out.begin_object().member("runs", runs.planned).member("runs_added", runs.added).key("postgres");
      if (added) {
        out.begin_object().member("schema", added->schema);
        out.member("workspaces", sizes.workspaces).member("workspaces_added", added->workspaces);
        out.member("tenants", tenants).member("tenants_added", added->tenants);
        out.member("policies", policies).member("policies_added", added->policies).end_object();
      } else {
        out.null();
      }
      out.end_object();
      context.out.line(out.take());
      return;
    }
    if (added)
      context.out.line(fmt::format("in schema {} {} workspaces ({} new), {} tenants ({} new), {} policies ({} new)",
                                   added->schema, sizes.workspaces, added->workspaces, tenants, added->tenants,
                                   policies, added->policies));
    context.out.line(fmt::format("in the ledger {} runs ({} new)", runs.planned, runs.added));
  }

  TypedMirror mirror_;
  Typed workspaces_;
  Typed tenants_;
  Typed policies_;
  Typed runs_;
};

}  // namespace

std::unique_ptr<Subcommand> make_seed() {
  return std::make_unique<Seed>();
}

}  // namespace runledger
