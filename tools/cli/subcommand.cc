// The list of all subcommands.
#include "tools/cli/subcommand.h"

namespace runledger {

std::vector<std::unique_ptr<Subcommand>> all_subcommands() {
  using Make = std::unique_ptr<Subcommand> (*)();
  static constexpr Make kMakers[] = {
      make_init,       make_request,    make_start,   make_heartbeat, make_finish,     make_fail,     make_cancel,
      make_show,       make_list,       make_stats,   make_series,    make_failures,   make_attempts, make_workers,
      make_duplicates, make_overdue,    make_explain, make_why,       make_replay,     make_tail,     make_watch,
      make_import,     make_export,     make_project, make_rebuild,   make_verify,     make_erase,    make_backup,
      make_restore,    make_recover,    make_doctor,  make_audit,     make_checkpoint, make_prove,    make_types,
      make_token,      make_serve,      make_ui,      make_work,      make_exec,       make_spool,    make_seed,
      make_help,       make_completion, make_man};
  std::vector<std::unique_ptr<Subcommand>> all;
  for (const Make make : kMakers) all.push_back(make());
  return all;
}

}  // namespace runledger
