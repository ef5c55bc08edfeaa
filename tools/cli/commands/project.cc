// `runledger project`: mirrors the runs into Postgres.
#include <fmt/format.h>

#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/quiescent_mirror.h"
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
    // Postgres may let a statement wait for any time, so signals must be able to end the program during one. That does
    // no harm: the mirror stays at its last batch, and the server notices that we are gone.
    const auto open = [&stop](Mirror& mirror) {
      const StopSignal::Lifted lifted(stop);
      QuiescentMirror::open_with_retries(mirror);
    };
    // To follow a daemon's ledger is refused: a copy of it does not grow, and the daemon itself follows with
    // --postgres.
    QuiescentMirror resting(context, options, once_ ? Served::kCopy : Served::kRefuse, open);
    const Sequence checkpoint = catch_up(context, resting.mirror(), stop);
    report(context, resting.mirror().schema(), checkpoint);
    if (!once_) resting.mirror().follow(stop.token());
    return ExitStatus::kDone;
  }

 private:
  static Sequence catch_up(const Context& context, Mirror& mirror, StopSignal& stop) {
    const StopSignal::Lifted lifted(stop);
    return mirror.catch_up(progress_bar(context, "mirroring"));
  }

  static void report(const Context& context, const std::string& schema, Sequence checkpoint) {
    if (context.json()) {
      JsonWriter out;
      out.begin_object().member("schema", schema).member("checkpoint", checkpoint.value).end_object();
      context.out.line(out.take());
    } else {
      context.out.line(fmt::format("the mirror in schema {} is at event {}", schema, checkpoint.value));
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
