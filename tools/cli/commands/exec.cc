// `runledger exec`: runs any command as a tracked run.
//
// ExecutedRun::run() first looks for a queued run of this request, and takes it up. Otherwise it requests the run. If
// the request is deduplicated, it usually prints the answer and ends; but a run whose lease has run out is taken up,
// too. Then a loop does one attempt after the other: it starts the attempt, lets run_tracked() run the command and
// report its end, and stops unless the ledger answers that the run is queued for a retry. Before the next attempt it
// waits for the delay in that answer. Between two commands to the ledger, PerCommandClient holds neither a connection
// nor the data directory.
//
// PassedSignals blocks SIGTERM, SIGINT and SIGHUP, and exactly one place handles a signal at any time:
// - while the command runs, CommandJob passes it on, and SignalledJob pauses the ShutdownDeadline;
// - between attempts, the loop takes it, and cancel() ends the run;
// - while the main thread waits for the ledger, it cannot take a signal. ShutdownDeadline sees the signal, waits a few
//   seconds for the loop to come around, and then ends the process with give_up() and status 7.
// The deadline is destroyed before a result is printed, so a result and give_up() never mix on standard output.
//
// exec ends with the status of its command. So everything that is not the command's doing is ExitStatus::kFault: fail()
// returns it here, and main() for exceptions.
//
// With --when-unreachable run, ask() answers a ledger that cannot be reached with a SpoolClient, which takes the place
// of the ledger for the rest of the call. Every call first takes in what earlier ones have left in the spool.
//
// Another process may take up the run between two attempts. So `expected_state_` holds the state in which this process
// left the run, and cancel() sends it along: the ledger then cancels the run only if it is still in that state.
#include <fmt/format.h>

#include <functional>
#include <utility>

#include "jobs/exec/command_job.h"
#include "jobs/worker/tracked_run.h"
#include "ledger/exchange/reply_json.h"
#include "ledger/rules/identity.h"
#include "tools/cli/options/arguments.h"
#include "tools/cli/options/request_fields.h"
#include "tools/cli/options/worker_name.h"
#include "tools/cli/output/answer.h"
#include "tools/cli/output/exec_status_file.h"
#include "tools/cli/per_command_client.h"
#include "tools/cli/process/shutdown_deadline.h"
#include "tools/cli/spooling/client.h"
#include "tools/cli/spooling/take_in.h"
#include "tools/cli/subcommand.h"

namespace runledger {
namespace {

constexpr std::uint64_t kSecondsMax = 10ULL * 366 * 86'400;  // Ten years, the same limit as in the catalog.
constexpr std::uint64_t kKillAfterSecondsDefault = 10;
constexpr int kSignalBase = 128;  // Shells add this to the number of the signal that ended a program.

void print_error(std::string_view code, const std::string& what) {
  write_stderr(fmt::format("runledger: {}: {}\n", code, sanitize(what).str()));
}

bool is_unreachable(const Failure& failure) {
  return failure.code() == "daemon.unreachable" || failure.code() == "ledger.busy";
}

// Tells what somebody has to know of a run in the spool that an earlier call left. A run that this caller may not
// record is the business of another caller.
void tell_spooled(const SpooledItem& item) {
  const bool is_run = item.name.ends_with(".run");
  if (is_run && item.state == SpooledState::kDamaged)
    print_error("spool.damaged", fmt::format("{}, which is now {}.damaged: {}", item.name, item.name, item.trouble));
  if (is_run && item.state == SpooledState::kForeign)
    print_error("spool.insecure", fmt::format("{} is no file that exec has made, and is left as it is", item.name));
  if (!item.answer) return;
  const std::string run = format_uuid(item.record->run.request.run->value);
  if (const auto* reply = std::get_if<Reply>(&*item.answer)) {
    if (reply->verdict == Verdict::kLate)
      print_error("spool.late_work", fmt::format("run {} of the spool was recorded as late work", run));
  } else if (const auto* refused = std::get_if<Rejection>(&*item.answer)) {
    if (refused->code == "access.denied" || refused->code == "scope.not_found") return;
    print_error(refused->code, fmt::format("run {} stays in the spool: {}", run, refused->detail.str()));
  } else {
    print_error("outcome.unknown", fmt::format("run {} stays in the spool, and will be sent again", run));
  }
}

// The checked options.
struct Execution {
  RunRequest request;
  SanitizedText worker;
  CommandSpec command;
  std::uint64_t retries = 0;
  ExitStatus if_not_run = ExitStatus::kDone;  // When the request was deduplicated or the start skipped.
  // Completes the request by runs that were named by their first digits; empty when none was.
  std::function<void(LedgerReader&, RunRequest&)> find_runs = {};
  std::optional<Spool> spool = {};  // For a run without the ledger; absent when the user allows none.
};

// Runs the job with the deadline paused, because signals are passed on to the command meanwhile. If a signal cancelled
// the run, the deadline then starts without waiting for another signal.
class SignalledJob final : public Job {
 public:
  SignalledJob(Job& job, ShutdownDeadline& deadline) : job_(job), shutdown_deadline_(deadline) {}

