// `runledger doctor`: one screen of checks of a ledger and of what surrounds it, each with its remedy.
#include <fmt/format.h>

#include <algorithm>

#include "ledger/base/failure.h"
#include "ledger/evidence/audit_key.h"
#include "ledger/log/store/data_directory.h"
#include "ledger/values/json_writer.h"
#include "projections/postgres/checkpoint_table.h"
#include "projections/postgres/mirror_mark.h"
#include "projections/postgres/mirror_verify.h"
#include "tools/cli/doctor/ledger_checks.h"
#include "tools/cli/doctor/machine_checks.h"
#include "tools/cli/doctor/unit_check.h"
#include "tools/cli/ledger_connection.h"
#include "tools/cli/options/interval.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/output/table.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kLagMax = 10'000;  // Half of what a mirror writes in one transaction.

// Makes a problem of a failure, whose code says more than one of ours would.
template <class Make>
Check checked(std::string_view name, std::string_view remedy, const Make& make) {
  try {
    return make();
  } catch (const Failure& failure) {
    return problem(name, failure.code(), failure.what(), std::string(remedy));
  }
}

Check check_directory(const Context& context) {
  return checked("directory", "check --data and the mount", [&] {
    require_ledger(context.data);
    return ok("directory", context.data.string());
  });
}

Check check_daemon(const Context& context) {
  return checked("daemon", "look into the daemon's log, and restart it", [&] {
    const std::shared_ptr<RpcLink> link = daemon_on(context.data);
    if (!link) return unchecked("daemon", "no daemon serves this directory", "runledger serve");
    const RemoteHealth health = ask_health(*link);
    if (health.ready) return ok("daemon", "ready");
    return problem("daemon", "daemon.not_ready", health.reason, "look into the daemon's log, and restart it");
  });
}

Check compare_mirror(const Context& context, const MirrorOptions& options) {
  MirrorSnapshot snapshot(options);
  QuiescentLedger resting(context);
  EventLog& log = resting.ledger().log();
  VerifyReport report;
  snapshot.compare(log, report, progress_bar(context, "comparing the mirror"));
  if (!report.ok()) {
    const Finding& first = report.findings.front();
    return problem("mirror", first.code, fmt::format("{} findings; the first: {}", report.findings_total, first.detail),
                   "runledger verify --postgres DSN names them all; rebuild --postgres repairs rows");
  }
  const std::optional<MirrorMark> mark = read_mirror_mark(options, log);
  const std::uint64_t at = mark ? mark->checkpoint.value : 0;
  const std::uint64_t lag = log.last().value - std::min(log.last().value, at);
  const std::string found = fmt::format("{} rows in schema {} as the log has them, {} events behind",
                                        report.mirror_rows.value_or(0), report.mirror_schema.value_or(""), lag);
  if (lag <= kLagMax) return ok("mirror", found);
  return problem("mirror", "doctor.mirror_lags", found, "see whether a projector runs: mirror-stopped in the log");
}

Check check_mirror(const Context& context, const std::optional<MirrorOptions>& options) {
  if (!options) return unchecked("mirror", "no database was named", "--postgres DSN");
  return checked("mirror", "check Postgres, the DSN, and docs/operations.md for the code",
                 [&] { return compare_mirror(context, *options); });
}

Check compare_stored(const Context& context, const MirrorOptions& options) {
  constexpr std::string_view kName = "checkpoint-db";
  const std::optional<Checkpoint> last = last_checkpoint(context.data);
  if (!last) return ok(kName, "nothing was signed yet");
  const std::optional<CheckpointTableEnd> end = [&] {
    QuiescentLedger resting(context);
    return read_checkpoint_end(options, resting.ledger().log().store().ledger_id());
  }();
  if (!end)
    return unchecked(kName, "the database has no checkpoint of this ledger", "serve --postgres DSN stores them");
  const std::string found = fmt::format("{} events in schema {}, stored {} minutes ago", end->size, end->schema,
                                        std::chrono::duration_cast<std::chrono::minutes>(end->age).count());
  if (end->size >= last->tree.size || end->age <= kHandedOutWithin) return ok(kName, found);
  return problem(kName, "doctor.checkpoint_not_handed_out",
                 fmt::format("{}; {} events are signed since", found, last->tree.size - end->size),
                 "see why in the daemon's log: checkpoint-not-stored");
}

Check check_stored(const Context& context, const std::optional<MirrorOptions>& options) {
  if (!options) return unchecked("checkpoint-db", "no database was named", "--postgres DSN");
  return checked("checkpoint-db", "check Postgres, the DSN, and docs/operations.md for the code",
                 [&] { return compare_stored(context, *options); });
}

