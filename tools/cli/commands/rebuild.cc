// `runledger rebuild`: makes the rows, or the mirror, again from the log.
#include <fmt/format.h>

#include <chrono>

#include "ledger/values/json_writer.h"
#include "projections/postgres/mirror.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/quiescent_mirror.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

class Rebuild final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "rebuild",
            .summary = "Makes the local rows, or the Postgres mirror, anew from the log, and reports what had drifted",
            .example =
                "  runledger rebuild --dry-run\n"
                "  runledger rebuild --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    mirror_.declare(options);
    options.flag("--dry-run", "Only reports", dry_run_);
  }

  ExitStatus run(const Context& context) override {
    const std::optional<MirrorOptions> mirror = mirror_.options();
    mirror ? rebuild_mirror(context, *mirror) : rebuild_rows(context);
    return ExitStatus::kDone;
  }

 private:
  void rebuild_mirror(const Context& context, const MirrorOptions& options) const {
    QuiescentMirror resting(context, options, Served::kCopy);
    rebuild(
        context, [&](const Progress& progress) { return resting.mirror().rebuild(dry_run_, progress); },
        resting.mirror().schema());
  }

  // While a daemon serves the ledger, only the daemon may write its rows. A dry run can use a copy.
  void rebuild_rows(const Context& context) const {
    QuiescentLedger resting(context, dry_run_ ? Served::kCopy : Served::kRefuse);
    EventLog& log = resting.ledger().log();
    rebuild(context, [&](const Progress& progress) { return runledger::rebuild_rows(log, dry_run_, progress); });
  }

  template <class Work>
  void rebuild(const Context& context, const Work& work, const std::optional<std::string>& schema = {}) const {
    const auto started = std::chrono::steady_clock::now();
    const RebuildReport rebuilt = work(progress_bar(context, "rebuilding"));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - started;
    report(context, rebuilt, took.count(), schema);
  }

  // `schema` is absent when the local rows were rebuilt.
  void report(const Context& context, const RebuildReport& rebuilt, double seconds,
              const std::optional<std::string>& schema) const {
    if (context.json()) {
      JsonWriter out;
      out.begin_object();
      if (schema) out.member("schema", *schema);
      out.member("scanned", rebuilt.scanned).member("drifted", rebuilt.drifted);
      out.member("inserted", rebuilt.inserted).member("updated", rebuilt.updated).member("deleted", rebuilt.deleted);
      out.member("seconds", seconds).end_object();
      return context.out.line(out.take());
    }
    if (schema) context.out.line(fmt::format("the mirror in schema {}", *schema));
    context.out.line(fmt::format("{}{} rows scanned, {} drifted: {} inserted, {} updated, {} deleted; {:.3f} s",
                                 dry_run_ ? "dry run: " : "", rebuilt.scanned, rebuilt.drifted, rebuilt.inserted,
                                 rebuilt.updated, rebuilt.deleted, seconds));
  }

  TypedMirror mirror_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_rebuild() {
  return std::make_unique<Rebuild>();
}

}  // namespace runledger