  [[nodiscard]] RunType type() const override { return job_.type(); }
  [[nodiscard]] JobReport run(const JobAssignment& assignment, const std::stop_token& stop) override {
    JobReport report;
    {
      const ShutdownDeadline::Pause pause(shutdown_deadline_);
      report = job_.run(assignment, stop);
    }
    if (report.outcome == AttemptOutcome::kCancelled) shutdown_deadline_.begin();
    return report;
  }

 private:
  Job& job_;
  ShutdownDeadline& shutdown_deadline_;
};

// Standard output belongs to the command while it runs. In text mode we write nothing there, because the output may be
// the input of another program; in JSON mode the answer is its last line.
class ExecutedRun {
 public:
  ExecutedRun(const Context& context, Execution execution, PassedSignals& signals, ChildReaper& children,
              ExecStatusFile& status_file)
      : context_(context),
        execution_(std::move(execution)),
        signals_(signals),
        status_file_(status_file),
        shutdown_deadline_(std::in_place, signals, [this] { give_up(); }),
        ledger_(context),
        job_(execution_.request.type, execution_.command, signals, children,
             [](const Rejection& complaint) { print_error(complaint.code, complaint.detail.str()); }),
        lease_guess_(
            execution_.request.policy.lease.value_or(catalog_of(context).entry(execution_.request.type).policy.lease)) {
  }

  ExitStatus run() {
    const bool takes_up = ask();
    if (!takes_up) note_decision(asked_);
    if (!context_.json()) print_warnings(asked_);
    if (asked_.verdict == Verdict::kDeduped && !takes_up) {
      if (const auto ended = end_or_take_up()) return *ended;
    }
    if (asked_.verdict == Verdict::kRequested) expected_state_ = ExpectedRunState{};
    for (std::uint64_t tries = 0;; ++tries) {
      if (const auto signal = signals_.take()) return cancel(signal->number);
      const StartAttempt start{.run = asked_.run, .worker = execution_.worker};
      const Reply started = require_reply(client().submit(start, {}));
      if (started.verdict != Verdict::kStarted) return skip(started);
      status_file_.set_answer(started);
      if (asked_.verdict != Verdict::kRequested) status_file_.set_decision(Verdict::kStarted);
      const TrackedEnd end = attempt(started, started.lease.value_or(lease_guess_), tries == execution_.retries);
      status_file_.set_command(job_.last_end());
      const Reply* reply = end.answer ? std::get_if<Reply>(&*end.answer) : nullptr;
      if (reply == nullptr || reply->verdict != Verdict::kFinished || reply->status != RunStatus::kQueued)
        return conclude(started, end);
      expected_state_ = ExpectedRunState{RunStatus::kQueued, started.attempt};
      print_error(reason(end),
                  fmt::format("attempt {} of run {} failed, again in {} s: {}", started.attempt.value,
                              format_uuid(asked_.run.value), whole_seconds(*reply->retry_after), message(end)));
      const auto delay = std::chrono::ceil<std::chrono::milliseconds>(*reply->retry_after);
      if (const auto signal = signals_.take_within(delay)) return cancel(signal->number);
    }
  }

