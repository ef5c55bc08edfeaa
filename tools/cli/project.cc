// `runledger project`: mirrors into Postgres.
#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "projections/postgres/mirror.h"
#include "tools/cli/arguments.h"
#include "tools/cli/mirror_options.h"
#include "tools/cli/reached_ledger.h"
#include "tools/cli/stop_signal.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Project final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "project",
            .summary = "Mirrors the runs into Postgres, table operation_runs",
            .example = "  runledger project --postgres 'host=/run/postgresql dbname=app' --once"};
  }

  void declare(Options& options) override {
    mirror_.declare(options);
    options.flag("--once",
                 "Stops when the mirror has caught up; otherwise follows until interrupted, which beside a daemon is "
                 "for `serve --postgres`",
                 once_);
  }

  ExitStatus run(const Context& context) override {
    const MirrorOptions options = mirror_.require_options();
    StopSignal stop;
    // A daemon follows by itself when it is given --postgres; a copy does not grow.
    RestingLedger resting(context, once_ ? Served::kCopy : Served::kRefuse);
    Mirror mirror(resting.ledger().log(), options);
    {
      // Postgres may let a statement wait for as long as it likes. Ending in the midst of one does no harm: the mirror
      // stands at its last batch, and the server notices that we are gone.
      const StopSignal::Lifted lifted(stop);
      mirror.open(kMirrorPatience);
      report(context, mirror.catch_up(progress_bar(context, "mirroring")));
    }
    if (!once_) mirror.follow([&] { return stop.received(); });
    return ExitStatus::kDone;
  }

 private:
  static void report(const Context& context, Sequence checkpoint) {
    if (context.json()) {
      context.out.line(nlohmann::ordered_json{{"checkpoint", checkpoint.value}}.dump());
    } else {
      context.out.line(fmt::format("the mirror stands at event {}", checkpoint.value));
    }
    context.out.flush();
  }

  TypedMirror mirror_;
  bool once_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_project() {
  return std::make_unique<Project>();
}

}  // namespace runledger
