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
    Mirror& mirror = resting.mirror();
    const auto started = std::chrono::steady_clock::now();
    const MirrorRebuildReport rebuilt = mirror.rebuild(dry_run_, progress_bar(context, "rebuilding"));
    const double took = seconds_since(started);
    if (context.json()) {
      JsonWriter out;
      write(out.begin_object().member("schema", mirror.schema()), rebuilt);
      write(out.key("attempts").begin_object(), rebuilt.attempts);
      out.end_object().member("seconds", took).end_object();
      return context.out.line(out.take());
    }
    context.out.line(fmt::format("{}the mirror in schema {}: {:.3f} s", prefix(), mirror.schema(), took));
    context.out.line("  runs: " + text_of(rebuilt));
    context.out.line("  attempts: " + text_of(rebuilt.attempts));
  }

  // While a daemon serves the ledger, only the daemon may write its rows. A dry run can use a copy.
  void rebuild_rows(const Context& context) const {
    QuiescentLedger resting(context, dry_run_ ? Served::kCopy : Served::kRefuse);
    const auto started = std::chrono::steady_clock::now();
    const RebuildReport rebuilt =
        runledger::rebuild_rows(resting.ledger().log(), dry_run_, progress_bar(context, "rebuilding"));
    const double took = seconds_since(started);
    if (context.json()) {
      JsonWriter out;
      write(out.begin_object(), rebuilt);
      return context.out.line(out.member("seconds", took).end_object().take());
    }
    context.out.line(fmt::format("{}{}; {:.3f} s", prefix(), text_of(rebuilt), took));
  }

  static double seconds_since(std::chrono::steady_clock::time_point started) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();
  }

  [[nodiscard]] const char* prefix() const { return dry_run_ ? "dry run: " : ""; }

  static void write(JsonWriter& out, const RebuildReport& rebuilt) {
    out.member("scanned", rebuilt.scanned).member("drifted", rebuilt.drifted);
    out.member("inserted", rebuilt.inserted).member("updated", rebuilt.updated).member("deleted", rebuilt.deleted);
  }

  static std::string text_of(const RebuildReport& rebuilt) {
    return fmt::format("{} rows scanned, {} drifted: {} inserted, {} updated, {} deleted", rebuilt.scanned,
                       rebuilt.drifted, rebuilt.inserted, rebuilt.updated, rebuilt.deleted);
  }

  TypedMirror mirror_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Subcommand> make_rebuild() {
  return std::make_unique<Rebuild>();
}

}  // namespace runledger