 private:
  // Returns whether the run was there before and waits for an attempt.
  bool ask() {
    try {
      take_in_earlier();
      if (execution_.find_runs)
        ledger_.use([&](LedgerConnection& ledger) { execution_.find_runs(ledger.reader(), execution_.request); });
      if (find_waiting_run()) return true;
      asked_ = require_reply(ledger_.submit(execution_.request, {}));
    } catch (const Failure& failure) {
      if (!execution_.spool || !is_unreachable(failure)) throw;
      begin_spooled(failure);
    }
    return false;
  }

  // The runs of earlier calls come first, because their cooldowns count. Trouble with the spool is no reason not to do
  // the work of this call.
  void take_in_earlier() {
    try {
      const std::filesystem::path path = spool_path(context_);
      const std::optional<Spool> spool = path.empty() ? std::nullopt : Spool::find(path);
      if (!spool || spool->names().runs.empty()) return;
      ledger_.use([&](LedgerConnection& ledger) {
        take_in_spool(*spool, {.ledger = ledger_name(context_)}, ledger.client(), tell_spooled);
      });
    } catch (const Failure& failure) {
      if (is_unreachable(failure)) throw;
      print_error(failure.code(), failure.what());
    }
  }

  // Checks all that a ledger checks whatever it holds, because a refusal would come too late.
  void begin_spooled(const Failure& unreachable) {
    const RequestRun request = need(prepare_request(execution_.request, IdentityKey{}, catalog_of(context_)));
    spooled_.emplace(*execution_.spool, ledger_name(context_), execution_.request, execution_.worker, request.policy);
    asked_ = spooled_->requested();
    print_error(unreachable.code(),
                fmt::format("{}; the command runs without the ledger, and run {} goes to the spool {}",
                            unreachable.what(), format_uuid(asked_.run.value), execution_.spool->path().string()));
  }

  [[nodiscard]] LedgerClient& client() {
    if (spooled_) return *spooled_;
    return ledger_;
  }

  // Looks for a queued run that the request stands for. Nobody is turned away when we take it up, so we do not request
  // it, which would be recorded as a duplicate.
  bool find_waiting_run() {
    const Answer answer = ledger_.explain(execution_.request);
    const auto* reply = std::get_if<Reply>(&answer);
    if (reply == nullptr || reply->verdict != Verdict::kDeduped || reply->status != RunStatus::kQueued) return false;
    asked_ = *reply;
    if (reply->rule != DedupeRule::kSameRun) (void)require_reply(ledger_.explain(request_for_run()));
    return true;
  }

  void note_decision(const Reply& reply) {
    status_file_.set_answer(reply);
    status_file_.set_decision(reply.verdict);
    if (spooled_) status_file_.set_spooled();
  }

  // Handles a request that already has a run. Returns nullopt if we take the run up: it is active but no worker works
  // on it, because it waits for an attempt or its worker was killed. Otherwise returns the status to end with.
  std::optional<ExitStatus> end_or_take_up() {
    std::optional<Reply> expired;
    if (asked_.status == RunStatus::kRunning) expired = ledger_.expire_abandoned(asked_.run);
    if (asked_.status != RunStatus::kQueued && !expired) return answer_without_running(asked_);
    require_same_input();
    if (expired && expired->status == RunStatus::kCompleted) return fail_for_lost(*expired);
    return std::nullopt;
  }

  // If the catalog names identity fields for the type, the run may have been requested with another input, for which
  // the command is not meant. Requesting it again by its id makes the ledger compare: "run.exists_with_other_input".
  void require_same_input() {
    if (asked_.rule == DedupeRule::kSameRun) return;  // The ledger has compared them.
    (void)require_reply(ledger_.submit(request_for_run(), {}));
  }

  [[nodiscard]] RunRequest request_for_run() const {
    RunRequest request = execution_.request;
    request.run = asked_.run;
    return request;
  }

