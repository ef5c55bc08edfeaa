// `runledger work`: runs a worker for the built-in jobs.
//
// run() checks the options and looks up a job for every type before it connects, so that a typing error costs nothing.
// StopSignal comes before everything that starts a thread, since threads inherit that the signals are blocked.
// WorkPlace then connects to the daemon; one connection serves the claims, the heartbeats and the jobs.
//
// The Worker has a thread that claims runs and one for each job. It reports what happens as notes, on these threads.
// Every note goes to the operations log, and to ClaimTrouble, which remembers whether claims fail at present and why.
//
// The main thread does no work: it wakes a few times a second, and looks for a signal and for trouble.
// - On the first signal, the worker claims nothing more. The main thread waits for the running jobs, and after --grace
//   requests that they stop. StopSignal::wait() has unblocked the signals by then, so a second one ends the program.
// - If the daemon refuses claims for a reason that does not pass (no right to claim, for one), the worker claims
//   nothing more, and the command ends when its jobs have ended. Other trouble may pass, so the worker retries.
//
// With --once or --until-idle the worker ends by itself, also when a claim fails. If claims failed when it ended, the
// command ends with the status of that failure. The Worker is declared after everything that it uses, because its
// destructor joins its threads.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdlib>
#include <set>
#include <utility>

#include "clients/cpp/connect.h"
#include "jobs/graph/assignments_fetch.h"
#include "jobs/graph/assignments_restore.h"
#include "jobs/reconcile/adapter_runs.h"
#include "jobs/worker/worker.h"
#include "ledger/base/mutex.h"
#include "projections/postgres/adapter_table.h"
#include "projections/reader/ledger_reader.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/mirror_options.h"
#include "tools/cli/options/worker_name.h"
#include "tools/cli/output/work_log.h"
#include "tools/cli/process/stop_signal.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t kGraceSecondsMax = 86'400;
constexpr std::chrono::milliseconds kLookForSignalsEvery{100};

struct WorkSettings {
  WorkerOptions worker;
  std::optional<std::chrono::seconds> grace;
  std::optional<MirrorOptions> mirror;
  OperationsLog::Options log;
};

// The daemon from which runs are claimed, and everything else that the jobs need. One connection serves all of it. It
// must outlive the jobs.
struct WorkPlace {
  std::shared_ptr<RpcLink> link;
  std::unique_ptr<LedgerClient> client = remote_client(link);
  std::unique_ptr<RunSource> source = remote_run_source(link);
  std::unique_ptr<LedgerReader> reader = remote_reader(link);
  std::unique_ptr<AdapterRecords> adapters;
  SystemClock clock;

  WorkPlace(const Context& context, const std::optional<MirrorOptions>& mirror)
      : link(
            connect_link(context.connect.value_or(DaemonAddress{.socket = context.data / kDaemonSocket, .token = {}}))),
        adapters(mirror ? postgres_adapter_records(*mirror) : no_adapter_records()) {}
};

AssignmentsOptions require_assignments_options() {
  std::optional<AssignmentsOptions> options = assignments_options([](const char* name) { return std::getenv(name); });
  if (!options) refuse("graph.unconfigured", "expected GRAPH_TOKEN_FILE to name the file with the token for Graph");
  return *std::move(options);
}

struct BuiltinJob {
  const char* type;
  std::unique_ptr<Job> (*make)(WorkPlace& place);
};
constexpr BuiltinJob kBuiltinJobs[] = {
    {"assignments.fetch", [](WorkPlace&) { return make_assignments_fetch(require_assignments_options()); }},
    {"assignments.restore", [](WorkPlace&) { return make_assignments_restore(require_assignments_options()); }},
    {"ops.reconcile_adapter_runs",
     [](WorkPlace& place) {
       return reconcile_adapter_runs_job({*place.reader, *place.client, *place.adapters, place.clock});
     }},
};

const BuiltinJob& require_job(const RunType& type) {
  std::vector<std::string_view> known;
  for (const BuiltinJob& job : kBuiltinJobs) {
    if (type.str() == job.type) return job;
    known.emplace_back(job.type);
  }
  refuse("type.no_job", fmt::format("expected one of the types {}, found \"{}\"", fmt::join(known, ", "), type.str()));
}

// Remembers, from the notes of a worker, whether its claims fail at present. Any thread may use it.
class ClaimTrouble {
 public:
  void note(const WorkerNote& note) {
    const MutexLock lock(mutex_);
    if (const auto* fail = std::get_if<ClaimsFail>(&note)) now_ = *fail;
    if (std::holds_alternative<ClaimsWork>(note)) now_.reset();
  }
  [[nodiscard]] std::optional<ClaimsFail> now() const {
    const MutexLock lock(mutex_);
    return now_;
  }
  [[nodiscard]] bool is_for_good() const {
    const auto trouble = now();
    return trouble && (trouble->code.starts_with("access.") || trouble->code == "claim.invalid");
  }

 private:
  mutable Mutex mutex_;
  std::optional<ClaimsFail> now_ RUNLEDGER_GUARDED_BY(mutex_);
};

