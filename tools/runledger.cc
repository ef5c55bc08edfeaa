// The program: builds the objects, runs one command, and turns every way to end into an exit status.
#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <csignal>
#include <exception>

#include "tools/cli/command_line.h"
#include "tools/cli/reached_ledger.h"

namespace runledger {
namespace {

// A closed standard descriptor would be given to the next file that is opened, and results would be written into the
// store. /dev/null opened for the wrong direction keeps the place and fails every use.
void occupy_standard_descriptors() {
  for (int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1) continue;
    const int opened = ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
    if (opened != descriptor) std::terminate();
  }
}

ExitStatus run_command(int argc, const char* const* argv, Context& context) {
  const auto commands = all_subcommands();
  const CommandLine line = parse_command_line(argc, argv, commands);
  context.data = line.data;
  context.format = line.format;
  context.catalog = line.catalog;
  if (line.command == nullptr) {
    context.out.write(line.text);
    return ExitStatus::kDone;
  }
  context.connect = daemon_address(line.connect);
  return line.command->run(context);
}

ExitStatus run_and_report(int argc, const char* const* argv, Context& context) {
  try {
    return run_command(argc, argv, context);
  } catch (const Refused& refused) {
    report_error(context, refused.rejection().code, refused.rejection().detail.str());
    return refused.status();
  } catch (const Failure& failure) {
    report_error(context, failure.code(), failure.what());
    return exit_status(failure);
  } catch (const std::exception& error) {
    report_error(context, "internal", error.what());
    return ExitStatus::kFailed;
  }
}

ExitStatus run_program(int argc, const char* const* argv) {
  Output out(STDOUT_FILENO, "standard output");
  Context context{.data = {},
                  .connect = {},
                  .catalog = {},
                  .format = format_of_unusable(argc, argv),
                  .out = out,
                  .errors_to_terminal = ::isatty(STDERR_FILENO) == 1};
  try {
    const ExitStatus status = run_and_report(argc, argv, context);
    out.flush();
    return status;
  } catch (const Failure& failure) {
    // Standard output itself failed, so the error goes to standard error alone.
    context.format = Format::kText;
    report_error(context, failure.code(), failure.what());
    return exit_status(failure);
  } catch (const OutputClosed&) {
    return ExitStatus::kFailed;
  } catch (...) {
    tell_stderr("runledger: internal: expected to report how the command ended, found no way to\n");
    return ExitStatus::kFailed;
  }
}

}  // namespace
}  // namespace runledger

int main(int argc, char** argv) {
  runledger::occupy_standard_descriptors();
  std::signal(SIGPIPE, SIG_IGN);  // A reader that went away shows as an error of write().
  return static_cast<int>(runledger::run_program(argc, argv));
}