  TrackedEnd attempt(const Reply& started, Duration lease, bool last) {
    const RunRequest& request = execution_.request;
    SignalledJob job(job_, *shutdown_deadline_);
    const HeldAttempt held{.run = started.run, .ref = {started.attempt, started.token}, .lease = lease};
    return run_tracked(client(), held, job,
                       {.run = started.run,
                        .scope = {*request.workspace, request.tenant},
                        .type = request.type,
                        .input = request.input,
                        .attempt = started.attempt},
                       {}, {.last_try = last});
  }

  ExitStatus answer_without_running(const Reply& reply) {
    shutdown_deadline_.reset();
    note_decision(reply);
    if (context_.json()) {
      print_reply(context_, reply);
    } else {
      write_stderr(reply_sentence(reply) + "\n");
    }
    return execution_.if_not_run;
  }

  // Another process was faster. If our request was recorded as a duplicate, its answer says more than the one to the
  // start.
  [[nodiscard]] ExitStatus skip(const Reply& started) {
    const bool was_recorded = asked_.verdict == Verdict::kDeduped && asked_.sequence.value != 0;
    const bool twice = was_recorded && started.rule == DedupeRule::kAttemptActive;
    return answer_without_running(twice ? asked_ : started);
  }

  // An earlier attempt was lost, and our command made the ledger notice: the run failed, as it had no attempt left.
  ExitStatus fail_for_lost(const Reply& reply) {
    return fail(reply, "worker.lease_expired",
                fmt::format("the last attempt of run {} was lost: its lease ran out; the command was not run",
                            format_uuid(reply.run.value)));
  }

  // Handles a signal that came while no attempt of ours was under way, so there is no command to pass it on to. Cancels
  // the run only if it is still as we left it: a worker that has taken it up meanwhile works on.
  ExitStatus cancel(int signal) {
    shutdown_deadline_->begin();
    const ExitStatus ended = status_of_command(kSignalBase + signal);
    const std::string run = format_uuid(asked_.run.value);
    if (!expected_state_) {
      return fail(asked_, "run.changed",
                  fmt::format("got signal {}; run {} was asked for by another and is left as it is", signal, run),
                  ended);
    }
    const Result<ReasonCode> code = parse_reason_code("run.cancelled");
    const Answer answer = client().submit(FailRun{.run = asked_.run,
                                                  .reason_code = *code,
                                                  .message = sanitize(fmt::format("exec got signal {}", signal)),
                                                  .outcome = RunOutcome::kCancelled,
                                                  .seen = expected_state_},
                                          {});
    const auto* refused = std::get_if<Rejection>(&answer);
    if (refused != nullptr && (refused->code == "run.changed" || refused->code == "run.completed")) {
      return fail(asked_, refused->code,
                  fmt::format("got signal {}; run {} is no longer ours: {}", signal, run, refused->detail.str()),
                  ended);
    }
    return fail(require_reply(answer), "run.cancelled", fmt::format("run {} was cancelled by a signal", run), ended);
  }

  ExitStatus conclude(const Reply& started, const TrackedEnd& end) {
    const std::string name = fmt::format("attempt {} of run {}", started.attempt.value, format_uuid(asked_.run.value));
    if (!end.answer) return fail(started, end.lost->code, fmt::format("{} was lost: {}", name, end.lost->detail.str()));
    const Reply reply = require_reply(*end.answer);
    if (!context_.json()) print_warnings(reply);
    if (reply.verdict == Verdict::kLate)
      return fail(reply, "attempt.superseded", fmt::format("{} was lost, and its end came too late", name));
    if (reply.outcome != RunOutcome::kSucceeded)
      return fail(reply, reason(end),
                  fmt::format("{}, the last one, {}: {}", name, to_string(end.report.outcome), message(end)),
                  status_of_failed_command());
    shutdown_deadline_.reset();
    status_file_.set_answer(reply);
    if (context_.json()) {
      JsonWriter out;
      out.begin_object();
      write_answer(out, reply);
      context_.out.line(out.end_object().take());
    } else if (context_.errors_to_terminal) {
      write_stderr(fmt::format("runledger: {} succeeded\n", name));
    }
    return ExitStatus::kDone;
  }