std::string_view word_of(CheckStatus status) {
  switch (status) {
    case CheckStatus::kOk:
      return "ok";
    case CheckStatus::kProblem:
      return "PROBLEM";
    case CheckStatus::kUnchecked:
      return "-";
  }
  return "";
}

Colour colour_of_check(CheckStatus status) {
  if (status == CheckStatus::kProblem) return Colour::kRed;
  return status == CheckStatus::kOk ? Colour::kGreen : Colour::kDim;
}

class Doctor final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {
        .name = "doctor",
        .summary = "Checks the ledger's disk, modes, keys, daemon, mirror and backups; status 1 on a problem",
        .example = "  runledger doctor --backup-dir /srv/backups/runs --postgres 'host=/run/postgresql dbname=app'"};
  }

  void declare(Options& options) override {
    options.value("--backup-dir", "DIR", "The directory of backups, whose newest one must not be old", backup_dir_);
    options.value("--backup-age", "INTERVAL", "The age from which it is old (default 48h)", backup_age_);
    options.value("--tls-cert", "FILE", "The daemon's certificate, whose expiry is checked", certificate_);
    options.value("--tls-key", "FILE", "The key of --tls-cert", key_);
    options.value("--checkpoint-file", "FILE", "The file of serve --checkpoint-file, which must not be old",
                  checkpoint_file_);
    options.value("--unit", "NAME", "The daemon's systemd unit (default runledger)", unit_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    require_no_connect(context);
    if (certificate_.has_value() != key_.has_value()) refuse("usage", "expected --tls-cert and --tls-key together");
    const std::chrono::seconds age = require_interval(backup_age_.value_or("48h"), "backup_age");
    const Checks checks = examine(context, mirror_.options(), age);
    const bool sound = std::none_of(checks.begin(), checks.end(),
                                    [](const Check& check) { return check.status == CheckStatus::kProblem; });
    context.json() ? print_json(checks, sound, context.out) : print_text(checks, context.out);
    return sound ? ExitStatus::kDone : ExitStatus::kFailed;
  }

 private:
  [[nodiscard]] Checks examine(const Context& context, const std::optional<MirrorOptions>& mirror,
                               std::chrono::seconds backup_age) const {
    Checks checks{check_directory(context)};
    if (checks.front().status == CheckStatus::kProblem) return checks;  // Nothing else can be looked at.
    const Time now = SystemClock().now();
    checks.push_back(check_modes(context.data));
    checks.push_back(check_file_system(context.data));
    checks.push_back(check_free_space(context.data));
    checks.push_back(check_flush(context.data));
    checks.push_back(check_open_files());
    checks.push_back(check_clock());
    checks.push_back(check_tokens(context.data, now));
    checks.push_back(check_certificate(certificate_, key_, now));
    checks.push_back(check_unit(unit_.value_or("runledger"), context.data));
    checks.push_back(check_daemon(context));
    checks.push_back(check_mirror(context, mirror));
    checks.push_back(check_backup(backup_dir_, context.data, backup_age, now));
    checks.push_back(check_checkpoint(context.data, now));
    checks.push_back(check_checkpoint_file(checkpoint_file_, context.data, now));
    checks.push_back(check_stored(context, mirror));
    checks.push_back(check_signer(context.data));
    checks.push_back(check_verified(context.data, now));
    return checks;
  }

  static void print_text(const Checks& checks, Output& out) {
    for (const Check& check : checks) {
      const std::string word =
          coloured(out, colour_of_check(check.status), fmt::format("{:<8}", word_of(check.status)));
      out.line(fmt::format("{} {:<15} {}", word, check.name, sanitize(check.detail).str()));
      if (check.status == CheckStatus::kProblem)
        out.line(fmt::format("{:25}{}: {}", "", check.code, sanitize(check.remedy).str()));
      if (check.status == CheckStatus::kUnchecked) out.line(fmt::format("{:25}{}", "", check.remedy));
    }
  }

  static void print_json(const Checks& checks, bool sound, Output& out) {
    JsonWriter json;
    json.begin_object().member("ok", sound).key("checks").begin_array();
    const auto or_null = [](const std::string& text) { return text.empty() ? std::nullopt : std::optional(text); };
    for (const Check& check : checks) {
      json.begin_object().member("check", check.name).member("status", to_string(check.status));
      json.member("code", or_null(check.code)).member("detail", sanitize(check.detail).str());
      json.member("remedy", or_null(check.remedy)).end_object();
    }
    out.line(json.end_array().end_object().take());
  }

  Typed backup_dir_;
  Typed backup_age_;
  Typed certificate_;
  Typed key_;
  Typed checkpoint_file_;
  Typed unit_;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_doctor() {
  return std::make_unique<Doctor>();
}

}  // namespace runledger
