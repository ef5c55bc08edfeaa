// Writes the lines of the page one after the other.
#include "tools/cli/manual/man_page.h"

#include <fmt/format.h>

#include "tools/cli/options/typed_time.h"

namespace runledger {
namespace {

// Text that roff prints as it is. A period or an apostrophe at the beginning of a line would be a request.
std::string plain(std::string_view text) {
  std::string result;
  bool begins_line = true;
  for (const char c : text) {
    if (begins_line && (c == '.' || c == '\'')) result += "\\&";
    begins_line = c == '\n';
    if (c == '\\') {
      result += "\\e";
    } else if (c == '-') {
      result += "\\-";
    } else if (c == '`') {
      result += "\\(ga";
    } else if (c == '\'') {
      result += "\\(aq";
    } else {
      result += c;
    }
  }
  return result;
}

std::string flags_text(const DeclaredOption& option) {
  std::string text;
  for (const std::string& flag : {option.short_flag, option.long_flag}) {
    if (!flag.empty()) text += (text.empty() ? "" : ", ") + fmt::format("\\fB{}\\fR", plain(flag));
  }
  return option.value.empty() ? text : fmt::format("{} \\fI{}\\fR", text, plain(option.value));
}

void write_options(const std::vector<DeclaredOption>& options, std::string& page) {
  for (const DeclaredOption& option : options) {
    page += fmt::format(".TP\n{}\n{}", flags_text(option), plain(option.help));
    page += option.is_required ? ". Required.\n" : option.is_repeatable ? ". May be repeated.\n" : ".\n";
  }
}

void write_command(const DeclaredCommand& command, std::string& page) {
  std::string synopsis = fmt::format("\\fBrunledger {}\\fR [\\fIOPTION\\fR]…", plain(command.name));
  for (const DeclaredArgument& argument : command.arguments)
    synopsis += fmt::format(" \\fI{}\\fR", plain(argument.name));
  page += fmt::format(".SS {}\n{}\n.PP\n{}.\n", plain(command.name), synopsis, plain(command.summary));
  for (const DeclaredArgument& argument : command.arguments)
    page += fmt::format(".TP\n\\fI{}\\fR\n{}.\n", plain(argument.name), plain(argument.help));
  write_options(command.options, page);
  page += fmt::format(".PP\nExample:\n.PP\n.EX\n{}\n.EE\n", plain(command.example));
}

constexpr std::string_view kEnvironment =
    "What is not given is looked for in the environment, as \\fBRUNLEDGER_\\fIOPTION\\fR or "
    "\\fBRUNLEDGER_\\fICOMMAND\\fB_\\fIOPTION\\fR in capitals with _ for \\-, then in the configuration file.\n"
    ".TP\n\\fBNO_COLOR\\fR\nIf it is not empty, a terminal gets no colours.\n"
    ".TP\n\\fBCOLUMNS\\fR\nThe width to which tables are fitted on a terminal.\n"
    ".TP\n\\fBTZ\\fR\nThe local time zone.\n";

constexpr std::string_view kStatuses[][2] = {
    {"0", "Done; also deduped or skipped"},
    {"1", "The operation failed; of \\fBwatch\\fR: the run did"},
    {"2", "Wrong usage or invalid input"},
    {"3", "Deduped, skipped or rejected, where asked for; of \\fBwatch\\fR: the run partially succeeded"},
    {"4", "Refused by a rule"},
    {"5", "Damage found"},
    {"6", "The ledger is busy, or no daemon answers"},
    {"7", "The outcome is unknown"}};

}  // namespace

std::string man_page(const Declarations& declarations, std::string_view version) {
  std::string page = fmt::format(
      ".\\\" As `runledger man` prints it.\n.TH RUNLEDGER 1 \"\" \"runledger {}\" \"User Commands\"\n"
      ".SH NAME\nrunledger \\- an event\\-sourced ledger of background operation runs\n"
      ".SH SYNOPSIS\n\\fBrunledger\\fR [\\fIOPTION\\fR]… \\fICOMMAND\\fR [\\fIARGUMENT\\fR]…\n"
      ".SH OPTIONS\nEvery command takes these, before and after its name.\n",
      version);
  write_options(declarations.global, page);
  page += fmt::format(".SH TIMES\n{}\n.SH COMMANDS\n", plain(kTimeHelp));
  for (const DeclaredCommand& command : declarations.commands) write_command(command, page);
  page += fmt::format(".SH ENVIRONMENT\n{}.SH EXIT STATUS\n", kEnvironment);
  for (const auto& [status, meaning] : kStatuses) page += fmt::format(".TP\n{}\n{}.\n", status, meaning);
  return page;
}

}  // namespace runledger
