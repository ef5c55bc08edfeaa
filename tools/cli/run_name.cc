// Lists the runs with these first digits, which is a short list.
#include "tools/cli/run_name.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "ledger/base/assert.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/ledger_connection.h"

namespace runledger {
namespace {

struct Codes {
  std::string_view invalid;
  std::string_view not_found;
};

Codes codes_of(RunName::Role role) {
  switch (role) {
    case RunName::Role::kRun:
      return {"run.invalid", "run.not_found"};
    case RunName::Role::kParent:
      return {"parent.invalid", "parent.not_found"};
    case RunName::Role::kRerunOf:
      return {"rerun_of.invalid", "rerun_of.not_found"};
  }
  RUNLEDGER_ASSERT(false);
}

[[noreturn]] void refuse_name(std::string_view code, const std::string& detail) {
  const Rejection rejection = reject(code, detail);
  throw RefusedWith(rejection, exit_status(rejection));
}

// Returns the runs with these first digits, newest first, and no more than one beyond the candidates that are shown. A
// page can be short before the last one.
std::vector<RunId> read_candidates(LedgerReader& reader, const IdPrefix& prefix) {
  constexpr std::size_t kEnough = RunName::kCandidatesMax + 1;
  RunFilter filter;
  filter.id_prefix = prefix;
  std::vector<RunId> runs;
  std::string cursor;
  do {
    const RunPage page = require_answer(reader.list(filter, kEnough - runs.size(), cursor));
    for (const OperationRun::Row& row : page.rows) runs.push_back(row.id);
    cursor = page.next_cursor.value_or("");
  } while (!cursor.empty() && runs.size() < kEnough);
  return runs;
}

std::string text_of(const std::vector<RunId>& runs) {
  std::string text;
  for (std::size_t i = 0; i < std::min(runs.size(), RunName::kCandidatesMax); ++i)
    text += (i == 0 ? "" : ", ") + format_uuid(runs[i].value);
  return runs.size() > RunName::kCandidatesMax ? text + ", …" : text;
}

}  // namespace

RunName RunName::require(std::string_view typed, Role role) {
  if (const Result<Uuid> whole = parse_uuid(typed, "run")) return {RunId{*whole}, role};
  const Result<IdPrefix> prefix = parse_id_prefix(typed);
  if (!prefix)
    refuse(codes_of(role).invalid,
           fmt::format("expected a run's id, or its first hexadecimal digits, 4 or more, found \"{}\"", typed));
  return {*prefix, role};
}

RunId RunName::find(LedgerReader& reader) const {
  if (const auto* whole = std::get_if<RunId>(&name_)) return *whole;
  const IdPrefix& prefix = std::get<IdPrefix>(name_);
  const std::vector<RunId> runs = read_candidates(reader, prefix);
  if (runs.empty())
    refuse_name(codes_of(role_).not_found,
                fmt::format("expected a run whose id begins with {}, found none", prefix.digits));
  if (runs.size() > 1)
    refuse_name("run.ambiguous",
                fmt::format("expected one run whose id begins with {}, found {}", prefix.digits, text_of(runs)));
  return runs.front();
}

Reply submit_and_print(const Context& context, const RunName& run, const std::function<Ask(RunId)>& ask,
                       const CommandOptions& options) {
  LedgerConnection ledger(context);
  const Reply reply = require_reply(ledger.client().submit(ask(run.find(ledger.reader())), options));
  print_reply(context, reply);
  return reply;
}

}  // namespace runledger
