// The program: builds the objects, runs one command, and turns every outcome into an exit status.
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <exception>

#include "tools/cli/command_line.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {
namespace {

// If a standard descriptor is closed, the system gives its number to the next file that is opened, and results would be
// written into the store. /dev/null opened for the wrong direction occupies the number and fails every use.
void occupy_standard_descriptors() {
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    const int opened = ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != descriptor) std::terminate();
  }
}

// A core file would hold inputs and tokens that are kept out of every other file. Returns the previous limit, for the
// programs that this process starts, or nullopt when it is unknown. The limit is 1 and not 0, because only 1 also stops
// a core that is piped to a program (core_pattern with a pipe), and no core file is that short: see core(5).
std::optional<rlim_t> forbid_core_files() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_CORE, &limit) != 0) return std::nullopt;
  const rlim_t before = limit.rlim_cur;
  limit.rlim_cur = std::min<rlim_t>(1, limit.rlim_max);
  ::setrlimit(RLIMIT_CORE, &limit);
  return before;
}

ExitStatus run_command(int argc, const char* const* argv, Context& context) {
  // A person who types the name alone wants to know what there is; a script has made a mistake. The first reads the
  // help, and the second gets the status and the code of any command line without a command.
  if (argc <= 1 && !context.json()) {
    context.out.write(help_text(""));
    context.out.flush();
  }
  const auto commands = all_subcommands();
  const CommandLine line = parse_command_line(argc, argv, commands);
  context.data = line.data;
  context.format = line.format;
  context.catalog = line.catalog;
  context.spool = line.spool;
  if (line.command == nullptr) {
    context.out.write(line.text);
    return ExitStatus::kDone;
  }
  context.connect = daemon_address(line.connect);
  return line.command->run(context);
}

// The status for an error. `exec` has one for all of them, because the others may be those of its command.
class ErrorStatus {
 public:
  explicit ErrorStatus(bool is_exec) : is_exec_(is_exec) {}
  [[nodiscard]] ExitStatus of(ExitStatus status) const { return is_exec_ ? ExitStatus::kFault : status; }

 private:
  bool is_exec_;
};

ExitStatus run_and_report(int argc, const char* const* argv, Context& context, const ErrorStatus& error_status) {
  try {
    return run_command(argc, argv, context);
  } catch (const RefusedWith& refused) {
    report_error(context, refused.rejection().code, refused.rejection().detail.str());
    return error_status.of(refused.status());
  } catch (const Refused& refused) {
    report_error(context, refused.rejection().code, refused.rejection().detail.str());
    return error_status.of(ExitStatus::kInvalid);
  } catch (const Failure& failure) {
    report_error(context, failure.code(), failure.what());
    return error_status.of(exit_status(failure));
  } catch (const std::exception& error) {
    report_error(context, "internal", error.what());
    return error_status.of(ExitStatus::kFailed);
  }
}

ExitStatus run_program(int argc, const char* const* argv, std::optional<rlim_t> core_bytes_max, mode_t umask_before) {
  Output out(STDOUT_FILENO, "standard output");
  Context context{.data = {},
                  .format = format_of_unusable(argc, argv),
                  .out = out,
                  .errors_to_terminal = ::isatty(STDERR_FILENO) == 1,
                  .core_bytes_max = core_bytes_max,
                  .umask_before = umask_before,
                  .arguments = {argv, static_cast<std::size_t>(argc)}};
  const ErrorStatus error_status(command_word(argc, argv) == "exec");
  try {
    const ExitStatus status = run_and_report(argc, argv, context, error_status);
    out.flush();
    return status;
  } catch (const Failure& failure) {
    // Standard output itself failed, so the error goes to standard error only.
    context.format = Format::kText;
    report_error(context, failure.code(), failure.what());
    return error_status.of(exit_status(failure));
  } catch (const OutputClosed&) {  // The reader has seen enough, so it needs no message.
    return error_status.of(ExitStatus::kFailed);
  } catch (...) {
    write_stderr("runledger: internal: expected to report how the command ended, found no way to\n");
    return error_status.of(ExitStatus::kFailed);
  }
}

}  // namespace
}  // namespace runledger

int main(int argc, char** argv) {
  const auto core_bytes_max = runledger::forbid_core_files();
  const mode_t umask_before = ::umask(S_IRWXG | S_IRWXO);  // Files of a ledger are for its owner only.
  runledger::occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // write() reports a reader that went away as an error.
  return static_cast<int>(runledger::run_program(argc, argv, core_bytes_max, umask_before));
}
