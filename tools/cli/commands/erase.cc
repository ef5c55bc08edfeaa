// `runledger erase`: makes unreadable for ever what a tenant has written.
#include <fmt/format.h>

#include "clients/cpp/connect.h"
#include "jobs/erase_tenant.h"
#include "ledger/log/store/ledger_copy.h"
#include "ledger/values/caller.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Erase final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "erase",
            .summary = "Makes what a tenant has written unreadable for ever; ids, times, outcomes and counts stay",
            .example =
                "  runledger erase --workspace acme --tenant contoso --reason 'contract ended, ticket 4711'\n"
                "  runledger erase --workspace acme --tenant contoso --reason 'asked for' --cancel-active \\\n"
                "    --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    options.required_value("--workspace", "W", "The workspace", workspace_);
    options.required_value("--tenant", "T", "The tenant", tenant_);
    options.required_value("--reason", "TEXT", "Why; it is recorded, and stays", reason_);
    options.flag("--cancel-active", "Cancels the tenant's active runs first", cancels_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    const EraseContent asked{
        .scope = {.workspace = need(parse_workspace(workspace_)), .tenant = need(parse_tenant(tenant_))},
        .reason = require_reason(),
        .caller = this_user(),
        .seen = {}};
    const std::optional<MirrorOptions> mirror = mirror_.options();
    if (const std::shared_ptr<RpcLink> daemon = find_daemon(context)) {
      if (mirror) refuse("usage", "expected no --postgres beside a daemon, which erases from the mirror that it keeps");
      print(context, require_answer(erase_remotely(*daemon, asked, active())));
    } else {
      print(context, erase_here(context, asked, mirror));
    }
    return ExitStatus::kDone;
  }

 private:
  [[nodiscard]] SanitizedText require_reason() const {
    SanitizedText reason = sanitize(reason_);
    if (reason.empty()) refuse("reason.invalid", "expected --reason to have a text, found none");
    return reason;
  }

  [[nodiscard]] ActiveRuns active() const { return cancels_ ? ActiveRuns::kCancel : ActiveRuns::kRefuse; }

  [[nodiscard]] TenantErasure erase_here(const Context& context, const EraseContent& asked,
                                         const std::optional<MirrorOptions>& mirror) const {
    Ledger ledger = open_ledger(context);
    LedgerCopy::remove_abandoned(context.data);
    RowStore rows(ledger.log());
    ErasureSteps steps{.follow_rows = [&] { rows.catch_up(progress_bar(context, "following the log")); }};
    if (mirror) steps.follow_mirror = [&](Sequence) { return follow(context, ledger.log(), *mirror); };
    try {
      return erase_tenant(ledger, rows, asked, active(), steps);
    } catch (const Refused& refused) {
      throw RefusedWith(refused.rejection(), exit_status(refused.rejection()));
    }
  }

  static bool follow(const Context& context, EventLog& log, const MirrorOptions& options) {
    Mirror mirror(log, options);
    mirror.open(kMirrorTimeout);
    (void)mirror.catch_up(progress_bar(context, "erasing from the mirror"));
    return true;
  }

  void print(const Context& context, const TenantErasure& done) const {
    if (context.json()) {
      JsonWriter json;
      json.begin_object().member("workspace_id", workspace_).member("tenant_id", tenant_);
      json.member("sequence", done.at.value).member("cancelled_runs", done.cancelled_runs);
      json.member("keys_destroyed", std::uint64_t{done.keys_destroyed}).member("mirror_erased", done.mirror_erased);
      return context.out.line(json.end_object().take());
    }
    context.out.line(fmt::format(
        "erased what {}/{} had written: event {}, {} keys destroyed{}", workspace_, tenant_, done.at.value,
        done.keys_destroyed, done.cancelled_runs == 0 ? "" : fmt::format(", {} runs cancelled", done.cancelled_runs)));
    context.out.line(done.mirror_erased
                         ? "the mirror has erased it too"
                         : "a mirror erases it when it follows the log to this event: verify --postgres says so");
    context.out.line("exports, logs and copies of seal.keys are out of reach: see docs/erasure.md");
    context.out.line(
        "make new copies of seal.keys, and keep a new checkpoint apart: `restore` learns from it what must not come "
        "back");
  }

  std::string workspace_;
  std::string tenant_;
  std::string reason_;
  bool cancels_ = false;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_erase() {
  return std::make_unique<Erase>();
}

}  // namespace runledger