  // The system may have refused a process for the command, or another process may have ended its run.
  [[nodiscard]] ExitStatus status_of_failed_command() const {
    const int status = job_.last_end() ? exit_status_of(*job_.last_end()) : 0;
    return status == 0 ? ExitStatus::kFault : status_of_command(status);
  }

  ExitStatus fail(const Reply& reply, std::string_view code, const std::string& what,
                  ExitStatus status = ExitStatus::kFault) {
    shutdown_deadline_.reset();
    status_file_.set_answer(reply);
    status_file_.set_error(code, what);
    print_error(code, what);
    if (context_.json()) {
      JsonWriter out;
      out.begin_object();
      write_answer(out, reply);
      out.key("error").begin_object().member("code", code).member("message", sanitize(what).str()).end_object();
      out.end_object();
      context_.out.line(out.take());
    }
    return status;
  }

  void write_answer(JsonWriter& out, const Reply& reply) const {
    write_members(out, reply, spooled_ ? kSpooled : to_string(reply.verdict));
  }

  // Runs on the thread of the ShutdownDeadline, while the main thread waits for the ledger.
  [[noreturn]] void give_up() const {
    try {
      constexpr std::string_view kCode = "outcome.unknown";
      const std::string what =
          fmt::format("got a signal, and no answer of the ledger within {} s", ShutdownDeadline::kTimeout.count());
      report_error(context_, kCode, what);
      context_.out.flush();
      status_file_.set_error(kCode, what);
      status_file_.write(ExitStatus::kFault);
    } catch (...) {  // The output cannot be written, which is no reason to stay.
    }
    ::_exit(static_cast<int>(ExitStatus::kFault));
  }

  static std::string reason(const TrackedEnd& end) { return end.report.failures.front().reason_code.str(); }
  static const std::string& message(const TrackedEnd& end) { return end.report.failures.front().message.str(); }

  const Context& context_;
  Execution execution_;
  PassedSignals& signals_;
  ExecStatusFile& status_file_;
  std::optional<ShutdownDeadline> shutdown_deadline_;  // Reset before the result is printed.
  PerCommandClient ledger_;
  std::optional<SpoolClient> spooled_;  // Takes the place of a ledger that cannot be reached.
  CommandJob job_;
  // Used when the answer of the ledger has no lease. It is a guess, because a daemon may have a catalog of its own.
  const Duration lease_guess_;
  Reply asked_;
  // The state of the run between two attempts, if no other process has touched it. nullopt when another process
  // requested the run and we have not had an attempt yet.
  std::optional<ExpectedRunState> expected_state_;
};

class Exec final : public Subcommand {
 public:
  [[nodiscard]] Description description() const override {
    return {.name = "exec",
            .summary = "Runs any command as a tracked run: exec OPTIONS -- COMMAND ARGUMENT…",
            .example =
                "  runledger exec --workspace acme --type backup.nightly --timeout 3600 --retries 2 -- \\\n"
                "      pg_dump --file /backup/app.sql app"};
  }

  void declare(Options& options) override {
    what_.declare(options);
    fields_.declare(options);
    options.value("--initiator", "NAME", "Who asks", initiator_);
    options.value("--worker", "NAME", "Who works on it (default: exec@HOST:PROCESS)", worker_);
    options.number("--retries", "N", "Up to N attempts after the first, as far as the run's policy allows (default 0)",
                   retries_);
    options.number("--timeout", "SECONDS", "Ends an attempt that takes longer (default: no limit)", timeout_);
    options.number("--kill-after", "SECONDS", "Time between SIGTERM and SIGKILL when the command must end (default 10)",
                   kill_after_);
    options.flag("--force", "Skips the cooldown, never the rule of one active run", force_);
    options.optional_number("--fail-if-deduped",
                            "Ends with status 3, or with N of --fail-if-deduped=N, when the command is not run",
                            fail_if_deduped_);
    options.value("--status-file", "FILE", "Gets the decision of the ledger and the end of the command as JSON",
                  status_file_);
    options.value("--when-unreachable", "refuse|run",
                  "When no ledger can be reached: ends without running the command (default), or runs it and keeps the "
                  "run in --spool until the ledger is back, which gives up the rule of one active run",
                  when_unreachable_);
    options.rest(command_);
  }

