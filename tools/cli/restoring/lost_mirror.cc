// The mirror cannot forget single events, so it is made again.
#include "tools/cli/restoring/lost_mirror.h"

#include <fmt/format.h>

#include <string_view>

#include "tools/cli/output/pasteable.h"

namespace runledger {
namespace {

std::string psql(const std::string& statement) {
  return "psql \"$DSN\" -c " + shell_word(statement);
}

// The steps to a mirror that goes on, when it is of lost events.
std::vector<std::string> mirror_steps(const std::string& into, const std::string& schema) {
  const std::string named = sql_name(schema);
  const std::string drop = fmt::format(
      "drop table {0}.operation_runs, {0}.operation_run_attempts, {0}.ledger_projections, {0}.ledger_migrations "
      "cascade",
      named);
  const auto command = [&](std::string_view what) {
    return fmt::format("runledger --data {} {} --postgres \"$DSN\" --schema {}", shell_word(into), what,
                       shell_word(schema));
  };
  return {
      "look for a newer copy or backup of the ledger first: the mirror shows rows of events that this one does not "
      "have",
      "to go on without these events, drop the mirror's tables: " + psql(drop),
      "make the mirror again: " + command("project --once"), "check it: " + command("verify")};
}

}  // namespace

void refuse_unknown_mirror(const MirrorOptions& options) {
  refuse("mirror.not_found",
         fmt::format(
             "expected the mirror of this ledger, or its signed checkpoints, in {} of the database, found neither: "
             "check --postgres and --schema, or leave them out",
             options.schema ? "the schema " + *options.schema : "the schemas runledger and public"));
}

std::vector<std::string> steps_for(const std::string& into, LedgerId ledger, Sequence kept, const MirrorMark& mirror) {
  std::vector<std::string> steps;
  if (mirror.code == "mirror.other_ledger")
    steps.emplace_back("check the DSN: the database holds the mirror of another ledger, which was not touched");
  else if (!mirror.code.empty())
    steps = mirror_steps(into, mirror.schema);
  if (mirror.signed_size > kept)
    steps.insert(steps.begin(),
                 "keep the signed checkpoints of the lost events for your auditors, then remove them, since the ledger "
                 "does not extend them: " +
                     psql(fmt::format("delete from {}.ledger_checkpoints where ledger_id = '{}' and size > {}",
                                      sql_name(mirror.schema), format_uuid(ledger.value), kept.value)));
  return steps;
}

}  // namespace runledger