ExitStatus exit_status(const ClaimsFail& trouble) {
  if (trouble.remedy) return runledger::exit_status(Failure(*trouble.remedy, trouble.code, trouble.why));
  return runledger::exit_status(reject(trouble.code, trouble.why));
}

class Work final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "work",
            .summary = "A worker for the built-in jobs, until SIGTERM; it needs a daemon",
            .example = "  runledger work --type assignments.fetch --type assignments.restore --concurrency 4"};
  }

  void declare(Options& options) override {
    options.values("--type", "TYPE", "Does the runs of this type; may be repeated", types_);
    options.number("--concurrency", "N", "At most so many runs at a time, 1 to 256 (default 1)", concurrency_);
    options.value("--worker", "NAME", "Who works (default: work@HOST:PROCESS)", worker_);
    options.flag("--until-idle", "Ends when nothing is due and nothing under way", until_idle_);
    options.flag("--once", "Ends after one run, or at once when nothing is due", once_);
    options.number("--grace", "SECONDS",
                   "How long jobs may go on after SIGTERM before they are stopped (default: no limit)", grace_);
    mirror_.declare(options);
  }

  ExitStatus run(const Context& context) override {
    const WorkSettings settings = require_settings(context);
    for (const RunType& type : settings.worker.types) (void)require_job(type);
    StopSignal stop;
    WorkPlace place(context, settings.mirror);
    JobRegistry jobs;
    for (const RunType& type : settings.worker.types) jobs.add(require_job(type).make(place));
    OperationsLog log(settings.log);
    const std::optional<ClaimsFail> trouble = work(place, jobs, settings, stop, log);
    if (trouble) throw RefusedWith(reject(trouble->code, trouble->why), exit_status(*trouble));
    return ExitStatus::kDone;
  }

 private:
  // Runs the worker until it ends. Returns the failure of claims that ended it, and nullopt after a regular end.
  static std::optional<ClaimsFail> work(WorkPlace& place, const JobRegistry& jobs, const WorkSettings& settings,
                                        StopSignal& stop, OperationsLog& log) {
    ClaimTrouble trouble;
    log.write(LogLevel::kInfo, "working",
              {{"worker", settings.worker.name.str()},
               {"types", fmt::format("{}", fmt::join(names(settings.worker.types), " "))},
               {"concurrency", settings.worker.concurrency}});
    Worker worker(*place.client, *place.source, jobs, settings.worker, [&](const WorkerNote& note) {
      write_note(log, note);
      trouble.note(note);
    });
    while (!worker.wait(kLookForSignalsEvery)) {
      if (stop.received()) {
        stop_gracefully(worker, settings.grace, stop, log);
        return std::nullopt;
      }
      if (trouble.is_for_good()) worker.stop_claiming();
    }
    return trouble.now();
  }

  static void stop_gracefully(Worker& worker, const std::optional<std::chrono::seconds>& grace, StopSignal& stop,
                              OperationsLog& log) {
    stop.wait();  // Returns immediately, and lets the next signal end the program.
    log.write(LogLevel::kInfo, "stopping");
    worker.stop_claiming();
    const auto begun = steady_clock::now();
    while (!worker.wait(kLookForSignalsEvery)) {
      if (grace && steady_clock::now() - begun >= *grace) worker.stop_jobs();
    }
    log.write(LogLevel::kInfo, "stopped");
  }

  [[nodiscard]] WorkSettings require_settings(const Context& context) const {
    if (types_.empty()) refuse("usage", "expected --type, at least once; see runledger work --help");
    if (once_ && until_idle_) refuse("usage", "expected --once or --until-idle, found both");
    WorkSettings settings;
    settings.worker.concurrency =
        require_number(concurrency_, "concurrency", {.min = 1, .max = Worker::kConcurrencyMax}).value_or(1);
    settings.worker.name = sanitize(worker_ ? *worker_ : worker_name("work"));
    settings.mirror = mirror_.options();
    settings.log.form = context.json() ? LogForm::kJson : LogForm::kText;
    settings.log.colours = context.errors_to_terminal && colours_are_welcome();
    std::set<RunType> types;
    for (const std::string& type : types_) types.insert(need(parse_run_type(type)));
    settings.worker.types.assign(types.begin(), types.end());
    if (until_idle_) settings.worker.until = WorkUntil::kIdle;
    if (once_) settings.worker.until = WorkUntil::kOneRun;
    if (const auto seconds = require_number(grace_, "grace", {.max = kGraceSecondsMax}))
      settings.grace = std::chrono::seconds(*seconds);
    return settings;
  }

  static std::vector<std::string_view> names(const std::vector<RunType>& types) {
    std::vector<std::string_view> all;
    for (const RunType& type : types) all.emplace_back(type.str());
    return all;
  }

  std::vector<std::string> types_;
  Typed concurrency_;
  Typed worker_;
  Typed grace_;
  bool until_idle_ = false;
  bool once_ = false;
  TypedMirror mirror_;
};

}  // namespace

std::unique_ptr<Subcommand> make_work() {
  return std::make_unique<Work>();
}

}  // namespace runledger
