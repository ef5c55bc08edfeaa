// The interface of a subcommand of the program, and the list of all subcommands.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "tools/cli/context.h"
#include "tools/cli/exit_status.h"
#include "tools/cli/options/options.h"

namespace runledger {

// The program makes each subcommand once, declares it once, and runs at most one of them, at most once, on the main
// thread. The members that declare() names are filled before run(): they hold unchecked text, and run() checks it.
class Subcommand {
 public:
  struct Description {
    std::string_view name;
    std::string_view summary;
    std::string_view example;       // Lines that a user can paste, given a ledger with fitting runs.
    bool has_columns = false;       // It prints CSV and TSV too.
    bool is_about_program = false;  // It prints what the program is: no setting matters to it, not even a wrong one.
  };

  virtual ~Subcommand() = default;
  [[nodiscard]] virtual Description description() const = 0;
  virtual void declare(Options& options) = 0;
  // Writes results to context.out. Throws Refused (RefusedWith for a status other than kInvalid), Failure and
  // OutputClosed.
  virtual ExitStatus run(const Context& context) = 0;
};

// Makes all subcommands, in the order of the help.
[[nodiscard]] std::vector<std::unique_ptr<Subcommand>> all_subcommands();

[[nodiscard]] std::unique_ptr<Subcommand> make_init();
[[nodiscard]] std::unique_ptr<Subcommand> make_request();
[[nodiscard]] std::unique_ptr<Subcommand> make_start();
[[nodiscard]] std::unique_ptr<Subcommand> make_heartbeat();
[[nodiscard]] std::unique_ptr<Subcommand> make_finish();
[[nodiscard]] std::unique_ptr<Subcommand> make_fail();
[[nodiscard]] std::unique_ptr<Subcommand> make_cancel();
[[nodiscard]] std::unique_ptr<Subcommand> make_show();
[[nodiscard]] std::unique_ptr<Subcommand> make_list();
[[nodiscard]] std::unique_ptr<Subcommand> make_stats();
[[nodiscard]] std::unique_ptr<Subcommand> make_replay();
[[nodiscard]] std::unique_ptr<Subcommand> make_tail();
[[nodiscard]] std::unique_ptr<Subcommand> make_watch();
[[nodiscard]] std::unique_ptr<Subcommand> make_import();
[[nodiscard]] std::unique_ptr<Subcommand> make_export();
[[nodiscard]] std::unique_ptr<Subcommand> make_project();
[[nodiscard]] std::unique_ptr<Subcommand> make_rebuild();
[[nodiscard]] std::unique_ptr<Subcommand> make_verify();
[[nodiscard]] std::unique_ptr<Subcommand> make_erase();
[[nodiscard]] std::unique_ptr<Subcommand> make_backup();
[[nodiscard]] std::unique_ptr<Subcommand> make_restore();
[[nodiscard]] std::unique_ptr<Subcommand> make_recover();
[[nodiscard]] std::unique_ptr<Subcommand> make_doctor();
[[nodiscard]] std::unique_ptr<Subcommand> make_audit();
[[nodiscard]] std::unique_ptr<Subcommand> make_checkpoint();
[[nodiscard]] std::unique_ptr<Subcommand> make_prove();
[[nodiscard]] std::unique_ptr<Subcommand> make_explain();
[[nodiscard]] std::unique_ptr<Subcommand> make_why();
[[nodiscard]] std::unique_ptr<Subcommand> make_series();
[[nodiscard]] std::unique_ptr<Subcommand> make_failures();
[[nodiscard]] std::unique_ptr<Subcommand> make_workers();
[[nodiscard]] std::unique_ptr<Subcommand> make_attempts();
[[nodiscard]] std::unique_ptr<Subcommand> make_duplicates();
[[nodiscard]] std::unique_ptr<Subcommand> make_overdue();
[[nodiscard]] std::unique_ptr<Subcommand> make_types();
[[nodiscard]] std::unique_ptr<Subcommand> make_token();
[[nodiscard]] std::unique_ptr<Subcommand> make_serve();
[[nodiscard]] std::unique_ptr<Subcommand> make_ui();
[[nodiscard]] std::unique_ptr<Subcommand> make_work();
[[nodiscard]] std::unique_ptr<Subcommand> make_exec();
[[nodiscard]] std::unique_ptr<Subcommand> make_spool();
[[nodiscard]] std::unique_ptr<Subcommand> make_seed();
[[nodiscard]] std::unique_ptr<Subcommand> make_help();
[[nodiscard]] std::unique_ptr<Subcommand> make_completion();
[[nodiscard]] std::unique_ptr<Subcommand> make_man();

}  // namespace runledger