  ExitStatus run(const Context& context) override {
    ExecStatusFile status_file(status_file_);
    try {
      const ExitStatus status = carry_out(context, status_file);
      context.out.flush();
      status_file.write(status);
      return status;
    } catch (const Refused& refused) {
      status_file.set_error(refused.rejection().code, refused.rejection().detail.str());
      status_file.write(ExitStatus::kFault);
      throw;
    } catch (const Failure& failure) {
      status_file.set_error(failure.code(), failure.what());
      status_file.write(ExitStatus::kFault);
      throw;
    }
  }

 private:
  [[nodiscard]] ExitStatus carry_out(const Context& context, ExecStatusFile& status_file) const {
    Execution execution = require_execution();
    if (require_runs_when_unreachable()) execution.spool = Spool::make(require_spool_path(context));
    PassedSignals signals;
    ChildReaper children;
    execution.command.core_bytes_max = context.core_bytes_max;
    execution.command.umask = context.umask_before;
    return ExecutedRun(context, std::move(execution), signals, children, status_file).run();
  }

  // The status to end with when the command is not run.
  [[nodiscard]] ExitStatus require_if_not_run() const {
    constexpr std::uint64_t kStatusMax = 255;
    if (!fail_if_deduped_ || *fail_if_deduped_ == "false") return ExitStatus::kDone;
    if (*fail_if_deduped_ == "true") return ExitStatus::kDeduped;
    const auto typed = require_number(fail_if_deduped_, "fail_if_deduped", {.max = kStatusMax});
    return status_of_command(static_cast<int>(*typed));
  }

  [[nodiscard]] bool require_runs_when_unreachable() const {
    const std::string typed = when_unreachable_.value_or("refuse");
    if (typed == "run" && what_.run)
      refuse("usage",
             "expected no --run together with --when-unreachable run: only the ledger knows if the run exists");
    if (typed == "run" && !fields_.names_whole_ids())
      refuse("usage",
             "expected whole ids of --parent and --rerun-of together with --when-unreachable run: only the ledger "
             "knows whose first digits they are");
    if (typed != "refuse" && typed != "run")
      refuse("when_unreachable.invalid", fmt::format("expected refuse or run, found \"{}\"", typed));
    return typed == "run";
  }

  [[nodiscard]] Execution require_execution() const {
    if (command_.empty() || command_.front().empty())
      refuse("usage", "expected a command after \"--\", found none; see runledger exec --help");
    Execution execution{.request = what_.require_request(),
                        .worker = sanitize(worker_ ? *worker_ : worker_name("exec")),
                        .command = {.arguments = command_},
                        .retries = require_number(retries_, "retries", {.max = Policy::kAttemptsMax}).value_or(0),
                        .if_not_run = require_if_not_run()};
    fields_.require(execution.request);
    if (!fields_.names_whole_ids())
      execution.find_runs = [this](LedgerReader& reader, RunRequest& request) { fields_.find_runs(reader, request); };
    if (initiator_) execution.request.initiator = sanitize(*initiator_);
    execution.request.force = force_;
    execution.command.timeout =
        std::chrono::seconds(require_number(timeout_, "timeout", {.min = 1, .max = kSecondsMax}).value_or(0));
    execution.command.kill_after = std::chrono::seconds(
        require_number(kill_after_, "kill_after", {.max = kSecondsMax}).value_or(kKillAfterSecondsDefault));
    return execution;
  }

  TypedRequest what_;
  TypedRequestFields fields_;
  Typed initiator_;
  Typed worker_;
  Typed retries_;
  Typed timeout_;
  Typed kill_after_;
  bool force_ = false;
  Typed fail_if_deduped_;
  Typed status_file_;
  Typed when_unreachable_;
  std::vector<std::string> command_;
};

}  // namespace

std::unique_ptr<Subcommand> make_exec() {
  return std::make_unique<Exec>();
}

}  // namespace runledger
